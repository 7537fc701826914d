package transaction

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
	"obelus/sip/transport"
)

// station is a layer on a network in memory, over a transport of its own.
type station struct {
	tx *Layer
	tp *transport.Layer
}

// Inline: every message is served by its Call-ID's worker.
func (s *station) Inline(*sip.Message) bool                     { return false }
func (s *station) Serve(m *sip.Message, f transport.Flow)       { s.tx.Serve(m, f) }
func (s *station) close()                                       { s.tp.Close(); s.tx.Close() }
func (s *station) to(t *testing.T, a netip.Addr) transport.Flow { return flowTo(t, s.tp, a) }

func flowTo(t *testing.T, tp *transport.Layer, a netip.Addr) transport.Flow {
	t.Helper()
	f, ok := tp.UDP(netip.AddrPortFrom(a, 5060))
	if !ok {
		t.Fatalf("no way to %s", a)
	}
	return f
}

func newStation(t *testing.T, h *simnet.Host, request func(*Server, *sip.Message, transport.Flow)) *station {
	t.Helper()
	pc, err := h.ListenPacket("udp", h.Addr().String()+":5060")
	if err != nil {
		t.Fatal(err)
	}
	s := &station{tx: New(Config{Log: quiet(), Request: request})}
	s.tp = transport.New(transport.Options{Handler: s, Log: quiet()})
	s.tp.ServeUDP(pc)
	return s
}

// ends counts how requests ended.
type ends struct {
	mu             sync.Mutex
	answered, lost int
	other          []string
}

func (e *ends) Response(_ *Client, m *sip.Message) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch s := m.StatusCode(); {
	case s == 486:
		e.answered++
	case s >= 200:
		e.other = append(e.other, fmt.Sprint(s))
	}
}

func (e *ends) Failed(*Client, error) {
	e.mu.Lock()
	e.lost++
	e.mu.Unlock()
}

// Over a wire that loses every fifth packet, delays, doubles and shuffles, each
// request is served once and each is answered, refusals acknowledged.
func TestOverABadWire(t *testing.T) {
	for _, method := range []sip.Method{sip.INVITE, sip.MESSAGE} {
		synctest.Test(t, func(t *testing.T) {
			const calls = 200
			net := simnet.New(7)
			a, b := net.Host("a", netip.MustParseAddr("192.0.2.1")), net.Host("b", netip.MustParseAddr("192.0.2.2"))
			net.SetLinks(a.Addr(), b.Addr(), simnet.Link{Delay: 20 * time.Millisecond, Jitter: 60 * time.Millisecond, Loss: 0.2, Duplicate: 0.1})
			var mu sync.Mutex
			served, acks := make(map[string]int), 0
			callee := newStation(t, b, func(tx *Server, m *sip.Message, _ transport.Flow) {
				mu.Lock()
				defer mu.Unlock()
				if tx == nil {
					acks++
					return
				}
				served[m.CallID()]++
				if err := tx.Reply(486, answerTo(m, 486, "b")); err != nil {
					t.Error(err)
				}
			})
			caller := newStation(t, a, func(_ *Server, m *sip.Message, _ transport.Flow) { t.Errorf("the caller was sent %s", m.Method()) })
			e := new(ends)
			for i := range calls {
				branch := NewBranch()
				text := strings.Replace(asked(method, branch), "Call-ID: call@", fmt.Sprintf("Call-ID: call%d@", i), 1)
				caller.tx.Send([]byte(text), branch, method, caller.to(t, b.Addr()), Timing{}, e)
				time.Sleep(10 * time.Millisecond)
			}
			after(2 * time.Minute)
			if e.answered != calls || e.lost != 0 || len(e.other) != 0 {
				t.Errorf("%s: of %d requests %d were answered, %d lost, others %v", method, calls, e.answered, e.lost, e.other)
			}
			if len(served) != calls || acks != 0 {
				t.Errorf("%s: %d requests were served, %d ACKs came through", method, len(served), acks)
			}
			for id, n := range served {
				if n != 1 {
					t.Errorf("%s: request %s was served %d times", method, id, n)
				}
			}
			if caller.tx.asking() != 0 || callee.tx.Serving() != 0 {
				t.Errorf("%s: %d and %d transactions are left", method, caller.tx.asking(), callee.tx.Serving())
			}
			caller.close()
			callee.close()
		})
	}
}
