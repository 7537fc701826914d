package scenario

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
)

// crowd is many phones behind one socket, which take every text that comes.
type crowd struct {
	*phone
	names []string
	heard map[string][]string // by account
	ended chan struct{}
}

// crowdHouse has accounts without a password, so that phones need no proof.
func crowdHouse(n int) files {
	var b strings.Builder
	b.WriteString("[general]\ncontext=sms\nstore_messages=yes\nauth_message_requests=no\ndefaultexpiry=3600\n")
	for i := range n {
		fmt.Fprintf(&b, "[%d]\ntype=friend\nhost=dynamic\n", 5000+i)
	}
	return files{sip: b.String(), extensions: "[sms]\nexten => _X.,1,MessageSend(sip:${EXTEN},${MESSAGE(from)})\n"}
}

// crowd puts phones on the network that answer all they are asked.
func (h *house) crowd(addr netip.AddrPort, names []string) *crowd {
	c := &crowd{phone: h.phone("crowd", addr), names: names, heard: make(map[string][]string), ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		for m := c.hear(time.Hour); m != nil; m = c.hear(time.Hour) {
			if !m.IsRequest() || m.Method() != sip.MESSAGE {
				continue
			}
			to, err := m.RequestURI()
			if err != nil {
				h.t.Error(err)
				return
			}
			c.heard[to.Who()] = append(c.heard[to.Who()], string(m.Body()))
			c.reply(m, 200)
		}
	}()
	return c
}

// come has all phones of the crowd register, by hundreds.
func (c *crowd) come() {
	for i, name := range c.names {
		c.send(fmt.Sprintf("REGISTER sip:10.99.0.1 SIP/2.0\nVia: SIP/2.0/UDP %[1]s;branch=z9hG4bKr%[2]s;rport\nMax-Forwards: 70\nFrom: <sip:%[2]s@10.99.0.1>;tag=r\n"+
			"To: <sip:%[2]s@10.99.0.1>\nCall-ID: r%[2]s\nCSeq: 1 REGISTER\nContact: <sip:%[2]s@%[1]s>", c.addr, name), "")
		if i%100 == 99 {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// TestFanOut has 10,000 texts in a minute go to 1,000 phones through the whole server, half of
// them away: each phone gets its own once and in order, those that were away when they come.
func TestFanOut(t *testing.T) {
	const phones, each = 1000, 10
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, crowdHouse(phones))
		var here, away []string
		for i := range phones {
			if name := fmt.Sprint(5000 + i); i%2 == 0 {
				here = append(here, name)
			} else {
				away = append(away, name)
			}
		}
		there, back := h.crowd(addrTwo, here), h.crowd(addrThree, away)
		there.come()
		h.pass(time.Second)
		writer := h.phone("5000", addrOne)
		start := time.Now()
		for i := range phones * each {
			to := fmt.Sprint(5000 + i%phones)
			writer.send(fmt.Sprintf("MESSAGE sip:%[1]s@10.99.0.1 SIP/2.0\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bKm%[3]d;rport\nMax-Forwards: 70\nFrom: <sip:%[4]d@10.99.0.1>;tag=m%[3]d\n"+
				"To: <sip:%[1]s@10.99.0.1>\nCall-ID: m%[3]d\nCSeq: 1 MESSAGE\nContent-Type: text/plain", to, addrOne, i, 5000+i/7%50), fmt.Sprint(i/phones))
			if i%100 == 99 {
				for range 100 {
					writer.answer(202)
				}
				time.Sleep(600 * time.Millisecond)
			}
		}
		if d := time.Since(start); d > 61*time.Second {
			t.Errorf("it took %v", d)
		}
		h.pass(time.Second)
		for _, name := range away {
			if n := h.shelf.Count(name); n != each {
				t.Fatalf("%d wait for %s", n, name)
			}
		}
		back.come()
		h.pass(time.Minute)
		h.close()
		for _, c := range []*crowd{there, back} {
			c.pc.Close()
			<-c.ended
			for _, name := range c.names {
				if got := strings.Join(c.heard[name], " "); got != "0 1 2 3 4 5 6 7 8 9" {
					t.Fatalf("phone %s has %q", name, got)
				}
			}
		}
	})
}
