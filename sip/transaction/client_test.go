package transaction

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

const ours = "z9hG4bKours"

// RFC 3261 section 17.1.1.2: timer A doubles without bound, B ends it.
func TestInviteUnanswered(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.INVITE, Timing{})
		after(40 * time.Second)
		h.expectSent("0.0 INVITE", "0.5 INVITE", "1.5 INVITE", "3.5 INVITE", "7.5 INVITE", "15.5 INVITE", "31.5 INVITE")
		h.expectTold("failed: no answer")
		h.expectForgotten()
	})
}

// RFC 3261 section 17.1.2.2: timer E doubles up to T2, F ends it.
func TestRequestUnanswered(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.OPTIONS, Timing{})
		after(40 * time.Second)
		h.expectSent("0.0 OPTIONS", "0.5 OPTIONS", "1.5 OPTIONS", "3.5 OPTIONS", "7.5 OPTIONS", "11.5 OPTIONS", "15.5 OPTIONS", "19.5 OPTIONS", "23.5 OPTIONS", "27.5 OPTIONS", "31.5 OPTIONS")
		h.expectTold("failed: no answer")
		h.expectForgotten()
	})
}

func TestTimingOfThePeer(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.INVITE, Timing{T1: 100 * time.Millisecond, B: time.Second})
		after(5 * time.Second)
		h.expectSent("0.0 INVITE", "0.1 INVITE", "0.3 INVITE", "0.7 INVITE")
		h.expectTold("failed: no answer")
		h.expectForgotten()
	})
}

// A connection delivers: nothing is sent twice, but B and F still end it.
func TestReliableUnanswered(t *testing.T) {
	for _, method := range []sip.Method{sip.INVITE, sip.OPTIONS} {
		inHouse(t, transport.TCP, func(h *house) {
			h.send(method, Timing{})
			after(40 * time.Second)
			h.expectSent("0.0 " + string(method))
			h.expectTold("failed: no answer")
			h.expectForgotten()
		})
	}
}

// After a 1xx an INVITE is not sent again and waits as long as it takes; another
// request goes on every T2.
func TestProvisional(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.INVITE, Timing{})
		after(time.Second)
		h.hear(answered(180, sip.INVITE, ours, "a"))
		after(5 * time.Minute)
		h.hear(answered(183, sip.INVITE, ours, "a"))
		h.hear(answered(486, sip.INVITE, ours, "a"))
		h.expectSent("0.0 INVITE", "0.5 INVITE", "301.0 ACK")
		h.expectTold("180 a", "183 a", "486 a")
	})
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.OPTIONS, Timing{})
		after(100 * time.Millisecond)
		h.hear(answered(100, sip.OPTIONS, ours, ""))
		after(10 * time.Second)
		h.expectSent("0.0 OPTIONS", "0.5 OPTIONS", "4.5 OPTIONS", "8.5 OPTIONS")
		h.expectTold("100")
		after(30 * time.Second)
		h.expectTold("failed: no answer")
		h.expectForgotten()
	})
}

// Timer D: for 32 s the refusal that comes again gets the ACK again, and the sink
// hears of it once. RFC 3261 section 17.1.1.3 says what the ACK holds.
func TestInviteRefused(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.INVITE, Timing{})
		h.hear(answered(486, sip.INVITE, ours, "a"))
		ack := h.lastSent()
		via, err := ack.Via()
		if err != nil || ack.Method() != sip.ACK || via.Branch() != ours || ack.ToTag() != "a" || ack.Value(sip.HeaderRoute) != "<sip:192.0.2.9;lr>" {
			t.Errorf("the ACK is %s (%v)", ack.Bytes(), err)
		}
		if cseq, _ := ack.CSeq(); cseq.Seq != 102 || cseq.Method != sip.ACK {
			t.Errorf("the ACK's CSeq is %v", cseq)
		}
		after(31 * time.Second)
		h.hear(answered(486, sip.INVITE, ours, "a"))
		h.hear(answered(200, sip.INVITE, ours, "b")) // too late, from another branch of a fork
		h.expectSent("0.0 INVITE", "0.0 ACK", "31.0 ACK")
		h.expectTold("486 a")
		after(2 * time.Second)
		h.expectForgotten()
		h.hear(answered(486, sip.INVITE, ours, "a"))
		h.expectTold("stray 486")
	})
	inHouse(t, transport.TCP, func(h *house) {
		h.send(sip.INVITE, Timing{})
		h.hear(answered(486, sip.INVITE, ours, "a"))
		h.expectSent("0.0 INVITE", "0.0 ACK")
		h.expectForgotten()
	})
}

