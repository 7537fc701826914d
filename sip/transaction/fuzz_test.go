package transaction

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

// FuzzMachines throws events at the four machines in any order. Whatever comes, nobody
// panics, a request of ours gets one final response or one failure (an INVITE more
// than one 2xx), and at the end nothing is left.
func FuzzMachines(f *testing.F) {
	f.Add(false, []byte("aIb0c1d2"))
	f.Add(true, []byte("iiIIooOOrrRRaaccCC00112233445566778899"))
	f.Add(false, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24})
	f.Add(false, []byte{12, 0, 18, 24, 30, 3, 9, 15, 21, 3, 3, 5, 11, 17, 23, 5, 5})
	f.Fuzz(func(t *testing.T, reliable bool, events []byte) {
		if len(events) > 200 {
			events = events[:200]
		}
		carrier := transport.UDP
		if reliable {
			carrier = transport.TCP
		}
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, carrier, 50)
			g := &game{house: h}
			for _, e := range events {
				g.play(e)
			}
			g.finish()
			h.layer.Close()
		})
	})
}

// game plays events.
type game struct {
	*house
	clients []*Client
	sinks   []*verdict
}

// verdict is a sink that counts how its request ended.
type verdict struct {
	method           sip.Method
	accepted, failed int
	refused          int
}

func (v *verdict) Response(_ *Client, m *sip.Message) {
	switch s := m.StatusCode(); {
	case s >= 300:
		v.refused++
	case s >= 200:
		v.accepted++
	}
}

func (v *verdict) Failed(*Client, error) { v.failed++ }

var (
	fuzzMethods  = [...]sip.Method{sip.INVITE, sip.OPTIONS, sip.CANCEL, sip.BYE}
	fuzzStatuses = [...]int{100, 180, 200, 202, 401, 486, 503, 699}
	fuzzPauses   = [...]time.Duration{time.Millisecond, 499 * time.Millisecond, 4 * time.Second, 33 * time.Second}
)

// play plays one event: its low bits say what, its high bits which.
func (g *game) play(e byte) {
	which := int(e / 8)
	switch e % 8 {
	case 0: // we ask
		method := fuzzMethods[which%2] // CANCEL is the machine's own affair
		branch := fmt.Sprint("z9hG4bKc", len(g.clients))
		v := &verdict{method: method}
		g.sinks = append(g.sinks, v)
		g.clients = append(g.clients, g.layer.Send([]byte(asked(method, branch)), branch, method, g.flow, Timing{}, v))
	case 1: // we are answered
		if n := len(g.clients); n > 0 {
			c := g.clients[which%n]
			g.hear(answered(fuzzStatuses[which%len(fuzzStatuses)], c.key.method, c.key.branch, fmt.Sprint("t", which%3)))
		}
	case 2:
		if n := len(g.clients); n > 0 {
			g.clients[which%n].Cancel()
		}
	case 3: // they ask, perhaps again
		g.hear(asked(fuzzMethods[which%len(fuzzMethods)], fmt.Sprint("z9hG4bKs", which%5)))
	case 4:
		g.hear(acked(fmt.Sprint("z9hG4bKs", which%5)))
	case 5: // we answer
		if n := len(g.servers); n > 0 {
			tx := g.servers[which%n]
			status := fuzzStatuses[which%len(fuzzStatuses)]
			_ = tx.Reply(status, answerTo(tx.Request(), status, "ours")) // may be answered already
		}
	case 6:
		after(fuzzPauses[which%len(fuzzPauses)])
	case 7: // the wire breaks or is mended
		g.mu.Lock()
		g.broken = nil
		if which%2 == 0 {
			g.broken = errWire
		}
		g.mu.Unlock()
	}
}

// finish answers and cancels what is open and checks that all has come to its end.
func (g *game) finish() {
	synctest.Wait()
	for _, tx := range g.servers {
		_ = tx.Reply(500, answerTo(tx.Request(), 500, "ours"))
	}
	for _, c := range g.clients {
		c.Cancel()
	}
	after(2 * time.Minute)
	for i, v := range g.sinks {
		many := v.accepted > 1 && v.method != sip.INVITE
		if many || v.refused > 1 || v.failed > 1 || min(v.accepted, 1)+v.refused+v.failed != 1 {
			g.t.Errorf("request %d, %s, ended %+v", i, v.method, *v)
		}
	}
	g.expectForgotten()
	for _, p := range g.sent {
		if strings.TrimSpace(p.text) == "" {
			g.t.Error("an empty message was sent")
		}
	}
}
