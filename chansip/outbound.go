package chansip

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"obelus/sip"
	"obelus/sip/digest"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// registrations are the register => lines at work.
type registrations struct {
	mu   sync.Mutex
	list []*registration
}

// registration is one register => line at work: a goroutine that registers,
// refreshes and tries again.
type registration struct {
	d    *Driver
	r    Register
	stop context.CancelFunc

	mu    sync.Mutex
	state string // as sip show registry prints it
	at    time.Time
	next  time.Duration // until the refresh
}

// The states of a registration, in the original's words.
const (
	regUnregistered = "Unregistered"
	regSent         = "Request Sent"
	regAuthSent     = "Auth. Sent"
	regRegistered   = "Registered"
	regRejected     = "Rejected"
	regTimeout      = "Timeout"
	regNoAuth       = "No Authentication"
	regFailed       = "Failed"
)

// registerOut begins the registrations of new settings, and ends those that are
// gone.
func (d *Driver) registerOut(set *Settings) {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	keep := make(map[Register]*registration)
	for _, g := range d.out.list {
		keep[g.r] = g
	}
	d.out.list = nil
	for _, r := range set.Registers {
		if g := keep[r]; g != nil {
			delete(keep, r)
			d.out.list = append(d.out.list, g)
			continue
		}
		ctx, stop := context.WithCancel(d.life)
		g := &registration{d: d, r: r, stop: stop, state: regUnregistered}
		d.out.list = append(d.out.list, g)
		d.job(func(context.Context) { g.run(ctx) })
	}
	for _, g := range keep {
		g.stop()
	}
}

func (g *registration) set(state string, next time.Duration) {
	g.mu.Lock()
	g.state, g.next = state, next
	if state == regRegistered {
		g.at = now()
	}
	g.mu.Unlock()
}

// errForbidden says that the server does not want us: asking again would not
// help.
var errForbidden = errors.New("the server refused the registration for good")