// Timer M (RFC 6026 section 7.2): every 2xx is told for 64*T1, those that come again
// and those of other phones; no ACK of ours.
func TestInviteAccepted(t *testing.T) {
	for _, carrier := range []transport.Transport{transport.UDP, transport.TCP} {
		inHouse(t, carrier, func(h *house) {
			h.send(sip.INVITE, Timing{})
			h.hear(answered(180, sip.INVITE, ours, "a"))
			h.hear(answered(180, sip.INVITE, ours, "b"))
			h.hear(answered(200, sip.INVITE, ours, "b"))
			after(500 * time.Millisecond)
			h.hear(answered(200, sip.INVITE, ours, "b"))
			h.hear(answered(200, sip.INVITE, ours, "a"))
			h.hear(answered(180, sip.INVITE, ours, "c"))
			h.hear(answered(486, sip.INVITE, ours, "c"))
			after(31 * time.Second)
			h.hear(answered(200, sip.INVITE, ours, "b"))
			h.expectTold("180 a", "180 b", "200 b", "200 b", "200 a", "200 b")
			h.expectSent("0.0 INVITE")
			after(time.Second)
			h.expectForgotten()
			h.hear(answered(200, sip.INVITE, ours, "b"))
			h.expectTold("stray 200")
		})
	}
}

// Timer K: the answer that comes again is swallowed for T4.
func TestRequestAnswered(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.BYE, Timing{})
		h.hear(answered(200, sip.BYE, ours, "a"))
		after(4 * time.Second)
		h.hear(answered(200, sip.BYE, ours, "a"))
		h.expectTold("200 a")
		after(2 * time.Second)
		h.expectForgotten()
		h.expectSent("0.0 BYE")
	})
	inHouse(t, transport.TCP, func(h *house) {
		h.send(sip.BYE, Timing{})
		h.hear(answered(200, sip.BYE, ours, "a"))
		h.expectForgotten()
	})
}

// A response belongs to a transaction by branch and method.
func TestResponsesOfOthers(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.INVITE, Timing{})
		h.hear(answered(200, sip.BYE, ours, "a"))
		h.hear(answered(200, sip.INVITE, "z9hG4bKother", "a"))
		h.expectTold("stray 200", "stray 200")
	})
}

// The sink is told of a dead transport by the wheel, never by the caller of Send, who may hold a lock.
func TestTransportError(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.broken = errWire
		h.send(sip.INVITE, Timing{})
		h.expectTold()
		after(time.Second)
		h.expectTold("failed: the wire is cut")
		h.expectForgotten()
	})
	inHouse(t, transport.UDP, func(h *house) {
		h.send(sip.OPTIONS, Timing{})
		after(100 * time.Millisecond)
		h.mu.Lock()
		h.broken = errWire
		h.mu.Unlock()
		after(time.Second)
		h.expectTold("failed: the wire is cut")
		h.expectForgotten()
	})
}

// An INVITE that failed to go out again while its 180 was on the way has arrived: it
// rings on, and what ends it later is named rightly.
func TestTransportErrorOfWhatArrived(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		c := h.send(sip.INVITE, Timing{})
		c.fail(errWire)
		h.hear(answered(180, sip.INVITE, ours, "a"))
		c.fail(errWire)
		after(time.Minute)
		h.expectTold("180 a")
		c.Cancel()
		after(33 * time.Second)
		h.expectTold("failed: cancelled, and no answer to it")
		h.expectForgotten()
	})
}

// RFC 3261 section 9.1: a CANCEL waits for the first 1xx; it goes the way of its
// INVITE.
func TestCancel(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		c := h.send(sip.INVITE, Timing{})
		c.Cancel()
		c.Cancel()
		after(600 * time.Millisecond)
		h.expectSent("0.0 INVITE", "0.5 INVITE")
		h.hear(answered(100, sip.INVITE, ours, ""))
		cancel := h.lastSent()
		if via, err := cancel.Via(); err != nil || via.Branch() != ours || cancel.RawURI() != "sip:1002@192.0.2.2" || cancel.ToTag() != "" {
			t.Errorf("the CANCEL is %s", cancel.Bytes())
		}
		h.hear(answered(200, sip.CANCEL, ours, "a"))
		h.hear(answered(487, sip.INVITE, ours, "a"))
		h.expectSent("0.6 CANCEL", "0.6 ACK")
		h.expectTold("100", "487 a")
		after(40 * time.Second)
		h.expectForgotten()
	})
}

