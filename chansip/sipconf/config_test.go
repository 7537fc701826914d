package sipconf

import (
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"obelus/acl"
	"obelus/call"
	"obelus/conf"
	"obelus/media"
	"obelus/sip/transport"
)

// read reads a sip.conf and returns its findings as lines.
func read(t testing.TB, text string) (*Settings, []string) {
	t.Helper()
	f, found, err := new(conf.Loader).Parse("sip.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set, more := ReadSettings(f, nil, "obelus 1.0")
	var lines []string
	for _, d := range append(found, more...) {
		lines = append(lines, d.String())
	}
	return set, lines
}

// peer reads the lines of one account.
func peer(t testing.TB, lines string) (*Peer, []string) {
	t.Helper()
	set, found := read(t, "[x]\ntype=friend\nhost=dynamic\n"+lines)
	return set.Peers[0], found
}

// TestReadNothing: without a file there are the original's defaults.
func TestReadNothing(t *testing.T) {
	set, found := ReadSettings(nil, nil, "obelus 1.0")
	g := set.General
	if len(found) != 0 || len(set.Peers) != 0 {
		t.Errorf("found %v, accounts %v", found, set.Peers)
	}
	any5060 := []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:5060")}
	if !slices.Equal(g.UDPBind, any5060) || !slices.Equal(g.TCPBind, any5060) || g.TCP || !g.UDP {
		t.Errorf("listens on %v and %v (%v)", g.UDPBind, g.TCPBind, g.TCP)
	}
	if g.Default.Context != "default" || g.UserAgent != "obelus 1.0" || !g.AllowGuest || !g.AlwaysAuthReject || g.AuthOptions {
		t.Errorf("got %+v", g)
	}
}

// TestReadSeed reads the first file that obelus was made for.
func TestReadSeed(t *testing.T) {
	text, err := os.ReadFile("testdata/seed-sip.conf")
	if err != nil {
		t.Fatal(err)
	}
	set, found := read(t, string(text))
	if len(found) != 0 || len(set.Peers) != 2 || set.General.Default.Context != "public" {
		t.Fatalf("found %q, accounts %v", found, set.Peers)
	}
	for _, name := range []string{"1001", "1002"} {
		p := set.Peer(name)
		if p == nil || p.Secret != name || p.Context != "my" || !p.Dynamic || p.Type != TypeFriend ||
			p.NAT != (NAT{ForceRport: true, Comedia: true}) || p.MessageContext != "sms" || !p.AcceptMessages {
			t.Errorf("%s: %+v", name, p)
		}
	}
	var advice []string
	for _, d := range set.Lint() {
		advice = append(advice, d.String())
	}
	if n := strings.Count(strings.Join(advice, "\n"), "nat=yes: this is the old way to write nat=force_rport,comedia"); n != 1 {
		t.Errorf("nat=yes is named %d times: %q", n, advice)
	}
}

// TestOptionNames has every name that people write known, or named with what they
// meant. Old names work.
func TestOptionNames(t *testing.T) {
	names := rows(t, "option-names.tsv")
	if len(names) < 300 {
		t.Fatalf("only %d names", len(names))
	}
	works := []string{"limitonpeers", "dtmf", "reinvite", "cc_monitor_policy", "cc_agent_policy"} // in old versions, or in its callback part
	for _, r := range names {
		name, place, known := r[0], r[1], r[2] == "yes" || slices.Contains(works, r[0])
		if strings.HasPrefix(name, "[") {
			continue // a section: TestFindings
		}
		text := "[general]\n" + name + "=yes\n"
		if place == "peer" {
			text = "[x]\ntype=friend\nhost=dynamic\n" + name + "=yes\n"
		}
		_, found := read(t, text)
		unknown := strings.Contains(strings.Join(found, "\n"), "unknown option '"+name+"'")
		if unknown == known {
			t.Errorf("%s (%s): known is %v: %q", name, place, !unknown, found)
		}
	}
}

func TestSuggestions(t *testing.T) {
	for name, want := range map[string]string{
		"contect": "context", "contexto": "context", "alow": "allow", "careinvite": "canreinvite", "canreinivite": "canreinvite",
		"dtfmode": "dtmfmode", "direcmedia": "directmedia", "dissallow": "disallow", "srvlooku": "srvlookup", "calleried": "callerid",
		"allowquest": "allowguest", "accept_outofcall_messages": "accept_outofcall_message", ":insecure": "insecure", "`tos_text": "tos_text",
		"languade": "language", "quality": "qualify", "usename": "username", "sendprid": "sendrpid", "timer_b": "timerb", "binaddr": "bindaddr",
	} {
		_, found := read(t, "[general]\n"+name+"=x\n")
		line := fmt.Sprintf("sip.conf:2: warning: unknown option '%s' (it is ignored, as in the original: did you mean %s?)", name, want)
		if !slices.Equal(found, []string{line}) {
			t.Errorf("%s: %q", name, found)
		}
	}
	for name, want := range map[string]string{
		"rtpstart": "it belongs in rtp.conf", "dial": "a name of FreePBX or users.conf, which chan_sip does not know either",
		"force_rport": "write nat=force_rport", "password": "write secret=", "udpenable": "UDP is always on",
		"authuser": "defaultuser= is the name that another server knows us by", "xyzzy": "",
		"allow_sip_anon": "write allowguest=", "canredirect": "write promiscredir=",
	} {
		set, found := read(t, "[general]\n"+name+"=no\n")
		if want != "" {
			want = ": " + want
		}
		if len(found) != 1 || !strings.HasSuffix(found[0], "(it is ignored, as in the original"+want+")") || !set.General.UDP {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// TestOptionValues has every value that people write read. Those in broken are named as
// such; of the others some are not supported yet, and nothing else is wrong.
func TestOptionValues(t *testing.T) {
	broken := []string{
		"localnet=a.b.c.d/m.m.m.m", "udpbindaddr=a.b.c.d[:port]", "externip=…", "localnet=CIDR", "bindaddr=a.b.c.d[:port]", "localnet=no mask", // placeholders
		"nat=rport,comedia", "nat=force_rport.comedia", "dtmfmode=rfc3261", "dtmfmode=rfc8233", "insecure=inviteport",
		"nat=force_rport,comediainstead", "nat=force_rport,comedis", "nat=force_rport,сomedia",
		"nat=yesndicafaptulcadispozitivulseaflainspateleunuin", "tlsclientmethod=sslv2", "qualify=on", "videosupport=yes#videocallisallowed",
	}
	data, err := os.ReadFile("testdata/option-values.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, n := options(nil), 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		key, _, _ := strings.Cut(line, "=")
		o := known[key]
		text := "[general]\n" + line + "\n"
		if o.account != nil && o.general == nil && !o.both {
			text = "[x]\nhost=dynamic\ntype=friend\n" + line + "\n"
		}
		_, found := read(t, text)
		all := strings.Join(found, "\n")
		quiet := len(found) == 0 || len(found) == 1 && (strings.Contains(all, "is not supported yet") || strings.Contains(all, "has no effect"))
		if quiet == slices.Contains(broken, line) {
			t.Errorf("%s: %q", line, found)
		}
		n++
	}
	if n < 290 {
		t.Errorf("only %d values", n)
	}
}

// TestReadGeneral reads what counts for the house.
func TestReadGeneral(t *testing.T) {
	set, found := read(t, `
[general]
Context=in
ALLOWGUEST = no
autocreatepeer=yes
realm=example.com
useragent=Fancy/1
sdpsession=talk
sdpowner=house
udpbindaddr=192.0.2.1
bindport=5070
tcpenable=yes
tcpbindaddr=[::]
allowoverlap=no
alwaysauthreject=no
allowtransfer=no
allowsubscribe=no
auth_message_requests=no
auth_options_requests=yes
match_auth_username=yes
srvlookup=no
use_q850_reason=yes
disallowed_methods=UPDATE, PRACK
minexpiry=30
maxexpirey=300
defaultexpirey=90
registertimeout=10
registerattempts=5
register_retry_403=yes
qualifyfreq=30
qualifygap=50
qualifypeers=3
tcpauthtimeout=7
tcpauthlimit=8
externip=198.51.100.1:5090
externtcpport=5091
localnet=10.0.0.0/8,192.168.0.0/255.255.0.0
localnet=172.16.1.1
media_address=198.51.100.2
rtpbindaddr=192.0.2.3
callerid="Front desk" <100>
fromdomain=example.org
timert1=200
t1min=50
nat=no
max_contacts=5
supportpath=yes
[x]
type=peer
host=dynamic
[y]
type=peer
host=dynamic
supportpath=no
`)
	if len(found) != 0 {
		t.Errorf("found %q", found)
	}
	g := &set.General
	for what, ok := range map[string]bool{
		"context":  g.Context == "in" && g.Default.Context == "in" && set.Peer("x").Context == "in",
		"guests":   !g.AllowGuest && g.AutoCreate && !g.AlwaysAuthReject,
		"names":    g.Realm == "example.com" && g.UserAgent == "Fancy/1" && g.SDPSession == "talk" && g.SDPOwner == "house" && g.CallerID == "100" && g.FromDomain == "example.org",
		"udp":      len(g.UDPBind) == 1 && g.UDPBind[0] == netip.MustParseAddrPort("192.0.2.1:5070"),
		"tcp":      g.TCP && len(g.TCPBind) == 1 && g.TCPBind[0] == netip.MustParseAddrPort("[::]:5060"),
		"overlap":  !g.AllowOverlap && !set.Peer("x").AllowOverlap,
		"transfer": !g.AllowTransfer && !set.Peer("x").AllowTransfer && !g.AllowSubscribe,
		"auth":     !g.AuthMessages && g.AuthOptions && g.MatchAuthUsername,
		"sip":      !g.SRVLookup && g.Default.UseQ850 && slices.Equal(g.DisallowedMethods, []string{"UPDATE", "PRACK"}),
		"expiry":   g.MinExpiry == 30*time.Second && g.MaxExpiry == 300*time.Second && g.DefaultExpiry == 90*time.Second,
		"register": g.RegisterTimeout == 10*time.Second && g.RegisterAttempts == 5 && g.RegisterRetry403,
		"qualify":  g.QualifyFreq == 30*time.Second && g.QualifyGap == 50*time.Millisecond && g.QualifyPeers == 3,
		"tcpauth":  g.TCPAuthTimeout == 7*time.Second && g.TCPAuthLimit == 8,
		"extern":   g.ExternAddr == netip.MustParseAddrPort("198.51.100.1:5090") && g.ExternTCPPort == 5091,
		"localnet": fmt.Sprint(g.LocalNets) == "[10.0.0.0/8 192.168.0.0/16 172.16.1.1/32]",
		"media":    g.MediaAddr == netip.MustParseAddr("198.51.100.2") && g.RTPBind == netip.MustParseAddr("192.0.2.3"),
		"timers":   g.Default.T1 == 200*time.Millisecond && g.Default.TimerB == 12800*time.Millisecond,
		"nat":      set.Peer("x").NAT == NAT{},
		"contacts": set.Peer("x").MaxContacts == 5,
		"path":     set.Peer("x").SupportPath && !set.Peer("y").SupportPath,
	} {
		if !ok {
			t.Errorf("%s: %+v", what, g)
		}
	}
}

// TestReadAccount reads what counts for one account.
func TestReadAccount(t *testing.T) {
	set, found := read(t, `
[general]
context=in
disallow=all
allow=ulaw
[base](!)
type=friend
disallow=all
allow=g722:30|alaw,!gsm
setvar=A=1
secret=template
[Anna](base)
secret=a\;b;comment
md5secret=0123
remotesecret=r
host=10.0.0.7
port=5080
transport => tcp,udp
username=ann
description=Front desk
subscribecontext=
fromuser=f
fromdomain=d
callerid="Приемная" <+7 (495) 123-45-67>
cid_tag=tag
callingpres=prohib
regexten=100
language=ru
musicclass=jazz
mohsuggest=rock
accountcode=acc
amaflags=billing
setvar=B = x=y
defaultip=10.0.0.8
outboundproxy=proxy.example,force
insecure=very
permit=10.0.0.0/8
contactdeny=0.0.0.0/0
call_limit=3
busylevel=2
trustrpid=yes
sendrpid=pai
promiscredir=yes
timert1=300
session-timers=refuse
session-expires=600
session-minse=120
session-refresher=uac
maxforwards=20
dtmf=info
videosupport=yes
textsupport=yes
canreinvite=no
qualify=500
qualifyfreq=15
keepalive=yes
max_contacts=2
`)
	if len(found) != 0 {
		t.Errorf("found %q", found)
	}
	p := set.Peer("aNNa")
	if p == nil || p != set.Peer("Anna") || p.Name != "Anna" || p.Line != "sip.conf:12" || set.Peer("base") != nil {
		t.Fatalf("got %+v", p)
	}
	for what, ok := range map[string]bool{
		"secrets":  p.Secret == "a;b" && p.MD5Secret == "0123" && p.RemoteSecret == "r" && p.Username == "ann",
		"where":    p.Addr == netip.MustParseAddrPort("10.0.0.7:5080") && !p.Dynamic && p.DefaultAddr == netip.MustParseAddr("10.0.0.8") && p.OutboundProxy == "proxy.example,force",
		"how":      slices.Equal(p.Transports, []transport.Transport{transport.TCP, transport.UDP}),
		"from":     p.FromUser == "f" && p.FromDomain == "d" && p.Context == "in",
		"callerid": p.CallerID == call.Party{Name: "Приемная", Number: "+74951234567", Tag: "tag"} && p.CIDPres == 0x23,
		"texts":    p.Description == "Front desk" && p.Exten == "100" && p.Language == "ru" && p.Music == "jazz" && p.MusicSuggest == "rock" && p.Account == "acc" && p.AMAFlags == 2,
		"vars":     slices.Equal(p.Vars, []Var{{"A", "1"}, {"B", "x=y"}}),
		"insecure": p.Insecure == Insecure{Port: true, Invite: true} && len(p.ACL) == 1 && len(p.ContactACL) == 1,
		"limits":   p.CallLimit == 3 && p.BusyLevel == 2 && p.MaxForwards == 20 && p.MaxContacts == 2,
		"rpid":     p.TrustRPID && p.SendRPID == "pai" && p.PromiscRedir,
		"timers":   p.T1 == 300*time.Millisecond && p.TimerB == 19200*time.Millisecond,
		"sessions": p.Timers == SessionTimers{Mode: "refuse", Expires: 10 * time.Minute, Min: 2 * time.Minute, RefresherUAC: true},
		"media":    p.DTMF == DTMFInfo && p.Video && p.Text && p.Direct == DirectMedia{},
		"codecs":   slices.Equal(p.Formats, []media.Format{media.G722, media.Alaw}) && p.Ptime[media.G722] == 30*time.Millisecond,
		"reach":    p.Qualify == 500*time.Millisecond && p.QualifyFreq == 15*time.Second && p.Keepalive == time.Minute,
	} {
		if !ok {
			t.Errorf("%s: %+v", what, p)
		}
	}
	if !slices.Equal(set.General.Default.Formats, []media.Format{media.Ulaw}) || set.General.Default.Ptime != nil || set.General.Default.Vars != nil {
		t.Error("an account changed what the others begin with")
	}
}

// TestFindings has what is wrong named, with its place and what happens instead.
func TestFindings(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[a]\nsecret=x\n", "sip.conf:1: warning: Section 'a' lacks type (the section is ignored, as in the original: write type=friend, peer or user)"},
		{"[a]\ntype=phone\n", "sip.conf:1: warning: Unknown type 'phone' for 'a' (the section is ignored, as in the original: write type=friend, peer or user)"},
		{"[a]\ntype=peer\n", "sip.conf:1: note: account 'a' has no host: it can't register, nor be called (write host=dynamic to have it register)"},
		{"[a]\ntype=peer\nhost=\n", "sip.conf:3: warning: host=: it names no host (it is ignored: the value before it, or the default, holds)"},
		{"[general]\nsecret=x\n", "sip.conf:2: warning: secret in [general] has no effect (it belongs in an account)"},
		{"[a]\ntype=user\nrealm=x\n", "sip.conf:3: warning: realm in an account has no effect (it belongs in [general])"},
		{"[a]\ntype=user\nregister=u@h\n", "sip.conf:3: warning: register in an account has no effect (it belongs in [general])"},
		{"[a]\ntype=user\ndisallowed_methods=UPDATE\n", "sip.conf:3: warning: disallowed_methods=UPDATE: it counts in [general] only (it is ignored: the value before it, or the default, holds)"},
		{"[general]\nmaxexpiry=soon\n", "sip.conf:2: warning: maxexpiry=soon: it is no number from 1 on (it is ignored: the value before it, or the default, holds)"},
		{"[general]\nbindport=99999\n", "sip.conf:2: warning: bindport=99999: it is no number from 1 to 65535 (it is ignored: the value before it, or the default, holds)"},
		{"[general]\nmaxforwards=300\n", "sip.conf:2: warning: maxforwards=300: it is no number from 1 to 255 (it is ignored: the value before it, or the default, holds)"},
		{"[general]\nqualify=200 #x\n", "sip.conf:2: warning: qualify=200 #x: there is more than a number (it means 200, as in the original)"},
		{"[general]\nallowguest=nope\n", "sip.conf:2: warning: allowguest=nope: it is neither yes nor no (it means no, as in the original)"},
		{"[general]\ntcpenable=sure\n", "sip.conf:2: warning: tcpenable=sure: it is neither yes nor no (it means yes, as in the original)"},
		{"[general]\nautocreatepeer=persist\n", "sip.conf:2: warning: autocreatepeer=persist: persist is not supported yet (accounts that were made so are forgotten with the next reload)"},
		{"[general]\nsdpowner=two words\n", "sip.conf:2: warning: sdpowner=two words: it is not one word (it is ignored: the value before it, or the default, holds)"},
		{"[general]\nallow=one,ulaw,two\n", `sip.conf:2: warning: allow=one,ulaw,two: there is no codec "one, two" (the rest is used, as in the original)`},
		{"[general]\nregister => host\n", "sip.conf:2: warning: register => host: it names no user: there is no @ (nothing is registered: the form is " + registerForm + ")"},
		{"[general]\nsession-minse=60\n", "sip.conf:2: warning: session-minse=60: it is no number from 90 on (it is ignored: the value before it, or the default, holds)"},
		{"[general]\nudpbindaddr=10.0.0.1:5070\nbindport=5080\n", "sip.conf:2: warning: the address names port 5070 and bindport is 5080 (bindport is taken, as in the original)"},
		{"[general]\ntimert1=20\n", "sip.conf:1: warning: timert1 of [general] is below t1min (100 is taken)"},
		{"[general]\ntimerb=1000\n", "sip.conf:1: note: timerb of [general] is below 64 times timert1 (requests may be given up too early (RFC 3261 section 17.1.1.1))"},
		{"[authentication]\nauth=u:p\n", "sip.conf:2: warning: auth=u:p: it names no realm: the form is user:secret@realm, or user#md5secret@realm (it is ignored: the value before it, or the default, holds)"},
		{"[authentication]\nsecret=p\n", "sip.conf:2: warning: secret in [authentication] has no effect (the section has auth=user:secret@realm lines alone)"},
		{"[general]\nauth=u#p@r\n", "sip.conf:2: warning: auth=u#p@r: what is behind the # is no MD5 of user:realm:secret (it is ignored: the value before it, or the default, holds)"},
		{"[general]\nauth=:p@r\n", "sip.conf:2: warning: auth=:p@r: it names no user: the form is user:secret@realm, or user#md5secret@realm (it is ignored: the value before it, or the default, holds)"},
		{"[a]\ntype=peer\nhost=dynamic\npermit=10.0.0.0/8,x\n", `sip.conf:4: warning: permit=10.0.0.0/8,x: "x" is no address (the line counts up to there, as in the original: see who is let in now)`},
		{"[a]\ntype=peer\nhost=dynamic\nacl=office\n", "sip.conf:4: warning: acl=office: acl.conf has no list office (nobody passes, as in the original)"},
		{"[a]\ntype=peer\nhost=dynamic\nsetvar=x\n", "sip.conf:4: warning: setvar=x: it is not of the form name=value (it is ignored: the value before it, or the default, holds)"},
		{"[a]\ntype=peer\nhost=dynamic\ncallbackextension=7\n", "sip.conf:1: warning: callbackextension of 'a' can't be carried out (nothing is registered: it needs a fixed host and a defaultuser)"},
	} {
		_, found := read(t, c.text)
		if len(found) == 0 || found[0] != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.text, found, c.want)
		}
	}
}

// TestQuiet: what asks for what happens anyway needs no word.
func TestQuiet(t *testing.T) {
	for _, line := range []string{
		"tlsenable=no", "encryption=no", "jbenable=no", "directmedia=no", "canreinvite=no", "callgroup=", "pedantic=yes", "progressinband=never",
		"t38pt_udptl=no", "callcounter=yes", "limitonpeers=yes", "tos_sip=cs0", "websocket_enabled=false", "prematuremedia=yes", "rtptimeout=0",
		"cc_agent_policy=never", "allowexternaldomains=yes", "rtp_engine=asterisk", "videosupport=no", "ignoresdpversion=yes", "shrinkcallerid=no",
	} {
		if _, found := peer(t, line+"\n"); len(found) != 0 && !strings.Contains(found[0], "belongs in [general]") {
			t.Errorf("%s: %q", line, found)
		}
	}
	// What many accounts inherit is said once.
	text := "[t](!)\ntype=friend\nhost=dynamic\ndtlsenable=yes\nunknwn=1\n"
	for i := range 50 {
		text += fmt.Sprintf("[%d](t)\n", i)
	}
	if _, found := read(t, text); len(found) != 2 {
		t.Errorf("%d findings: %q", len(found), found)
	}
}

// TestAccountTwice has a second section of one name add to the first.
func TestAccountTwice(t *testing.T) {
	set, found := read(t, "[Bob]\ntype=user\nsecret=a\ncontext=in\nhost=dynamic\n[bob]\ntype=peer\nsecret=b\n")
	p := set.Peer("bob")
	if len(set.Peers) != 1 || p.Type != TypeFriend || p.Secret != "b" || p.Context != "in" || p.Name != "Bob" {
		t.Errorf("got %+v", p)
	}
	if len(found) != 1 || found[0] != "sip.conf:6: note: account 'Bob' is there twice (its lines add to those of sip.conf:1, as in the original)" {
		t.Errorf("found %q", found)
	}
}

// TestContactACL: contactdeny in [general] can't be undone by an account, and
// dynamic_exclude_static keeps the places of fixed accounts.
func TestContactACL(t *testing.T) {
	set, found := read(t, `
[general]
contactdeny=0.0.0.0/0
contactpermit=10.0.0.0/8
dynamic_exclude_static=yes
[a]
type=friend
host=dynamic
contactpermit=192.168.0.0/16
[trunk]
type=peer
host=10.0.0.9
`)
	if len(found) != 0 {
		t.Errorf("found %q", found)
	}
	for addr, want := range map[string]bool{"10.1.1.1": true, "192.168.1.1": false, "10.0.0.9": false} {
		for name, list := range map[string]acl.List{"a": set.Peer("a").ContactACL, "any": set.General.Default.ContactACL} {
			if got := list.Allows(netip.MustParseAddr(addr)); got != want {
				t.Errorf("%s for %s: %v, want %v", addr, name, got, want)
			}
		}
	}
}

// TestNamedLists: lists of acl.conf and an account's own lines must all let an
// address pass, in whatever order they stand; a list that is not there lets nobody.
func TestNamedLists(t *testing.T) {
	file := func(name, text string) *conf.File {
		f, found, err := (&conf.Loader{ReadFile: func(string) ([]byte, error) { return []byte(text), nil }}).Load(name)
		if err != nil || len(found) > 0 {
			t.Fatal(found, err)
		}
		return f
	}
	lists, found := acl.Read(file("acl.conf", "[lan]\ndeny=0.0.0.0/0\npermit=10.0.0.0/8\n[floor2]\ndeny=10.1.0.0/16\n"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	set, found := ReadSettings(file("sip.conf", `
[general]
contactacl=floor2
[a]
type=friend
host=dynamic
deny=10.0.0.1
acl=lan,floor2
permit=10.0.0.1
deny=10.0.0.2
directmediaacl=lan
[b]
type=friend
host=dynamic
acl=lan,cellar
`), lists, "obelus")
	var said []string
	for _, d := range found {
		said = append(said, d.String())
	}
	if want := []string{"sip.conf:15: warning: acl=lan,cellar: acl.conf has no list cellar (nobody passes, as in the original)"}; !slices.Equal(said, want) {
		t.Errorf("found %q", said)
	}
	a, b := set.Peer("a"), set.Peer("b")
	for addr, want := range map[string]string{
		"10.0.0.1": "acl contact direct", "10.0.0.2": "contact direct", "10.1.0.1": "direct", "192.0.2.1": "contact", "2001:db8::1": "acl contact direct",
	} {
		var got []string
		for _, l := range []struct {
			name string
			list acl.List
		}{{"acl", a.ACL}, {"contact", a.ContactACL}, {"direct", a.DirectACL}, {"b", b.ACL}} {
			if l.list.Allows(netip.MustParseAddr(addr)) {
				got = append(got, l.name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s passes %q, want %s", addr, got, want)
		}
	}
}

// TestReadRegisters has lines of [general] and accounts with callbackextension
// register.
func TestReadRegisters(t *testing.T) {
	set, found := read(t, `
[general]
register => user:xxx?@trunk
register => 
[provider]
type=peer
host=sip.example:5070
defaultuser=me
secret=s
callbackextension=200
`)
	want := []Register{
		{User: "user", Secret: "xxx?", Host: "trunk", Line: "sip.conf:3"},
		{Peer: "provider", Transport: transport.UDP, User: "me", Secret: "s", Host: "sip.example", Port: 5070, Exten: "200", Line: "sip.conf:5"},
	}
	if !slices.Equal(set.Registers, want) {
		t.Errorf("got %+v", set.Registers)
	}
	if len(found) != 1 || !strings.Contains(found[0], "register => : it is empty") {
		t.Errorf("found %q", found)
	}
}

// TestReadBind settles where to listen.
func TestReadBind(t *testing.T) {
	for lines, want := range map[string]string{
		"":                                 "0.0.0.0:5060 0.0.0.0:5060",
		"bindport=5070":                    "0.0.0.0:5070 0.0.0.0:5070",
		"port=5070":                        "0.0.0.0:5070 0.0.0.0:5070",
		"bindaddr=::":                      "[::]:5060 [::]:5060",
		"udpbindaddr=[::]:5062":            "[::]:5062 [::]:5062",
		"bindaddr=10.0.0.1\nbindport=5070": "10.0.0.1:5070 10.0.0.1:5070",
		"tcpbindaddr=10.0.0.2":             "0.0.0.0:5060 10.0.0.2:5060",
		"tcpbindaddr=10.0.0.2:5099\nbindaddr=10.0.0.1:5061": "10.0.0.1:5061 10.0.0.2:5099",
		"bindaddr=10.0.0.1:5061\nbindport=5062":             "10.0.0.1:5062 10.0.0.1:5062",
	} {
		set, _ := read(t, "[general]\n"+lines+"\n")
		if got := fmt.Sprint(set.General.UDPBind[0], " ", set.General.TCPBind[0]); got != want {
			t.Errorf("%q: %s, want %s", lines, got, want)
		}
	}
}

// manyAccounts is a sip.conf of n accounts.
func manyAccounts(n int) []byte {
	var b strings.Builder
	b.WriteString("[general]\ncontext=public\nudpbindaddr=0.0.0.0\n[phone](!)\ntype=friend\nhost=dynamic\nnat=force_rport,comedia\ndisallow=all\nallow=ulaw,alaw\ncanreinvite=no\n")
	for i := range n {
		fmt.Fprintf(&b, "[%d](phone)\nsecret=Zq8%dkk2w\ncontext=my\ncallerid=\"Phone %d\" <%d>\nqualify=yes\naccept_outofcall_message=yes\noutofcall_message_context=sms\n", 10000+i, i, i, 10000+i)
	}
	return []byte(b.String())
}

// TestAccountSize: an account costs 2 KB at most, with all that is thrown away
// again while it is read.
func TestAccountSize(t *testing.T) {
	f, _, err := new(conf.Loader).Parse("sip.conf", manyAccounts(1000))
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	set, _ := ReadSettings(f, nil, "obelus")
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(len(set.Peers)); each > 2048 {
		t.Errorf("%d bytes an account, %d of them Peer itself", each, unsafe.Sizeof(Peer{}))
	}
}

// BenchmarkReadSettings reads ten thousand accounts; an operation should take
// less than 100 ms, and 20 MB.
func BenchmarkReadSettings(b *testing.B) {
	f, _, err := new(conf.Loader).Parse("sip.conf", manyAccounts(10000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if set, found := ReadSettings(f, nil, "obelus"); len(set.Peers) != 10000 || len(found) != 0 {
			b.Fatal(len(set.Peers), found)
		}
	}
}

// FuzzReadSettings: no file makes it panic, and every account that is listed is
// found by its name.
func FuzzReadSettings(f *testing.F) {
	seed, err := os.ReadFile("testdata/seed-sip.conf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(seed))
	f.Add("[general]\nregister => u:p@h/e~1\nbindport=1\nudpbindaddr=[::]:2\nlocalnet=1.2.3.4/0\n[a]\ntype=peer\nhost=[::1]:5\nallow=!all,ulaw:20\ncallerid=<\n")
	f.Add("[a]\ntype=user\ncallbackextension=1\nnat=,\ninsecure=,\nqualify=-1\ntransport=,\nmailbox=,\nsetvar==\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := new(conf.Loader).Parse("sip.conf", []byte(text))
		if err != nil {
			return
		}
		set, _ := ReadSettings(file, nil, "obelus")
		set.Lint()
		for _, p := range set.Peers {
			if set.Peer(p.Name) != p {
				t.Errorf("account %q is not found", p.Name)
			}
		}
	})
}

// rows are the lines of a table under its headline.
func rows(t testing.TB, file string) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		out = append(out, strings.Split(line, "\t"))
	}
	return out
}
