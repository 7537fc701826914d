package transaction

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

// Many goroutines work on the same few transactions at once, as a user, the peer and
// the wheel do: under -race nothing is shared without its lock, no sink is told two
// things at once, and at the end nothing is left.
func TestManyHands(t *testing.T) {
	for _, carrier := range []transport.Transport{transport.UDP, transport.TCP} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, carrier, 0)
			c := &crowd{house: h}
			for i := range 6 {
				method := []sip.Method{sip.INVITE, sip.MESSAGE}[i%2]
				branch := fmt.Sprint("z9hG4bKc", i)
				s := new(lone)
				c.sinks = append(c.sinks, s)
				c.clients = append(c.clients, h.layer.Send([]byte(asked(method, branch)), branch, method, h.flow, Timing{}, s))
			}
			var hands sync.WaitGroup
			for hand := range uint64(8) {
				hands.Go(func() { c.work(rand.New(rand.NewPCG(hand, 11))) })
			}
			hands.Wait()
			for _, tx := range h.servers {
				_ = tx.Reply(500, answerTo(tx.Request(), 500, "ours")) // may be answered already
			}
			for _, k := range c.clients {
				k.Cancel()
			}
			after(2 * time.Minute)
			for i, s := range c.sinks {
				if s.twice || s.ends != 1 {
					t.Errorf("request %d ended %d times, told two things at once: %v", i, s.ends, s.twice)
				}
			}
			h.expectForgotten()
			h.layer.Close()
		})
	}
}

// crowd is what the hands work on.
type crowd struct {
	*house
	clients []*Client
	sinks   []*lone
}

// work does things in any order, now and then letting a timer ring between them.
func (c *crowd) work(r *rand.Rand) {
	statuses := []int{100, 180, 200, 486, 503}
	for range 300 {
		k, theirs, status := c.clients[r.IntN(len(c.clients))], fmt.Sprint("z9hG4bKs", r.IntN(6)), statuses[r.IntN(len(statuses))]
		switch r.IntN(8) {
		case 0:
			c.hear(answered(status, k.key.method, k.key.branch, fmt.Sprint("t", r.IntN(2))))
		case 1:
			k.Cancel()
		case 2:
			c.hear(asked([]sip.Method{sip.INVITE, sip.MESSAGE, sip.CANCEL}[r.IntN(3)], theirs))
		case 3:
			c.hear(acked(theirs))
		case 4, 5:
			c.answer(r, status)
		case 6:
			time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
		case 7:
			c.mu.Lock()
			c.broken = nil
			if r.IntN(8) == 0 {
				c.broken = errWire
			}
			c.mu.Unlock()
		}
	}
}

// answer answers one of the requests that came.
func (c *crowd) answer(r *rand.Rand, status int) {
	c.mu.Lock()
	if len(c.servers) == 0 {
		c.mu.Unlock()
		return
	}
	tx := c.servers[r.IntN(len(c.servers))]
	c.mu.Unlock()
	b := answerTo(tx.Request(), status, "ours")
	if status == 503 {
		_ = tx.ReplyStateless(b) // may be answered already
		return
	}
	tx.SetReplyTo(c.flow)
	_ = tx.Reply(status, b)
}

// lone is a sink that must be alone with what it is told.
type lone struct {
	mu       sync.Mutex
	inside   bool
	twice    bool
	ends     int
	accepted bool
}

func (s *lone) Response(_ *Client, m *sip.Message) { s.tell(m.StatusCode()) }
func (s *lone) Failed(*Client, error)              { s.tell(0) }

func (s *lone) tell(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.twice = s.twice || s.inside
	s.inside = true
	s.mu.Unlock()
	time.Sleep(time.Millisecond)
	s.mu.Lock()
	s.inside = false
	again := s.accepted && status >= 200 && status < 300 // of a fork, or come again
	if (status == 0 || status >= 200) && !again {
		s.ends++
	}
	s.accepted = s.accepted || status >= 200 && status < 300
}
