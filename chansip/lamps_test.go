package chansip

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/chansip/watch"
	"obelus/conf"
	"obelus/device"
	"obelus/dialplan/syntax"
	"obelus/sip"
)

// lampKeys is a database in memory.
type lampKeys struct{ sync.Map }

func (k *lampKeys) Get(family, key string) (string, bool) {
	v, ok := k.Load(family + "/" + key)
	text, _ := v.(string)
	return text, ok
}

func (k *lampKeys) Put(family, key, value string) error {
	k.Store(family+"/"+key, value)
	return nil
}

func (k *lampKeys) Names(string) []string { return nil }

// lampBoard is a board with the hint 8 in context my, of Custom:a.
func lampBoard(t testing.TB) *device.Board {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte("[my]\nexten => 8,hint,Custom:a\nexten => _9X,hint,Custom:a\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := syntax.Read(f)
	b := device.New(device.Config{DB: &lampKeys{}, Log: slog.New(slog.DiscardHandler)})
	b.Load(plan)
	return b
}

const lampConf = "[general]\ncontext=my\n[1001]\ntype=friend\nsecret=1001\nhost=dynamic\n[fixed]\ntype=friend\nhost=10.99.0.30\nsecret=fixed\n[open]\ntype=friend\nhost=dynamic\n"

// subscribes sends a SUBSCRIBE, with the proof that is asked for, and returns the final
// answer.
func (p *phone) subscribes(exten, secret string, headers ...string) *sip.Message {
	p.h.t.Helper()
	contact := fmt.Sprintf("Contact: <sip:%s@%s>", p.name, p.addr)
	for _, h := range headers {
		if strings.HasPrefix(h, "Contact:") {
			contact = "Subject: another Contact"
		}
	}
	return p.request(sip.SUBSCRIBE, "sip:"+exten+"@10.99.0.1", secret, append([]string{contact, "Event: dialog", "Accept: application/dialog-info+xml", "Expires: 600"}, headers...)...)
}

// lights sets the device of the hint.
func lights(t testing.TB, b *device.Board, state string) {
	t.Helper()
	if err := b.Set("Custom:a", state); err != nil {
		t.Fatal(err)
	}
}

// TestLampOnConnection has a phone be told by its connection, by the next that it has
// registered by, and by none when that is gone.
func TestLampOnConnection(t *testing.T) {
	board := lampBoard(t)
	inHouse(t, lampConf, func(c *Config) { c.Board = board }, func(h *house) {
		host := h.net.Host("phone", netip.MustParseAddr("10.99.0.2"))
		first := h.phoneTCPOn(host, "1001")
		const contact = "Contact: <sip:1001@10.99.0.2:5999;transport=tcp>"
		if m := first.subscribes("8", "1001", contact); m.StatusCode() != 200 {
			t.Fatalf("refused:\n%s", m.Bytes())
		}
		first.reply(first.asked(sip.NOTIFY), 200)
		lights(t, board, "INUSE")
		first.reply(first.asked(sip.NOTIFY), 200)
		first.conn.Close()
		h.pass(time.Second)
		next := h.phoneTCPOn(host, "1001")
		if m := next.request(sip.REGISTER, "sip:10.99.0.1", "1001", contact); m.StatusCode() != 200 {
			t.Fatalf("not registered:\n%s", m.Bytes())
		}
		lights(t, board, "BUSY")
		next.reply(next.asked(sip.NOTIFY), 200)
		next.conn.Close()
		h.pass(time.Second)
		lights(t, board, "NOT_INUSE")
		h.pass(time.Minute)
		h.subscriptions(0)
	})
}

// subscriptions fails the test unless there are so many.
func (h *house) subscriptions(want int) {
	h.t.Helper()
	var b strings.Builder
	h.d.Lamps().Show(&b)
	if got := fmt.Sprintf("%d active SIP subscription", want); !strings.Contains(b.String(), got) {
		h.t.Errorf("want %s, have\n%s", got, b.String())
	}
}

// TestLampWhere has NOTIFYs go where a phone can be reached: one that registers where it
// subscribed from, whatever its Contact says, a fixed host at its Contact, but never to
// where nobody can be.
func TestLampWhere(t *testing.T) {
	board := lampBoard(t)
	inHouse(t, lampConf, func(c *Config) { c.Board = board }, func(h *house) {
		behind := h.phone("1001", phoneOne)
		if m := behind.subscribes("8", "1001", "Contact: <sip:1001@192.168.7.7:5060>"); m.StatusCode() != 200 {
			t.Fatalf("refused:\n%s", m.Bytes())
		}
		m := behind.asked(sip.NOTIFY)
		if m.RawURI() != "sip:1001@192.168.7.7:5060" {
			t.Errorf("the NOTIFY names %s", m.RawURI())
		}
		behind.reply(m, 200)
		trunk := h.phone("fixed", trunkAddr)
		elsewhere := h.phoneOn(trunk.host, "elsewhere", netip.MustParseAddrPort("10.99.0.30:5099"))
		if m := trunk.subscribes("8", "fixed", "Contact: <sip:fixed@10.99.0.30:5099>"); m.StatusCode() != 200 {
			t.Fatalf("refused:\n%s", m.Bytes())
		}
		elsewhere.reply(elsewhere.asked(sip.NOTIFY), 200)
		for _, contact := range []string{"sip:fixed@127.0.0.1:5060", "sip:fixed@0.0.0.0", "sip:fixed@224.0.0.1"} {
			trunk.subscribes("8", "fixed", "Contact: <"+contact+">")
			trunk.reply(trunk.asked(sip.NOTIFY), 481)
		}
		if m := trunk.subscribes("8", "fixed", "Contact: *"); m.StatusCode() != 400 {
			t.Errorf("Contact: *:\n%s", m.Bytes())
		}
		h.pass(time.Second)
		h.subscriptions(2)
		lights(t, board, "INUSE")
		behind.reply(behind.asked(sip.NOTIFY), 200)
		elsewhere.reply(elsewhere.asked(sip.NOTIFY), 200)
	})
}

// TestLampMoves has the NOTIFYs of a phone follow it when it registers from another port.
func TestLampMoves(t *testing.T) {
	board := lampBoard(t)
	inHouse(t, lampConf, func(c *Config) { c.Board = board }, func(h *house) {
		p := h.phone("1001", phoneOne)
		const contact = "Contact: <sip:1001@192.168.7.7:5060>"
		p.addr = netip.MustParseAddrPort("192.168.7.7:5060") // as its Via has it: it is behind NAT
		p.request(sip.REGISTER, "sip:10.99.0.1", "1001", contact)
		p.subscribes("8", "1001", contact)
		p.reply(p.asked(sip.NOTIFY), 200)
		moved := h.phoneOn(p.host, "1001", phoneTwoFlows)
		moved.addr, moved.seq = p.addr, 50
		if m := moved.request(sip.REGISTER, "sip:10.99.0.1", "1001", contact); m.StatusCode() != 200 {
			t.Fatalf("not registered:\n%s", m.Bytes())
		}
		lights(t, board, "INUSE")
		moved.reply(moved.asked(sip.NOTIFY), 200)
		p.silent(time.Second)
	})
}

// TestLampLimits has an account have a thousand subscriptions, and no more; those that end
// make room (security class 29).
func TestLampLimits(t *testing.T) {
	board := lampBoard(t)
	inHouse(t, lampConf, func(c *Config) { c.Board = board }, func(h *house) {
		p := h.phone("open", phoneOne)
		var last *sip.Message
		for i := range 1001 {
			m := p.subscribes(fmt.Sprint(90+i%10), "")
			if want := 200; i < 1000 && m.StatusCode() != want {
				t.Fatalf("the %dth:\n%s", i, m.Bytes())
			}
			if m.StatusCode() == 200 {
				last = m
				p.reply(p.asked(sip.NOTIFY), 200)
			} else if m.StatusCode() != 480 || m.Value(sip.HeaderRetryAfter) == "" {
				t.Errorf("one too many:\n%s", m.Bytes())
			}
		}
		h.subscriptions(1000)
		other := h.phone("1001", phoneTwo)
		if m := other.subscribes("8", "1001"); m.StatusCode() != 200 {
			t.Errorf("another account:\n%s", m.Bytes())
		}
		other.reply(other.asked(sip.NOTIFY), 200)
		text := p.requestText(sip.SUBSCRIBE, "sip:10.99.0.1", last.CallID(), 9, "To: <sip:open@10.99.0.1>;tag="+last.ToTag(), "Event: dialog", "Expires: 0", "Contact: <sip:open@10.99.0.2>")
		p.send(strings.Replace(text, ";tag=topen", ";tag="+last.FromTag(), 1))
		p.final()
		p.reply(p.asked(sip.NOTIFY), 200)
		if m := p.subscribes("8", ""); m.StatusCode() != 200 {
			t.Errorf("in the place of one that has ended:\n%s", m.Bytes())
		}
		p.reply(p.asked(sip.NOTIFY), 200)
		h.pass(time.Hour) // all are over
		h.subscriptions(0)
	})
}

// TestLampOfAVictim has an account without a secret get three NOTIFYs and no more where nobody
// answers: a forged SUBSCRIBE may have named the address (security class 27).
func TestLampOfAVictim(t *testing.T) {
	board := lampBoard(t)
	inHouse(t, lampConf, func(c *Config) { c.Board = board }, func(h *house) {
		p := h.phone("open", phoneOne)
		p.subscribes("8", "")
		n := 0
		for began := time.Now(); time.Since(began) < time.Minute; {
			if m := p.hear(time.Second); m != nil {
				n++
			}
		}
		if n < 2 || n > 3 {
			t.Errorf("%d NOTIFYs", n)
		}
		h.subscriptions(0)
		p.subscribes("8", "")
		p.reply(p.asked(sip.NOTIFY), 200)
		h.pass(time.Minute)
		h.subscriptions(1)
	})
}

// TestWord has an operator's NOTIFY reach every phone of an account.
func TestWord(t *testing.T) {
	inHouse(t, lampConf, nil, func(h *house) {
		word := watch.Word{Headers: [][2]string{{"Event", "check-sync"}, {"Content-Length", "7"}, {"Content-Type", "text/plain"}, {"X-Evil", "a\r\nX-More: b"}}, Body: "now\r\n"}
		if h.d.Lamps().Send("1001", word) || h.d.Lamps().Send("nobody", word) {
			t.Error("sent to nobody")
		}
		p := h.phone("1001", phoneOne)
		p.register("1001")
		if !h.d.Lamps().Send("1001", word) {
			t.Fatal("not sent")
		}
		m := p.asked(sip.NOTIFY)
		p.reply(m, 200)
		if m.Value(sip.HeaderEvent) != "check-sync" || string(m.Body()) != "now\r\n" || m.ContentType() != "text/plain" || m.Count(sip.HeaderContentLength) != 1 || m.Has(sip.HeaderSubscriptionState) {
			t.Errorf("sent\n%s", m.Bytes())
		}
		if _, smuggled := m.Header("X-More"); smuggled {
			t.Errorf("a header was smuggled in:\n%s", m.Bytes())
		}
	})
}

// TestLampsAtTheEnd has a house close with subscriptions in it.
func TestLampsAtTheEnd(t *testing.T) {
	board := lampBoard(t)
	inHouse(t, lampConf, func(c *Config) { c.Board = board }, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.subscribes("8", "1001")
		p.asked(sip.NOTIFY) // unanswered
		lights(t, board, "INUSE")
	})
	for _, l := range board.Hints() {
		if l.Watchers > 0 {
			t.Errorf("%s is still watched", l.Exten)
		}
	}
}