// run registers for as long as ctx lives.
func (g *registration) run(ctx context.Context) {
	id := &outID{}
	for tries := 0; ; {
		set := g.d.settings.Load()
		wait, err := g.once(ctx, set, id, g.expires(set))
		if err == nil {
			tries = 0
		} else if ctx.Err() == nil {
			tries++
			wait = set.General.RegisterTimeout
			if wait <= 0 {
				wait = 20 * time.Second
			}
			g.d.log.Warn("a registration with another server failed", "user", g.r.User, "host", g.r.Host, "tries", tries, "why", err)
			if errors.Is(err, errForbidden) && !set.General.RegisterRetry403 ||
				set.General.RegisterAttempts > 0 && tries >= set.General.RegisterAttempts {
				return
			}
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
	}
}

func (g *registration) expires(set *Settings) time.Duration {
	if g.r.Expires > 0 {
		return g.r.Expires
	}
	return set.General.DefaultExpiry
}

// outID is what stays the same from one REGISTER to the next.
type outID struct {
	callID, tag string
	seq         uint32
}

// once registers and returns when to do so again.
func (g *registration) once(ctx context.Context, set *Settings, id *outID, expires time.Duration) (time.Duration, error) {
	flow, err := g.flow(ctx, set)
	if err != nil {
		g.set(regFailed, 0)
		return 0, err
	}
	if id.callID == "" {
		id.callID, id.tag, id.seq = g.d.newCallID(g.d.ourAddr(set, flow)), g.d.newTag(), 101
	}
	g.set(regSent, 0)
	var headers [][2]string
	for range 3 {
		resp, err := g.ask(ctx, set, flow, id, expires, headers)
		if err != nil {
			g.set(regTimeout, 0)
			return 0, err
		}
		switch status := resp.StatusCode(); {
		case status < 300:
			return g.accepted(resp, expires), nil
		case status == 423:
			if least, ok := resp.Number(sip.HeaderMinExpires); ok {
				expires = time.Duration(least) * time.Second
				continue
			}
		case status == 401 || status == 407:
			if headers != nil {
				g.set(regNoAuth, 0)
				return 0, fmt.Errorf("the password was not accepted (%d): %w", status, errForbidden)
			}
			name, value, err := digest.Respond(resp, digest.Answer{User: g.authUser(), Secret: g.r.Secret, Method: sip.REGISTER, URI: g.uri()})
			if err != nil {
				g.set(regNoAuth, 0)
				return 0, err
			}
			headers = [][2]string{{name.String(), value}}
			g.set(regAuthSent, 0)
			continue
		case status == 403:
			g.set(regRejected, 0)
			return 0, fmt.Errorf("403 %s: %w", resp.Reason(), errForbidden)
		}
		g.set(regRejected, 0)
		return 0, fmt.Errorf("the server answered %d %s", resp.StatusCode(), resp.Reason())
	}
	g.set(regRejected, 0)
	return 0, errors.New("the server wants something else each time")
}

// accepted takes a 200 in and says when to refresh: a little before the end, as
// the original.
func (g *registration) accepted(resp *sip.Message, asked time.Duration) time.Duration {
	got := asked
	if s, ok := resp.Expires(); ok {
		got = time.Duration(s) * time.Second
	}
	for c, err := range resp.Contacts() {
		if err != nil {
			continue
		}
		if s, ok := c.Expires(); ok {
			got = time.Duration(s) * time.Second
		}
		break
	}
	got = max(got, 10*time.Second)
	wait := got - min(15*time.Second, got/5)
	g.set(regRegistered, wait)
	return wait
}

func (g *registration) authUser() string {
	if g.r.AuthUser != "" {
		return g.r.AuthUser
	}
	return g.r.User
}

func (g *registration) uri() string {
	return "sip:" + string(sip.AppendHostPort(nil, g.r.Host, 0))
}

func (g *registration) flow(ctx context.Context, set *Settings) (transport.Flow, error) {
	if g.r.Peer != "" {
		if p := set.Peer(g.r.Peer); p != nil {
			if w, ok := g.d.fixed(p); ok {
				return w.flow, nil
			}
		}
	}
	port := ""
	if g.r.Port != 0 {
		port = fmt.Sprintf(":%d", g.r.Port)
	}
	uri := "sip:" + g.r.Host + port
	if g.r.Transport > transport.UDP {
		uri += ";transport=" + g.r.Transport.Param()
	}
	ways, err := g.d.resolve(ctx, set, uri)
	if err != nil {
		return transport.Flow{}, err
	}
	return ways[0].flow, nil
}

// answerOf is a sink that waits for one final answer.
type answerOf struct {
	resp chan *sip.Message
	err  chan error
}

func (a answerOf) Response(_ *transaction.Client, m *sip.Message) {
	if m.StatusCode() >= 200 {
		a.resp <- m
	}
}

func (a answerOf) Failed(_ *transaction.Client, err error) { a.err <- err }

// ask sends one REGISTER and waits for its answer.
func (g *registration) ask(ctx context.Context, set *Settings, f transport.Flow, id *outID, expires time.Duration, headers [][2]string) (*sip.Message, error) {
	d := g.d
	domain := g.r.Domain
	if domain == "" {
		domain = g.r.Host
	}
	aor := "<sip:" + string(sip.AppendEscapedUser(nil, g.r.User)) + "@" + domain + ">"
	exten := g.r.Exten
	if exten == "" {
		exten = "s"
	}
	branch := transaction.NewBranch()
	id.seq++
	var b sip.Builder
	b.Request(sip.REGISTER, g.uri())
	d.addVia(&b, f, branch)
	b.Number(sip.HeaderMaxForwards, 70)
	b.Add(sip.HeaderFrom, aor+";tag="+id.tag)
	b.Add(sip.HeaderTo, aor)
	b.Add(sip.HeaderCallID, id.callID)
	b.CSeq(id.seq, sip.REGISTER)
	b.Add(sip.HeaderSupported, supported)
	b.Add(sip.HeaderUserAgent, set.General.UserAgent)
	for _, h := range headers {
		b.Header(h[0], h[1])
	}
	b.Number(sip.HeaderExpires, uint64(expires.Seconds()))
	b.Add(sip.HeaderContact, d.contactFor(set, f, exten))
	sink := answerOf{make(chan *sip.Message, 1), make(chan error, 1)}
	d.tx.Send(b.End("", nil), branch, sip.REGISTER, f, transaction.Timing{}, sink)
	select {
	case m := <-sink.resp:
		return m, nil
	case err := <-sink.err:
		return nil, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
