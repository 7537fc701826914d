package sipconf

import (
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/sip/transport"
)

func TestParseNAT(t *testing.T) {
	both := NAT{ForceRport: true, Comedia: true}
	for _, c := range []struct {
		v    string
		want NAT
		odd  string
	}{
		{"no", NAT{}, ""}, {"never", NAT{}, ""}, {"route", NAT{}, ""}, {"off", NAT{}, ""}, {"", NAT{}, ""},
		{"force_rport", NAT{ForceRport: true}, ""}, {"comedia", NAT{Comedia: true}, ""},
		{"force_rport,comedia", both, ""}, {"comedia, Force_Rport", both, ""},
		{"auto_force_rport", NAT{AutoForceRport: true}, ""}, {"auto_comedia", NAT{AutoComedia: true}, ""},
		{"auto_force_rport,auto_comedia", NAT{AutoForceRport: true, AutoComedia: true}, ""},
		{"force_rport,auto_comedia", NAT{ForceRport: true, AutoComedia: true}, ""},
		{"auto_force_rport,force_rport", NAT{AutoForceRport: true}, ""},
		{"yes", both, "old way"}, {"no,force_rport", NAT{}, ""},
		{"force_rport,comedis", NAT{ForceRport: true}, `"comedis"`}, {"force_rport.comedia", NAT{}, `"force_rport.comedia"`},
	} {
		got, err := parseNAT(c.v)
		if got != c.want || !used(err) || (err == nil) != (c.odd == "") || err != nil && !strings.Contains(err.Error(), c.odd) {
			t.Errorf("nat=%s: %+v, %v", c.v, got, err)
		}
		if again, err := parseNAT(got.String()); err != nil || again != got {
			t.Errorf("nat=%s is written as %s", c.v, got)
		}
	}
}

func TestParseInsecure(t *testing.T) {
	both := Insecure{Port: true, Invite: true}
	for v, want := range map[string]Insecure{
		"port": {Port: true}, "invite": {Invite: true}, "port,invite": both, "invite, PORT": both, "very": both, "yes": {Port: true},
		"no": {}, "": {}, "invite,very": both,
	} {
		if got, err := parseInsecure(v); got != want || err != nil {
			t.Errorf("insecure=%s: %+v, %v", v, got, err)
		}
	}
	for v, want := range map[string]Insecure{"inviteport": {}, "port,foo": {Port: true}} {
		if got, err := parseInsecure(v); got != want || err == nil || !used(err) {
			t.Errorf("insecure=%s: %+v, %v", v, got, err)
		}
	}
}

func TestParseDirect(t *testing.T) {
	for v, want := range map[string]DirectMedia{
		"yes": {Allowed: true}, "no": {}, "nonat": {Allowed: true, NoNAT: true}, "update": {Allowed: true, Update: true},
		"update,nonat": {Allowed: true, NoNAT: true, Update: true}, "outgoing": {Allowed: true, Outgoing: true},
	} {
		if got, err := parseDirect(v); got != want || err != nil {
			t.Errorf("directmedia=%s: %+v, %v", v, got, err)
		}
	}
	if _, err := parseDirect("maybe"); used(err) {
		t.Error("maybe is taken")
	}
}

func TestParseCallerID(t *testing.T) {
	for v, want := range map[string]call.Party{
		`"Anna Banks" <100>`:       {Name: "Anna Banks", Number: "100"},
		`Anna Banks <100>`:         {Name: "Anna Banks", Number: "100"},
		`Anna<100>`:                {Name: "Anna", Number: "100"},
		`<100>`:                    {Number: "100"},
		`100`:                      {Number: "100"},
		`"100"`:                    {Name: "100"},
		`+1 (555) 123-45.67`:       {Number: "+15551234567"},
		`"Desk" <+1 (555) 123-45>`: {Name: "Desk", Number: "+155512345"},
		`Anna`:                     {Name: "Anna"},
		`"Anna"`:                   {Name: "Anna"},
		`"Приемная"`:               {Name: "Приемная"},
		`"a <b> c" <200>`:          {Name: "a <b> c", Number: "200"},
		`"Anna" <anna.b-c>`:        {Name: "Anna", Number: "anna.b-c"},
		`"Anna" <100`:              {Name: "Anna", Number: "100"},
		``:                         {},
		`<>`:                       {},
	} {
		if got := parseCallerID(v); got != want {
			t.Errorf("callerid=%s: %+v", v, got)
		}
	}
}

