package settings

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/conf"
	"obelus/internal/filetree"
)

func parsed(t *testing.T, name, text string) *conf.File {
	t.Helper()
	f, _, err := new(conf.Loader).Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func texts(found []conf.Diagnostic) []string {
	var out []string
	for _, d := range found {
		out = append(out, d.String())
	}
	return out
}

func TestReadRTP(t *testing.T) {
	whole := RTP{Start: 10000, End: 20000, Strict: true, Probation: 4}
	for text, c := range map[string]struct {
		want RTP
		said []string
	}{
		"":          {whole, nil},
		"[general]": {whole, nil},
		"[general]\nrtpstart=5000\nrtpend=5100\nstrictrtp=no\nprobation=8": {RTP{Start: 5000, End: 5100, Probation: 8}, nil},
		"[general]\nsrtpreplayprotection=no":                               {RTP{Start: 10000, End: 20000, Strict: true, Probation: 4, Replays: true}, nil},
		"[general]\ndtmftimeout=1000":                                      {RTP{Start: 10000, End: 20000, Strict: true, Probation: 4, DigitTimeout: 1000}, nil},
		"[general]\nrtcpinterval=2000\nrtpchecksums=no": {
			RTP{Start: 10000, End: 20000, Strict: true, Probation: 4, Interval: 2 * time.Second, NoChecksums: true}, nil,
		},
		"[general]\nstrictrtp=seqno":  {whole, nil},
		"[general]\nstrictrtp=maybe":  {whole, []string{`rtp.conf:2: warning: strictrtp: "maybe" is none of yes, no, seqno (the default is kept)`}},
		"[general]\nrtcpinterval=100": {whole, []string{`rtp.conf:2: warning: rtcpinterval: "100" is no number from 500 to 60000 (the default is kept)`}},
		"[general]\nrtpstart=x":       {whole, []string{`rtp.conf:2: warning: rtpstart: "x" is no number from 1 to 65535 (the default is kept)`}},
		"[general]\nrtpstart=30000":   {whole, []string{"rtp.conf:1: warning: Unreasonable values for RTP start/end port: 30000 to 20000 (10000 to 20000 are used)"}},
		"[general]\nrtpstrt=1":        {whole, []string{"rtp.conf:2: warning: unknown option 'rtpstrt' (it is ignored; did you mean rtpstart?)"}},
		"[general]\nicesupport=yes":   {whole, []string{"rtp.conf:2: warning: icesupport is not supported yet (ICE comes with browsers)"}},
		"[general]\nicesupport=no":    {whole, []string{"rtp.conf:2: note: icesupport is not supported yet (ICE comes with browsers)"}},
	} {
		got, found := readRTP(parsed(t, "rtp.conf", text))
		if got != c.want || !slices.Equal(texts(found), c.said) {
			t.Errorf("%q: %+v %q, want %+v %q", text, got, texts(found), c.want, c.said)
		}
	}
	if got, found := readRTP(nil); got != whole || found != nil {
		t.Errorf("without a file: %+v %v", got, found)
	}
}

func TestReadOwn(t *testing.T) {
	for text, c := range map[string]struct {
		store string
		said  []string
	}{
		"":                       {SQLite, nil},
		"[store]\nengine=memory": {Memory, nil},
		"[store]\nEngine=SQLite": {SQLite, nil},
		"[store]\nengine=oracle": {SQLite, []string{"obelus.conf:2: warning: engine=oracle is not one of sqlite, postgres, memory (sqlite is used)"}},
		"[store]\nmotor=memory":  {SQLite, []string{"obelus.conf:2: warning: unknown option 'motor' in [store] (there is dsn=, engine=, keep_calls=, node=, refresh_flush=, strict=)"}},
		"[store]\nengine=postgres\ndsn=postgres://u:p@h/d":                                        {Postgres, nil},
		"[store]\nengine=postgres\ndsn=host=h user=u password='p w' dbname=d\nnode=a\nstrict=yes": {Postgres, nil},
		"[store]\nengine=postgres": {Postgres, []string{"obelus.conf:1: warning: engine=postgres has no dsn=, and PGHOST is not set either (write dsn=postgres://user:password@host/database; " +
			"without it a server of this machine is asked, as whoever runs obelus)"}},
		"[store]\nengine=postgres\ndsn=postgres://u:secret@h:port/d": {Postgres, []string{"obelus.conf:3: warning: the dsn can't be read: invalid port (with engine=postgres the server does not start)"}},
		"[store]\nnode=a b\nstrict=maybe": {SQLite, []string{"obelus.conf:2: warning: node=a b is no name of at most 64 characters without spaces (the name of the host is used)",
			"obelus.conf:3: warning: strict=maybe is neither yes nor no (no is used)"}},
		"[stores]\nengine=memory":    {SQLite, []string{"obelus.conf:1: warning: unknown section [stores] (there is [mail], [media], [programs], [store], [stun])"}},
		"[store]\nrefresh_flush=11s": {SQLite, []string{"obelus.conf:2: warning: refresh_flush=11s is neither 0 nor from 1s to 10s (each refresh is written before it is answered)"}},
		"[store]\nrefresh_flush=5":   {SQLite, nil},
	} {
		got, found := readOwn(parsed(t, "obelus.conf", text))
		if got.Store.Engine != c.store || !slices.Equal(texts(found), c.said) {
			t.Errorf("%q: %s %q, want %s %q", text, got.Store.Engine, texts(found), c.store, c.said)
		}
	}
}

// TestReadConfig: every file may be missing, and one that is broken is told with
// all others that are.
func TestReadConfig(t *testing.T) {
	c, found, err := Read(Dirs{Config: t.TempDir()}, "obelus")
	if err != nil || len(found) > 0 {
		t.Fatalf("an empty directory: %v %q", err, texts(found))
	}
	if c.RTP.Start != 10000 || len(c.Plan.Contexts) != 0 || len(c.SIP.Peers) != 0 || c.SIP.General.UDPBind[0].Port() != 5060 {
		t.Errorf("defaults: %+v", c.RTP)
	}
	_, _, err = Read(Dirs{Config: filetree.Write(t, map[string]string{"sip.conf": "x=y\n", "extensions.conf": "exten => s,1,NoOp()\n"})}, "obelus")
	if err == nil || !strings.Contains(err.Error(), "sip.conf:1") || !strings.Contains(err.Error(), "extensions.conf:1") {
		t.Errorf("two broken files: %v", err)
	}
}

// TestBuiltinListensPrivately: its passwords are known to everybody.
func TestBuiltinListensPrivately(t *testing.T) {
	c, _, err := Read(oneHome("", t.TempDir()), "obelus")
	if err != nil {
		t.Fatal(err)
	}
	g := &c.SIP.General
	for _, a := range append(slices.Clone(g.UDPBind), g.TCPBind...) {
		if !a.Addr().IsLoopback() && !a.Addr().IsPrivate() {
			t.Errorf("it listens on %s", a)
		}
	}
	if len(g.UDPBind) == 0 || g.AllowGuest || c.SIP.Peer("1001").MaxContacts != 5 || c.SIP.Peer("1002") == nil {
		t.Errorf("%v, guests %v", g.UDPBind, g.AllowGuest)
	}
	here := netip.MustParseAddrPort("127.0.0.9:5099")
	g.UDPBind = []netip.AddrPort{here} // of a server that works with it
	if again, _, err := Again(oneHome("", t.TempDir()), "obelus", c, "extensions.conf"); err != nil || again.SIP != c.SIP || len(g.UDPBind) != 1 || g.UDPBind[0] != here {
		t.Errorf("extensions.conf alone changes where the running server listens: %v, %v", g.UDPBind, err)
	}
}
