package scenario

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// wanderer is a phone in a call that does as it likes.
type wanderer struct {
	*talk
	rnd     *rand.Rand
	port    int
	dir     string
	told    string // where it sends its sound
	version int    // of the last description that it was given
	moody   bool   // it refuses at random, for now
	rude    bool   // ... for good
}

func (w *wanderer) describes() string {
	return strings.Replace(w.p.description("a="+w.dir), "40000", fmt.Sprint(w.port), 1)
}

// reads takes in what a description of the house says.
func (w *wanderer) reads(m *sip.Message) {
	w.p.h.t.Helper()
	if len(m.Body()) == 0 {
		return
	}
	_, version := origin(w.p.h, m)
	if version <= w.version {
		w.p.h.t.Errorf("version %d follows %d", version, w.version)
	}
	w.version = version
	var addr string
	var port int
	for line := range strings.Lines(string(m.Body())) {
		fmt.Sscanf(line, "c=IN IP4 %s", &addr)
		fmt.Sscanf(line, "m=audio %d ", &port)
	}
	w.told = fmt.Sprintf("%s:%d", addr, port)
}

// serves answers what the house asks; an offer is taken, or in a bad mood refused.
func (w *wanderer) serves(m *sip.Message) {
	w.p.h.t.Helper()
	status := 200
	if w.moody && w.rnd.IntN(3) == 0 {
		status = 491 // glare
		if w.rude {
			status = 500
		}
	}
	switch m.Method() {
	case sip.INVITE, sip.UPDATE:
		if status == 200 {
			w.reads(m)
			w.p.replyWith(m, 200, w.ourTag, w.describes())
		} else {
			w.p.replyWith(m, status, w.ourTag, "")
		}
	case sip.ACK:
	default:
		w.p.h.t.Fatalf("phone %s is asked\n%s", w.p.name, m.Bytes())
	}
}

// asks sends an offer, or asks for one, and sees it through.
func (w *wanderer) asks(method sip.Method, body string) {
	w.p.h.t.Helper()
	w.send(method, body)
	for {
		m := w.p.hear(5 * time.Second)
		switch {
		case m == nil:
			w.p.h.t.Fatalf("phone %s is not answered", w.p.name)
		case m.IsRequest():
			w.serves(m)
		case m.StatusCode() >= 300:
			if method == sip.INVITE {
				w.ackRefusal(m)
			}
			return
		case m.StatusCode() >= 200:
			w.reads(m)
			if method == sip.INVITE {
				answer := ""
				if body == "" {
					answer = w.describes()
				}
				w.ack(answer)
			}
			return
		}
	}
}

// does something.
func (w *wanderer) does(h *house) {
	h.t.Helper()
	method := sip.INVITE
	switch w.rnd.IntN(6) {
	case 0:
		w.dir = []string{"sendonly", "inactive"}[w.rnd.IntN(2)]
	case 1, 2:
		w.dir = "sendrecv"
	case 3:
		w.port += 2
		method = sip.UPDATE
	case 4:
		w.asks(sip.INVITE, "")
		return
	case 5:
		ctx, stop := context.WithTimeout(context.Background(), time.Duration(w.rnd.IntN(3000))*time.Millisecond)
		go func() {
			defer stop()
			_ = h.channelOf(w.p.name).Media().Play(ctx, endless{})
		}()
		return
	}
	w.asks(method, w.describes())
}

// settle serves both phones until the house has been quiet for that long.
func settle(quiet time.Duration, both ...*wanderer) {
	for still := time.Duration(0); still < quiet; {
		still += 20 * time.Millisecond
		for _, w := range both {
			if m := w.p.hear(10 * time.Millisecond); m != nil {
				w.serves(m)
				still = 0
			}
		}
	}
}

// TestDirectMediaAtRandom has two phones hold, resume, move, ask for offers, refuse
// and be played to, at random and at once; whatever has happened, in the end they
// send to each other, or both to the server where one of them holds.
func TestDirectMediaAtRandom(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inHouse(t, directHouse("", "", "", ""), func(h *house) {
				rnd := rand.New(rand.NewPCG(seed, 3))
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller, callee := one.answered(two)
				both := []*wanderer{
					{talk: caller, rnd: rnd, port: 40000, dir: "sendrecv", moody: seed%2 == 1, rude: seed%4 == 3},
					{talk: callee, rnd: rnd, port: 40000, dir: "sendrecv", moody: seed%2 == 1, rude: seed%4 == 3},
				}
				for range 30 {
					both[rnd.IntN(2)].does(h)
					if rnd.IntN(2) == 0 {
						settle(time.Duration(rnd.IntN(5000))*time.Millisecond, both...)
					}
				}
				for _, w := range both {
					w.moody = false
				}
				settle(30*time.Second, both...)
				agree(h, both[0], both[1])
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
				h.quiet()
			})
		})
	}
}

// agree fails the test unless both send where they ought to.
func agree(h *house, one, two *wanderer) {
	h.t.Helper()
	var shown strings.Builder
	h.sip.ShowChannel(&shown, one.callID)
	direct := strings.Contains(shown.String(), "(Outside bridge)")
	for _, w := range [][2]*wanderer{{one, two}, {two, one}} {
		phone := fmt.Sprintf("%s:%d", w[1].p.addr.Addr(), w[1].port)
		house := strings.HasPrefix(w[0].told, atHouse+":")
		if direct && w[0].told != phone || !direct && !house {
			h.t.Errorf("phone %s sends to %s; the other is at %s, direct: %t\n%s", w[0].p.name, w[0].told, phone, direct, shown.String())
		}
	}
	if held := one.dir != "sendrecv" || two.dir != "sendrecv"; held && direct {
		h.t.Errorf("%s and %s, and they send to each other", one.dir, two.dir)
	} else if !held && !direct && !strings.Contains(shown.String(), "refused it") && !strings.Contains(shown.String(), "with each answer") {
		h.t.Errorf("they could send to each other, and don't:\n%s", shown.String())
	}
}
