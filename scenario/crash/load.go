package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"obelus/sip"
)

// crowd are all phones.
type crowd struct {
	l       *ledger
	movers  []*phone
	readers []*phone
	writers []*phone
	callers []*phone
	contact int // the last that was made up
	life    int // the last of REGISTER, in seconds
	mu      sync.Mutex
}

func newCrowd(s *server, l *ledger) (*crowd, error) {
	c := &crowd{l: l}
	var all error
	for _, group := range []struct {
		to *[]*phone
		n  int
	}{{&c.movers, movers / accountsPerMoverSocket}, {&c.readers, readers}, {&c.writers, writers}, {&c.callers, callers}} {
		for range group.n {
			p, err := newPhone(s.addr, l.read)
			if err != nil {
				all = errors.Join(all, err)
				continue
			}
			*group.to = append(*group.to, p)
		}
	}
	return c, all
}

func (c *crowd) close() {
	for _, group := range [][]*phone{c.movers, c.readers, c.writers, c.callers} {
		for _, p := range group {
			p.close()
		}
	}
}

// busy has everybody do what they do until ctx ends.
func (c *crowd) busy(ctx context.Context) {
	var all sync.WaitGroup
	for i, p := range c.movers {
		all.Go(func() { c.moves(ctx, p, firstMover+i*accountsPerMoverSocket) })
	}
	for i, p := range c.writers {
		all.Go(func() { c.writes(ctx, p, strconv.Itoa(firstWriter+i)) })
	}
	for i, p := range c.callers {
		all.Go(func() { c.calls(ctx, p, strconv.Itoa(firstCaller+i)) })
	}
	all.Wait()
}

// next is a Contact that nobody had before, and a life that no REGISTER had.
func (c *crowd) next(user, local string) (contact string, life int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.contact++
	c.life += 10
	return fmt.Sprintf("sip:%s@%s;n=%d", user, local, c.contact), 600 + c.life%80000
}

// moves has the accounts of a phone register: for longer, elsewhere, or no more.
func (c *crowd) moves(ctx context.Context, p *phone, first int) {
	at := make([]string, accountsPerMoverSocket) // the Contacts
	for ctx.Err() == nil {
		i := rand.IntN(len(at))
		user := strconv.Itoa(first + i)
		contact, life := c.next(user, p.local)
		switch n := rand.IntN(10); {
		case n == 0:
			life = 0
		case n < 6 && at[i] != "":
			contact = at[i] // a refresh
		}
		to := place{contact, time.Now().Add(time.Duration(life) * time.Second)}
		header := fmt.Sprintf("Contact: <%s>\r\nExpires: %d\r\n", contact, life)
		if life == 0 {
			to, header = place{}, "Contact: *\r\nExpires: 0\r\n"
		}
		c.l.asks(user, to)
		// All with one Call-ID, as RFC 3261 section 10.2 has it: only then is a refresh one.
		got, err := p.ask(ctx, request{method: sip.REGISTER, user: user, callID: user + "-" + p.life, headers: header})
		if err != nil || got.answer.StatusCode() != 200 {
			continue
		}
		c.l.granted(user, got.took)
		at[i] = to.contact
	}
}

// writes has an account send texts to readers who are there, and to some who are away.
func (c *crowd) writes(ctx context.Context, p *phone, user string) {
	for n := 0; ctx.Err() == nil; n++ {
		body := fmt.Sprintf("%s of %s, %d", user, p.life, p.seq)
		got, err := p.ask(ctx, request{method: sip.MESSAGE, user: user, to: strconv.Itoa(firstReader + rand.IntN(readers)), body: body})
		if err == nil && got.answer.StatusCode() == 202 {
			c.l.taken(body)
		}
		pause(ctx, 3*time.Millisecond)
	}
}

// calls has an account call numbers that nobody has called before.
func (c *crowd) calls(ctx context.Context, p *phone, user string) {
	for ctx.Err() == nil {
		number := fmt.Sprintf("7%s%d", user, time.Now().UnixNano())
		contact := fmt.Sprintf("Contact: <sip:%s@%s>\r\nContent-Type: application/sdp\r\n", user, p.local)
		got, err := p.ask(ctx, request{method: sip.INVITE, user: user, to: number, headers: contact, body: sdp})
		if err != nil {
			continue
		}
		tag := got.answer.ToTag()
		if got.answer.StatusCode() != 200 {
			continue
		}
		c.l.answered(number)
		p.ack(request{method: sip.ACK, user: user, to: number, callID: got.callID, toTag: tag})
		if rand.IntN(2) == 0 {
			_, _ = p.ask(ctx, request{method: sip.BYE, user: user, to: number, callID: got.callID, toTag: tag})
		}
		pause(ctx, 10*time.Millisecond)
	}
}

const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"

// pause waits for about so long.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(rand.N(2 * d))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
