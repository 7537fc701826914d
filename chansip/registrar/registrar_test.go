package registrar

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/chansip/door"
	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

var (
	houseAddr = netip.MustParseAddrPort("10.99.0.1:5060")
	phoneAddr = netip.MustParseAddrPort("10.99.0.2:5070")
)

// house is a clerk, and what it has told.
type house struct {
	t           *testing.T
	clerk       *Clerk
	door        *door.Door
	where       *location.Registrar
	seq         int
	here, moved []string
	answer      *sip.Message
}

// inHouse runs a test in a bubble, with a house that has this sip.conf.
func inHouse(t *testing.T, sipConf string, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f, _, err := new(conf.Loader).Parse("sip.conf", []byte(sipConf))
		if err != nil {
			t.Fatal(err)
		}
		set, _ := sipconf.ReadSettings(f, nil, "obelus test")
		settings := func() *sipconf.Settings { return set }
		h := &house{t: t}
		log := slog.New(slog.DiscardHandler)
		if h.where, err = location.Open(t.Context(), location.Config{Log: log}); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := h.where.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		at := reach.New(reach.Config{Log: log, Location: h.where, Settings: settings, Life: t.Context()})
		h.door = door.New(door.Config{
			Log: log, Settings: settings, ByAddr: at.ByAddr, Proved: func(transport.Flow) {}, Tag: func(*sip.Message) string { return "ours" },
		})
		h.clerk = New(Config{
			Log: log, Location: h.where, Reach: at, Outside: outside.New(outside.Config{Log: log, Settings: settings}),
			UDP:   func(netip.AddrPort) (transport.Flow, bool) { return transport.Flow{Local: houseAddr}, true },
			Here:  func(p *sipconf.Peer, contact string) { h.here = append(h.here, p.Name+" "+contact) },
			Moved: func(p *sipconf.Peer, b *location.Binding) { h.moved = append(h.moved, p.Name+" "+b.Received.String()) },
		})
		test(h)
	})
}

// registers has a phone send a REGISTER with these headers, and returns the answer.
func (h *house) registers(user string, over transport.Transport, headers ...string) *sip.Message {
	h.t.Helper()
	h.seq++
	rest := ""
	for _, line := range headers {
		rest += line + "\n"
	}
	text := fmt.Sprintf("REGISTER sip:10.99.0.1 SIP/2.0\nVia: SIP/2.0/%s 10.99.0.2:5070;branch=z9hG4bK%d;rport\nFrom: <sip:%[3]s@10.99.0.1>;tag=t\nTo: <sip:%[3]s@10.99.0.1>\n"+
		"Call-ID: a\nCSeq: %[2]d REGISTER\n%[4]sContent-Length: 0\n\n", over, h.seq, user, rest)
	m, err := sip.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		h.t.Fatal(err)
	}
	h.answer, h.here, h.moved = nil, nil, nil
	r := h.door.Request(nil, m, transport.FlowFunc(over, houseAddr, phoneAddr, func(b []byte, _ netip.AddrPort) error {
		if h.answer, err = sip.Parse(append([]byte(nil), b...)); err != nil {
			h.t.Error(err)
		}
		return err
	}))
	h.clerk.Serve(&r)
	if h.answer == nil {
		h.t.Fatal("a REGISTER is not answered")
	}
	return h.answer
}

// registered are the contacts of an account and how long they last, as text.
func (h *house) registered(name string) string {
	var out []string
	for _, b := range h.where.Lookup(nil, name, time.Now()) {
		out = append(out, fmt.Sprint(b.Contact, " ", b.Received, " ", time.Until(b.Expires)))
	}
	return strings.Join(out, "; ")
}

const accounts = `
[general]
alwaysauthreject=no
minexpiry=60
maxexpiry=3600
defaultexpiry=120
nat=no
[1001]
type=friend
host=dynamic
[two]
type=friend
host=dynamic
max_contacts=2
[natted]
type=friend
host=dynamic
nat=force_rport
[secret]
type=friend
host=dynamic
secret=geheim
[barred]
type=friend
host=dynamic
deny=0.0.0.0/0
[local]
type=friend
host=dynamic
contactdeny=10.99.0.7/255.255.255.255
[trunk]
type=friend
host=10.99.0.30
[user]
type=user
`

