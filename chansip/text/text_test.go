package text

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/internal/simnet"
	"obelus/message"
	"obelus/sip"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

var (
	houseAddr = netip.MustParseAddrPort("10.99.0.1:5060")
	phoneAddr = netip.MustParseAddrPort("10.99.0.2:5070")
)

// house sends texts to a phone, on a network in memory.
type house struct {
	t     *testing.T
	s     *Sender
	set   *sipconf.Settings
	way   reach.Way
	phone net.PacketConn
}

// inHouse runs a test in a bubble, with a house that has this sip.conf and proves
// who it is with "proved".
func inHouse(t *testing.T, sipConf string, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f, _, err := new(conf.Loader).Parse("sip.conf", []byte(sipConf))
		if err != nil {
			t.Fatal(err)
		}
		h := &house{t: t}
		h.set, _ = sipconf.ReadSettings(f, nil, "obelus test")
		log := slog.New(slog.DiscardHandler)
		world := simnet.New(1)
		listen := func(name string, at netip.AddrPort) net.PacketConn {
			pc, err := world.Host(name, at.Addr()).ListenPacket("udp", at.String())
			if err != nil {
				t.Fatal(err)
			}
			return pc
		}
		h.phone = listen("phone", phoneAddr)
		tx := transaction.New(transaction.Config{Log: log})
		tp := transport.New(transport.Options{Handler: answersTo{tx}, Log: log})
		settings := func() *sipconf.Settings { return h.set }
		our := outside.New(outside.Config{Log: log, Settings: settings})
		at := reach.New(reach.Config{Log: log, Settings: settings, Ours: our.Ours, Life: t.Context()})
		at.Attach(tp)
		tp.ServeUDP(listen("house", houseAddr))
		h.s = New(Config{Reach: at, Outside: our, Transactions: tx,
			Prove: func(*sipconf.Peer, *sip.Message, sip.Method, string) (sip.HeaderID, string, error) {
				return sip.HeaderAuthorization, "proved", nil
			}})
		h.way.URI = "sip:1002@" + phoneAddr.String()
		h.way.Flow, _ = tp.UDP(phoneAddr)
		defer func() {
			tx.Close()
			tp.Close()
			h.phone.Close()
		}()
		test(h)
	})
}

// answersTo hands what arrives to transactions.
type answersTo struct{ tx *transaction.Layer }

func (a answersTo) Inline(*sip.Message) bool               { return false }
func (a answersTo) Serve(m *sip.Message, f transport.Flow) { a.tx.Serve(m, f) }

// sends sends a text as an account, and returns what becomes of it.
func (h *house) sends(account string, m *message.Message) <-chan error {
	done := make(chan error, 1)
	to := To{Settings: h.set, Peer: h.set.Peer(account), Ways: []reach.Way{h.way}}
	go func() { done <- h.s.Deliver(h.t.Context(), to, m) }()
	return done
}

// hears is the next MESSAGE that the phone hears.
func (h *house) hears() *sip.Message {
	h.t.Helper()
	if err := h.phone.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		h.t.Fatal(err)
	}
	b := make([]byte, 4096)
	n, _, err := h.phone.ReadFrom(b)
	if err != nil {
		h.t.Fatal(err)
	}
	m, err := sip.Parse(b[:n])
	if err != nil || m.Method() != sip.MESSAGE {
		h.t.Fatalf("no MESSAGE: %v\n%s", err, b[:n])
	}
	return m
}

func (h *house) answers(m *sip.Message, status int) {
	h.t.Helper()
	var b sip.Builder
	b.Response(m, status, "", sip.Return{}, "phone")
	if _, err := h.phone.WriteTo(b.End("", nil), net.UDPAddrFromAddrPort(houseAddr)); err != nil {
		h.t.Fatal(err)
	}
}

const accounts = "[general]\n[1001]\ntype=friend\ncallerid=Anna <4711>\n[1002]\ntype=friend\n[1003]\ntype=friend\nfromdomain=its.example\n"