// A 200 that crosses the CANCEL wins: the sink hears of it and has to hang up.
func TestCancelCrossesAnswer(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		c := h.send(sip.INVITE, Timing{})
		h.hear(answered(180, sip.INVITE, ours, "a"))
		c.Cancel()
		h.hear(answered(200, sip.INVITE, ours, "a"))
		h.hear(answered(481, sip.CANCEL, ours, ""))
		c.Cancel()
		h.expectSent("0.0 INVITE", "0.0 CANCEL")
		h.expectTold("180 a", "200 a")
		after(40 * time.Second)
		h.expectForgotten()
	})
}

// Who was cancelled and says nothing more is given up after 64*T1.
func TestCancelUnanswered(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		c := h.send(sip.INVITE, Timing{})
		h.hear(answered(180, sip.INVITE, ours, "a"))
		after(time.Minute)
		c.Cancel()
		after(31 * time.Second)
		h.expectTold("180 a")
		after(2 * time.Second)
		h.expectTold("failed: cancelled, and no answer to it")
		h.expectForgotten()
	})
}

func TestCancelOfOtherRequests(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		c := h.send(sip.MESSAGE, Timing{})
		h.hear(answered(100, sip.MESSAGE, ours, ""))
		c.Cancel()
		h.expectSent("0.0 MESSAGE")
	})
}

// slow is a sink that notices when it is told two things at once.
type slow struct {
	mu     sync.Mutex
	inside bool
	told   []string
	twice  bool
}

func (s *slow) tell(what string) {
	s.mu.Lock()
	s.twice = s.twice || s.inside
	s.inside = true
	s.mu.Unlock()
	time.Sleep(3 * time.Second)
	s.mu.Lock()
	s.inside = false
	s.told = append(s.told, what)
	s.mu.Unlock()
}

func (s *slow) Response(_ *Client, m *sip.Message) { s.tell(fmt.Sprint(m.StatusCode())) }
func (s *slow) Failed(_ *Client, err error)        { s.tell(err.Error()) }

// A 180 just before a 200 and a failure just after a 1xx come in order and one by
// one, whoever brings them.
func TestSinkIsToldOneThingAtATime(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		s := new(slow)
		h.layer.Send([]byte(asked(sip.INVITE, ours)), ours, sip.INVITE, h.flow, Timing{}, s)
		go h.hear(answered(180, sip.INVITE, ours, "a"))
		after(time.Second)
		go h.hear(answered(200, sip.INVITE, ours, "a"))
		after(time.Minute)
		if s.twice || !slices.Equal(s.told, []string{"180", "200"}) {
			t.Errorf("told %v, two at once: %v", s.told, s.twice)
		}
	})
	inHouse(t, transport.UDP, func(h *house) {
		s := new(slow)
		h.layer.Send([]byte(asked(sip.OPTIONS, ours)), ours, sip.OPTIONS, h.flow, Timing{B: 2 * time.Second}, s)
		after(time.Second)
		go h.hear(answered(100, sip.OPTIONS, ours, "a"))
		after(time.Minute)
		if s.twice || !slices.Equal(s.told, []string{"100", "no answer"}) {
			t.Errorf("told %v, two at once: %v", s.told, s.twice)
		}
	})
}

// poisoned panics at the first thing it is told.
type poisoned struct{ *house }

func (p poisoned) Response(c *Client, m *sip.Message) {
	p.house.Response(c, m)
	if m.StatusCode() == 180 {
		panic("poison")
	}
}

func TestSinkThatPanics(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.layer.Send([]byte(asked(sip.INVITE, ours)), ours, sip.INVITE, h.flow, Timing{}, poisoned{h})
		h.hear(answered(180, sip.INVITE, ours, "a"))
		h.hear(answered(200, sip.INVITE, ours, "a"))
		h.expectTold("180 a", "200 a")
	})
}

func TestBranches(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		b := NewBranch()
		if seen[b] || !strings.HasPrefix(b, sip.BranchCookie) {
			t.Fatalf("branch %q", b)
		}
		seen[b] = true
	}
}

func TestCloseStopsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, transport.UDP, 0)
		h.send(sip.INVITE, Timing{})
		h.layer.Close()
		after(time.Minute)
		h.expectSent("0.0 INVITE")
		h.expectTold()
	})
}