// TestContacts takes what may be taken, for as long as sip.conf lets it, and refuses
// everything else.
func TestContacts(t *testing.T) {
	const at = " 10.99.0.2:5070 "
	for _, c := range []struct {
		name, user string
		over       transport.Transport
		headers    []string
		status     int
		want       string
	}{
		{"one", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>", "Expires: 600"}, 200, "sip:a@10.99.0.2:5070" + at + "10m0s"},
		{"its own expires", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>;expires=300", "Expires: 600"}, 200, "sip:a@10.99.0.2:5070" + at + "5m0s"},
		{"no expires", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>"}, 200, "sip:a@10.99.0.2:5070" + at + "2m0s"},
		{"too brief", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>", "Expires: 1"}, 200, "sip:a@10.99.0.2:5070" + at + "1m0s"},
		{"too long", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>", "Expires: 999999"}, 200, "sip:a@10.99.0.2:5070" + at + "1h0m0s"},
		{"elsewhere", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.9>"}, 200, "sip:a@10.99.0.9 10.99.0.9:5060 2m0s"},
		{"behind NAT", "natted", transport.UDP, []string{"Contact: <sip:a@192.168.1.2>"}, 200, "sip:a@192.168.1.2" + at + "2m0s"},
		{"over a connection", "1001", transport.TCP, []string{"Contact: <sip:a@192.168.1.2;transport=tcp>"}, 200, "sip:a@192.168.1.2;transport=tcp" + at + "2m0s"},
		{"a name", "1001", transport.UDP, []string{"Contact: <sip:a@phone.example>"}, 200, "sip:a@phone.example" + at + "2m0s"},
		{"two where one may be", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>, <sip:b@10.99.0.2:5071>"}, 200, "sip:a@10.99.0.2:5070" + at + "2m0s"},
		{"two where two may be", "two", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>;q=0.9, <sip:b@10.99.0.2:5071>;q=0.1"}, 200, "sip:a@10.99.0.2:5070" + at + "2m0s; sip:b@10.99.0.2:5071 10.99.0.2:5071 2m0s"},
		{"a question", "1001", transport.UDP, nil, 200, ""},
		{"the star", "1001", transport.UDP, []string{"Contact: *", "Expires: 0"}, 200, ""},
		{"the star that takes nothing away", "1001", transport.UDP, []string{"Contact: *", "Expires: 60"}, 400, ""},
		{"the star in company", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>", "Contact: *", "Expires: 0"}, 400, ""},
		{"more than anybody has", "two", transport.UDP, []string{"Contact: <sip:a@10.99.0.2>" + strings.Repeat(", <sip:a@10.99.0.2>", 20), "Expires: 0"}, 400, ""},
		{"no URI", "1001", transport.UDP, []string{"Contact: <sip:>"}, 400, ""},
		{"ourselves", "1001", transport.UDP, []string{"Contact: <sip:a@10.99.0.1:5060>"}, 403, ""},
		{"everybody", "1001", transport.UDP, []string{"Contact: <sip:a@255.255.255.255>"}, 403, ""},
		{"many", "1001", transport.UDP, []string{"Contact: <sip:a@224.0.0.1>"}, 403, ""},
		{"the machine itself", "1001", transport.UDP, []string{"Contact: <sip:a@127.0.0.1>"}, 403, ""},
		{"contactdeny", "local", transport.UDP, []string{"Contact: <sip:a@10.99.0.7>"}, 603, ""},
		{"a password", "secret", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>"}, 401, ""},
		{"deny", "barred", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>"}, 403, ""},
		{"a fixed host", "trunk", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>"}, 403, ""},
		{"who only calls", "user", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>"}, 404, ""},
		{"nobody", "nobody", transport.UDP, []string{"Contact: <sip:a@10.99.0.2:5070>"}, 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, accounts, func(h *house) {
				if m := h.registers(c.user, c.over, c.headers...); m.StatusCode() != c.status {
					t.Errorf("answered %d, want %d", m.StatusCode(), c.status)
				}
				if got := h.registered(c.user); got != c.want {
					t.Errorf("registered is %q, want %q", got, c.want)
				}
				if (len(h.here) > 0) != (c.want != "") || len(h.here) != len(h.moved) {
					t.Errorf("told is %q, and that %q moved", h.here, h.moved)
				}
			})
		})
	}
}

// TestRefresh has a refresh told as such, what is left of it answered, and a phone
// that moves told as one that does.
func TestRefresh(t *testing.T) {
	inHouse(t, accounts, func(h *house) {
		const contact = "Contact: <sip:a@10.99.0.2:5070>"
		h.registers("1001", transport.UDP, contact)
		time.Sleep(30*time.Second + time.Millisecond)
		if m := h.registers("1001", transport.UDP); m.Value(sip.HeaderContact) != "<sip:a@10.99.0.2:5070>;expires=90" || m.Value(sip.HeaderExpires) != "90" {
			t.Errorf("who asks is answered\n%s", m.Bytes())
		}
		h.registers("1001", transport.UDP, contact)
		if len(h.here) != 1 || len(h.moved) != 0 {
			t.Errorf("of a refresh told is %q, and that %q moved", h.here, h.moved)
		}
		h.registers("1001", transport.UDP, "Contact: <sip:a@10.99.0.2:5080>")
		if len(h.moved) != 1 || h.moved[0] != "1001 10.99.0.2:5080" {
			t.Errorf("of a phone at another port told is that %q moved", h.moved)
		}
		was := h.seq
		h.seq = 0
		if m := h.registers("1001", transport.UDP, "Contact: <sip:a@10.99.0.2:5080>"); m.StatusCode() != 500 {
			t.Errorf("one that was overtaken is answered %d", m.StatusCode())
		}
		h.seq = was
		if m := h.registers("1001", transport.UDP, "Contact: <sip:a@10.99.0.2:5080>", "Expires: 0"); m.Value(sip.HeaderExpires) != "0" || h.registered("1001") != "" {
			t.Errorf("at the end there is %q, answered\n%s", h.registered("1001"), m.Bytes())
		}
	})
}

// TestLateReply has a phone answered once, when both its answer and the store are
// there, whichever was first, and although the store failed.
func TestLateReply(t *testing.T) {
	for _, storeFirst := range []bool{false, true} {
		var sent []string
		l := &lateReply{flow: transport.FlowFunc(transport.UDP, houseAddr, phoneAddr, func(b []byte, _ netip.AddrPort) error {
			sent = append(sent, string(b))
			return nil
		})}
		steps := []func(){func() { l.rendered([]byte("200")) }, func() { l.committed(errors.New("the disk is full")) }}
		if storeFirst {
			steps[0], steps[1] = steps[1], steps[0]
		}
		steps[0]()
		if len(sent) != 0 {
			t.Errorf("store first %v: answered too early", storeFirst)
		}
		steps[1]()
		if len(sent) != 1 || sent[0] != "200" {
			t.Errorf("store first %v: answered %q", storeFirst, sent)
		}
	}
}