// TestFrom has a text come from whom the dialplan says, in each form that says it.
func TestFrom(t *testing.T) {
	inHouse(t, accounts, func(h *house) {
		for _, c := range []struct{ account, from, want string }{
			{"1002", "sip:1001@there.example", "<sip:1001@there.example>"},
			{"1002", `"Anna" <sip:1001@there.example>;x=y`, `"Anna" <sip:1001@there.example>`},
			{"1002", "sip:1001", "<sip:1001@10.99.0.1>"},
			{"1003", "sip:1001", "<sip:1001@its.example>"},
			{"1002", "1001", `"Anna" <sip:1001@10.99.0.1>`},
			{"1002", "ServiceCenter", `"ServiceCenter" <sip:asterisk@10.99.0.1>`},
			{"1002", "", "<sip:asterisk@10.99.0.1>"},
			{"1003", "sip:1001@10.99.0.1", "<sip:1001@10.99.0.1>"},
		} {
			done := h.sends(c.account, &message.Message{From: c.from, Body: []byte("hello")})
			m := h.hears()
			from, err := m.From()
			from.Params = ""
			if got := from.String(); err != nil || got != c.want {
				t.Errorf("%q to %s comes from %s, want %s", c.from, c.account, got, c.want)
			}
			if string(m.Body()) != "hello" || m.ContentType() != "text/plain" {
				t.Errorf("it says %q of type %s", m.Body(), m.ContentType())
			}
			h.answers(m, 200)
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// TestHeaders has the dialplan's headers sent, none of those that are ours.
func TestHeaders(t *testing.T) {
	inHouse(t, accounts, func(h *house) {
		m := &message.Message{From: "1001", ContentType: "text/html", Body: []byte("<p>")}
		m.SetData("X-Mine", "yes", true)
		m.SetData("X-Kept", "no", false)
		m.SetData("Call-ID", "theirs", true)
		m.Write("To", "sip:2000@there.example")
		done := h.sends("1002", m)
		got := h.hears()
		for name, want := range map[string]string{"X-Mine": "yes", "X-Kept": "", "To": "<sip:2000@there.example>", "Content-Type": "text/html"} {
			if v, _ := got.Header(name); v != want {
				t.Errorf("%s: %q, want %q", name, v, want)
			}
		}
		if got.CallID() != "theirs" {
			t.Errorf("the Call-ID is %s", got.CallID())
		}
		h.answers(got, 200)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestAnswers has a text taken, refused, asked for a proof once, and left alone.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		answers []int // 0: none
		taken   bool
	}{
		{[]int{100, 200}, true}, {[]int{202}, true}, {[]int{486}, false}, {[]int{401, 200}, true}, {[]int{407, 407}, false}, {nil, false},
	} {
		inHouse(t, accounts, func(h *house) {
			done := h.sends("1002", &message.Message{From: "1001"})
			m := h.hears()
			for i, status := range c.answers {
				if i > 0 && c.answers[i-1] > 400 {
					first := m
					for m.Value(sip.HeaderAuthorization) != "proved" {
						m = h.hears()
					}
					if m.CallID() != first.CallID() || m.FromTag() != first.FromTag() {
						t.Errorf("the proof is in another text:\n%s", m.Bytes())
					}
				}
				h.answers(m, status)
			}
			err := <-done
			if (err == nil) != c.taken || err != nil && !errors.Is(err, message.ErrFailed) {
				t.Errorf("answered %v: %v", c.answers, err)
			}
		})
	}
}

// TestGivenUp has a sender who does not wait any longer.
func TestGivenUp(t *testing.T) {
	inHouse(t, accounts, func(h *house) {
		ctx, cancel := context.WithTimeout(h.t.Context(), time.Second)
		defer cancel()
		err := h.s.Deliver(ctx, To{Settings: h.set, Peer: h.set.Peer("1002"), Ways: []reach.Way{h.way}}, &message.Message{From: "1001"})
		if !errors.Is(err, message.ErrFailed) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ended with %v", err)
		}
	})
}

// TestOtherFlow has a text go by the phone's next flow where the first is silent.
func TestOtherFlow(t *testing.T) {
	inHouse(t, accounts, func(h *house) {
		silent := h.way
		silent.Flow = h.way.Flow.To(netip.MustParseAddrPort("10.99.0.9:5060"))
		silent.Others = []reach.Way{h.way}
		h.way = silent
		start := time.Now()
		done := h.sends("1002", &message.Message{From: "1001", Body: []byte("hello")})
		m := h.hears()
		if took := time.Since(start); took < 30*time.Second || string(m.Body()) != "hello" {
			t.Errorf("after %v it hears %q", took, m.Body())
		}
		h.answers(m, 200)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestReceiver has a phone's To be its address in the conversation, and a server's
// what it is sent, unless the dialplan says otherwise.
func TestReceiver(t *testing.T) {
	inHouse(t, accounts, func(h *house) {
		for _, c := range []struct {
			contact, known, said, want string
		}{
			{"sip:1002@10.99.0.2:5070", "sip:1002@pbx.example", "", "<sip:1002@pbx.example>"},
			{"sip:1002@10.99.0.2:5070", "", "", "<sip:1002@10.99.0.2:5070>"},
			{"", "sip:1002@pbx.example", "", "<sip:1002@10.99.0.2:5070>"},
			{"", "sip:1002@pbx.example", `"Bob" <sip:bob@there.example>`, `"Bob" <sip:bob@there.example>`},
			{"", "", "no address <", "<sip:1002@10.99.0.2:5070>"},
		} {
			m := &message.Message{From: "1001"}
			if c.known != "" {
				m.SetData("To", c.known, true)
			}
			if c.said != "" {
				m.Write("To", c.said)
			}
			h.way.Contact = c.contact
			done := h.sends("1002", m)
			got := h.hears()
			if to := got.Value(sip.HeaderTo); to != c.want {
				t.Errorf("%+v: To: %s", c, to)
			}
			h.answers(got, 200)
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}