// FuzzParseCallerID: nothing panics, and no angle bracket gets into a number.
func FuzzParseCallerID(f *testing.F) {
	for _, s := range []string{`"Anna" <100>`, `<`, `>`, `"`, `100`, "\xff<\xfe>", `"<>"<1>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p := parseCallerID(s); strings.ContainsAny(p.Number, "<>") && strings.Contains(s, "<") {
			t.Errorf("%q gives number %q", s, p.Number)
		}
	})
}

func TestParseTransports(t *testing.T) {
	udp, tcp, tls, wss := transport.UDP, transport.TCP, transport.TLS, transport.WSS
	for _, c := range []struct {
		v    string
		want []transport.Transport
		err  string
	}{
		{"udp", []transport.Transport{udp}, ""},
		{" tcp , UDP ", []transport.Transport{tcp, udp}, ""},
		{"udp,tcp,tls", []transport.Transport{udp, tcp, tls}, ""},
		{"wss", []transport.Transport{wss}, "wss is not supported yet"},
		{"udp,pigeon", []transport.Transport{udp}, `"pigeon" is not one of udp, tcp, tls, ws, wss`},
		{"pigeon", nil, `"pigeon" is not one of udp, tcp, tls, ws, wss`},
		{"", nil, `"" is not one of udp, tcp, tls, ws, wss`},
	} {
		got, err := parseTransports(c.v)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if !slices.Equal(got, c.want) || text != c.err || used(err) != (got != nil) {
			t.Errorf("transport=%s: %v, %v", c.v, got, err)
		}
	}
}

// TestParseWords reads what takes one of a few words.
func TestParseWords(t *testing.T) {
	good := func(name string, ok bool, err error) {
		if !ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	odd := func(name string, ok bool, err error) {
		if !ok || err == nil || !used(err) {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	for v, want := range map[string]DTMFMode{
		"rfc2833": DTMFRFC4733, "RFC4733": DTMFRFC4733, "info": DTMFInfo, "shortinfo": DTMFShortInfo, "inband": DTMFInband, "auto": DTMFAuto,
	} {
		m, err := ParseDTMF(v)
		good("dtmfmode="+v, m == want, err)
	}
	m, err := ParseDTMF("rfc8233")
	odd("dtmfmode=rfc8233", m == DTMFRFC4733, err)

	for v, want := range map[string]string{"yes": "rpid", "rpid": "rpid", "pai": "pai", "no": "no", "": "no"} {
		s, err := parseSendRPID(v)
		good("sendrpid="+v, s == want, err)
	}
	s, err := parseSendRPID("x")
	odd("sendrpid=x", s == "no", err)

	for v, want := range map[string]string{"yes": "yes", "never": "never", "no": "no"} {
		s, err := parseInband(v)
		good("progressinband="+v, s == want, err)
	}
	s, err = parseInband("x")
	odd("progressinband=x", s == "no", err)

	for v, want := range map[string]string{"accept": "accept", "Originate": "originate", "refuse": "refuse"} {
		s, err := parseTimersMode(v)
		good("session-timers="+v, s == want, err)
	}
	s, err = parseTimersMode("no")
	odd("session-timers=no", s == "accept", err)

	uac, err := parseRefresher("UAC")
	good("session-refresher=UAC", uac, err)
	uac, err = parseRefresher("x")
	odd("session-refresher=x", !uac, err)

	for v, want := range map[string]int{"default": 3, "omit": 1, "billing": 2, "documentation": 3} {
		n, err := parseAMA(v)
		good("amaflags="+v, n == want, err)
	}
	if _, err := parseAMA("x"); used(err) {
		t.Error("amaflags=x is taken")
	}
	for v, want := range map[string]call.Presentation{"allowed": 3, "prohib_passed_screen": 0x21, "unavailable": 0x43, "67": 0x43} {
		p, err := parsePres(v)
		good("callingpres="+v, p == want, err)
	}
	if _, err := parsePres("x"); used(err) {
		t.Error("callingpres=x is taken")
	}
	on, err := parseOverlap("dtmf")
	odd("allowoverlap=dtmf", !on, err)
	on, err = parsePremature("no")
	good("prematuremedia=no", on, err)
}

func TestParseTimes(t *testing.T) {
	for v, want := range map[string]time.Duration{"yes": 2 * time.Second, "no": 0, "": 0, "500": 500 * time.Millisecond, "0": 0, "1": time.Millisecond} {
		if d, err := parseQualify(v); d != want || err != nil {
			t.Errorf("qualify=%s: %v, %v", v, d, err)
		}
	}
	for v, want := range map[string]time.Duration{"on": 0, "-5": 0, "700ms": 700 * time.Millisecond} {
		if d, err := parseQualify(v); d != want || err == nil || !used(err) {
			t.Errorf("qualify=%s: %v, %v", v, d, err)
		}
	}
	for v, want := range map[string]time.Duration{"yes": time.Minute, "no": 0, "25": 25 * time.Second} {
		if d, err := parseKeepalive(v); d != want || err != nil {
			t.Errorf("keepalive=%s: %v, %v", v, d, err)
		}
	}
	for _, v := range []string{"", "x", "-1", "99999999999", "x5"} {
		if d, err := units(time.Second, 0)(v); used(err) {
			t.Errorf("%q is %v", v, d)
		}
	}
}

// TestCodecs follows allow= and disallow= line by line.
func TestCodecs(t *testing.T) {
	start := codecList{formats: []media.Format{media.Ulaw, media.Alaw, media.GSM, media.H263}}
	for lines, want := range map[string]string{
		"":                         "ulaw|alaw|gsm|h263",
		"-all;+ulaw":               "ulaw",
		"-all;+alaw,ulaw":          "alaw|ulaw",
		"-all;+alaw|ulaw":          "alaw|ulaw",
		"-all;+alaw;+ulaw;+alaw":   "alaw|ulaw",
		"+gsm":                     "ulaw|alaw|gsm|h263",
		"+g722":                    "ulaw|alaw|gsm|h263|g722",
		"-gsm,h263":                "ulaw|alaw",
		"+!all,opus":               "opus",
		"+!gsm":                    "ulaw|alaw|h263",
		"-all,!g722":               "g722",
		"-all;+ulaw:30, alaw : 40": "ulaw|alaw",
		"-all":                     "nothing",
		"-ALL;+ULAW":               "ulaw",
		"-all;+g729,ilbc,h264,vp8,speex,slin,g723,g726": "g729|ilbc|h264|vp8|speex|slin|g723|g726",
	} {
		l := start
		for line := range strings.SplitSeq(lines, ";") {
			if line == "" {
				continue
			}
			var err error
			if l, err = l.change(line[0] == '+', line[1:]); err != nil {
				t.Errorf("%s: %v", lines, err)
			}
		}
		if got := formatList(l.formats); got != want {
			t.Errorf("%s: %s, want %s", lines, got, want)
		}
	}
	if got := formatList(start.formats); got != "ulaw|alaw|gsm|h263" || start.ptime != nil {
		t.Errorf("the list that all share is %s now", got)
	}
	all, err := start.change(true, "all")
	if err != nil || len(all.formats) != len(media.All()) || all.formats[0] != media.Ulaw || all.formats[3] != media.H263 {
		t.Errorf("allow=all: %v, %v", all.formats, err)
	}
	framed, err := start.change(true, "ulaw:30,g722:10")
	if err != nil || framed.ptime[media.Ulaw] != 30*time.Millisecond || framed.ptime[media.G722] != 10*time.Millisecond {
		t.Errorf("packets: %v, %v", framed.ptime, err)
	}
	for _, bad := range []string{"one", "g723 #comment", "ulaw:5", "ulaw:x", "ulaw&alaw"} {
		if l, err := start.change(true, bad); err == nil || !used(err) || len(l.formats) != 4 {
			t.Errorf("allow=%s: %v, %v", bad, l.formats, err)
		}
	}
}

// formatList is how a list of formats reads.
func formatList(list []media.Format) string {
	if len(list) == 0 {
		return "nothing"
	}
	var names []string
	for _, f := range list {
		names = append(names, f.String())
	}
	return strings.Join(names, "|")
}

func TestVideoSupport(t *testing.T) {
	for v, want := range map[string][2]bool{"yes": {true, false}, "no": {}, "Always": {true, true}, "": {}} {
		p := Peer{Common: &Common{Video: true, VideoAlways: true}}
		if err := setVideo(&p, v); err != nil || p.Video != want[0] || p.VideoAlways != want[1] {
			t.Errorf("videosupport=%s: %t, always %t, %v", v, p.Video, p.VideoAlways, err)
		}
	}
	p := Peer{Common: &Common{Video: true}}
	if err := setVideo(&p, "perhaps"); err == nil || !used(err) || p.Video {
		t.Errorf("videosupport=perhaps: %t, %v", p.Video, err)
	}
}

func TestT38(t *testing.T) {
	for v, want := range map[string]T38{
		"yes":                            {On: true, Correction: CorrectFEC},
		"yes,fec":                        {On: true, Correction: CorrectFEC},
		"yes, Redundancy":                {On: true, Correction: CorrectRedundancy},
		"yes,none":                       {On: true, Correction: CorrectNot},
		"yes,fec,maxdatagram=400":        {On: true, Correction: CorrectFEC, MaxDatagram: 400},
		"yes,redundancy,maxdatagram=200": {On: true, Correction: CorrectRedundancy, MaxDatagram: 200},
		"no":                             {},
		"":                               {},
	} {
		p := Peer{Common: &Common{T38: T38{On: true, MaxDatagram: 9}}}
		if err := setT38(&p, v); err != nil || p.T38 != want {
			t.Errorf("t38pt_udptl=%s: %+v, %v", v, p.T38, err)
		}
	}
	for v, taken := range map[string]bool{"yes,fec,fast": true, "yes,maxdatagram=x": false, "yes,maxdatagram=0": false, "maybe": true} {
		p := Peer{Common: &Common{T38: T38{MaxDatagram: 7}}}
		err := setT38(&p, v)
		if err == nil || used(err) != taken || !taken && p.T38.MaxDatagram != 7 {
			t.Errorf("t38pt_udptl=%s: %+v, %v", v, p.T38, err)
		}
	}
}
