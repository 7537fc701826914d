package chansip

import (
	"os"
	"strings"
	"testing"
	"time"

	"obelus/chansip/show"
	"obelus/sip"
)

// TestShowSettings compares sip show settings of an empty sip.conf with the
// original's, line for line.
func TestShowSettings(t *testing.T) {
	text, err := os.ReadFile("testdata/show-settings.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(string(text), "Asterisk PBX 20.20.1", "obelus test")
	d := New(Config{Settings: readConf(t, "[general]\nudpbindaddr=127.0.0.1\n")})
	defer d.Close()
	var b strings.Builder
	show.Settings(&b, d.Settings())
	got, wanted := strings.Split(b.String(), "\n"), strings.Split(want, "\n")
	for i := range max(len(got), len(wanted)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(wanted) {
			w = wanted[i]
		}
		if g != w {
			t.Errorf("line %d: got %q, want %q", i+1, g, w)
		}
	}
}

const shownPeers = `
[general]
context=public
[1001]
type=friend
secret=1001
host=dynamic
qualify=yes
description=Reception
permit=10.99.0.0/16
max_contacts=2
[1002]
type=friend
host=dynamic
nat=force_rport,comedia
[anna-with-a-name-that-is-much-too-long]
type=peer
host=10.99.0.20
port=5080
defaultuser=anna
[Trunk]
type=peer
host=trunk.example
qualify=yes
insecure=port,invite
[caller]
type=user
`

// TestShowPeers has the console show accounts in the original's columns.
func TestShowPeers(t *testing.T) {
	inHouse(t, shownPeers, withNames, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.register("1001")
		p.reply(p.asked(sip.OPTIONS), 200)
		h.pass(10 * time.Second)
		var b strings.Builder
		h.d.ShowPeers(&b)
		want := strings.Join([]string{
			"Name/username             Host                                    Dyn Forcerport Comedia    ACL Port     Status      Description                      ",
			"1001/1001                 10.99.0.2                                D  Auto (No)  No          A  5070     OK (1 ms)   Reception                        ",
			"1002                      (Unspecified)                            D  Yes        Yes            0        Unmonitored                                  ",
			"anna-with-a-name-that-is- 10.99.0.20                                  Auto (No)  No             5080     Unmonitored                                  ",
			"Trunk                     10.99.0.30                                  Auto (No)  No             5060     UNREACHABLE                                  ",
			"4 sip peers [Monitored: 1 online, 1 offline Unmonitored: 1 online, 1 offline]",
			"",
		}, "\n")
		if got := b.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// TestShowPeer has the console show all phones of an account, and nothing that
// would steer a terminal.
func TestShowPeer(t *testing.T) {
	inHouse(t, shownPeers, withNames, func(h *house) {
		p, q := h.phone("1001", phoneOne), h.phone("1001", phoneTwo)
		if m := p.request(sip.REGISTER, "sip:10.99.0.1", "1001", "Contact: <sip:%1b[2Jevil@10.99.0.2:5070>", "User-Agent: first/1.0"); m.StatusCode() != 200 {
			t.Fatalf("answered\n%s", m.Bytes())
		}
		h.pass(10 * time.Second)
		q.register("1001", "User-Agent: second/1.0", "Expires: 3600")
		q.reply(q.asked(sip.OPTIONS), 200)
		h.pass(time.Second)
		var b strings.Builder
		if !h.d.ShowPeer(&b, "1001") {
			t.Fatal("it is not there")
		}
		for _, line := range []string{
			"  * Name       : 1001", "  Description  : Reception", "  Secret       : <Set>", "  Dynamic      : Yes", "  Max contacts : 2",
			"  ACL          : Yes", "  Addr->IP     : 10.99.0.3:5070", "  Def. Username: 1001", "  Codecs       : (ulaw|alaw|gsm|h263)",
			"  Status       : OK (1 ms)", "  Useragent    : second/1.0", "  Reg. Contact : sip:1001@10.99.0.3:5070",
			"  Status       : UNREACHABLE", "  Useragent    : first/1.0", "  Reg. Contact : sip:%1b[2Jevil@10.99.0.2:5070",
			"  Qualify Freq : 60000 ms", "  Sess-Timers  : Accept", "  Timer B      : 32000",
		} {
			if !strings.Contains(b.String(), line+"\n") {
				t.Errorf("no line %q in\n%s", line, b.String())
			}
		}
		if strings.Contains(b.String(), "secret=") || strings.ContainsRune(b.String(), 0x1b) {
			t.Errorf("shown is\n%q", b.String())
		}
		q.register("1001", "Expires: 0")
		b.Reset()
		if h.d.ShowPeer(&b, "1001"); !strings.Contains(b.String(), "  Def. Username: ?[2Jevil\n") {
			t.Errorf("shown is\n%q", b.String())
		}
		b.Reset()
		if h.d.ShowPeer(&b, "nobody") || b.String() != "Peer nobody not found.\n\n" {
			t.Errorf("somebody who is not there: %q", b.String())
		}
		if h.d.ShowPeer(&b, "caller") {
			t.Error("a user is shown as a peer")
		}
	})
}

func TestShowEmpty(t *testing.T) {
	inHouse(t, "", nil, func(h *house) {
		var b strings.Builder
		h.d.ShowChannels(&b)
		h.d.ShowRegistry(&b)
		want := "Peer             User/ANR         Call ID          Format           Hold     Last Message    Expiry     Peer      \n" +
			"0 active SIP dialogs\n" +
			"Host                                    dnsmgr Username       Refresh State                Reg.Time                 \n" +
			"0 SIP registrations.\n"
		if b.String() != want {
			t.Errorf("got\n%s\nwant\n%s", b.String(), want)
		}
	})
}
