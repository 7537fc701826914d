package outbound

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/digest"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// registration is one register => line at work: a goroutine that registers,
// refreshes and tries again.
type registration struct {
	c    *Config
	r    sipconf.Register
	stop context.CancelFunc
	soon chan struct{} // asks for it before its time

	mu    sync.Mutex
	state string // as sip show registry prints it
	at    time.Time
	next  time.Duration // until the refresh
}

// The states of a registration, in the original's words.
const (
	unregistered = "Unregistered"
	sent         = "Request Sent"
	authSent     = "Auth. Sent"
	registered   = "Registered"
	rejected     = "Rejected"
	timeout      = "Timeout"
	noAuth       = "No Authentication"
	failed       = "Failed"
)

func (g *registration) set(state string, next time.Duration) {
	g.mu.Lock()
	g.state, g.next = state, next
	if state == registered {
		g.at = time.Now()
	}
	g.mu.Unlock()
}

// errFinal says that the server does not want us: asking again would not help.
var errFinal = errors.New("it is not tried again")

// run registers for as long as ctx lives, or until the server does not want us.
func (g *registration) run(ctx context.Context) {
	id := &outID{}
	for tries := 0; ; {
		set := g.c.Settings()
		pause := set.General.RegisterTimeout
		if pause <= 0 {
			pause = 20 * time.Second
		}
		begin := time.Now()
		wait, err := g.once(ctx, set, id, pause)
		if ctx.Err() != nil {
			return
		}
		tries++
		if err == nil {
			tries = 0
		} else {
			wait = max(pause-time.Since(begin), time.Second)
			g.c.Log.Warn("a registration with another server failed", "user", g.r.User, "host", g.r.Host, "tries", tries, "why", err)
		}
		if errors.Is(err, errFinal) {
			return
		}
		if most := set.General.RegisterAttempts; most > 0 && tries >= most {
			g.set(failed, 0)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		case <-g.soon:
		}
	}
}

func (g *registration) expires(set *sipconf.Settings) time.Duration {
	if g.r.Expires > 0 {
		return g.r.Expires
	}
	return set.General.DefaultExpiry
}

// outID is what stays the same from one REGISTER to the next (RFC 3261 section
// 10.2).
type outID struct {
	callID, tag string
	seq         uint32
}

// authTries is how often a server may ask for a proof in one registration.
const authTries = 3

// once registers and returns when to do so again. An answer may take as long as
// pause.
func (g *registration) once(ctx context.Context, set *sipconf.Settings, id *outID, pause time.Duration) (time.Duration, error) {
	flow, err := g.flow(ctx, set)
	if err != nil {
		g.set(unregistered, 0)
		return 0, err
	}
	if id.callID == "" {
		id.callID, id.tag, id.seq = g.c.Outside.NewCallID(&set.General, flow), outside.NewTag(), 101
	}
	ask := asking{set: set, flow: flow, expires: g.expires(set), pause: pause, id: id, contact: g.c.Outside.Contact(&set.General, flow, g.uri(), g.exten())}
	g.set(sent, 0)
	for range authTries {
		resp, err := g.ask(ctx, &ask)
		if err != nil {
			g.set(timeout, 0)
			return 0, err
		}
		if resp.StatusCode() < 300 {
			return g.accepted(resp, &ask), nil
		}
		if again, err := g.refused(resp, &ask); !again {
			return 0, err
		}
	}
	g.set(rejected, 0)
	return 0, errors.New("the server wants something else each time")
}

// asking is what one REGISTER says; an answer may change it for the next.
type asking struct {
	set     *sipconf.Settings
	flow    transport.Flow
	id      *outID
	contact string
	expires time.Duration
	pause   time.Duration
	header  sip.HeaderID // of the proof, if there is one
	proof   string
}

// refused takes a final answer other than 2xx in, and says whether to ask again.
func (g *registration) refused(resp *sip.Message, ask *asking) (again bool, err error) {
	err = fmt.Errorf("the server answered %d %s", resp.StatusCode(), resp.Reason())
	switch resp.StatusCode() {
	case 401, 407:
		if ask.proof != "" && !stale(resp) {
			g.set(noAuth, 0)
			return false, fmt.Errorf("the password was not accepted: %w", err)
		}
		ask.header, ask.proof, err = digest.Respond(resp, digest.Answer{
			User: g.authUser(), Secret: g.secret(ask.set), Method: sip.REGISTER, URI: g.uri(),
		})
		if err != nil {
			g.set(noAuth, 0)
			return false, err
		}
		g.set(authSent, 0)
		return true, nil
	case 403:
		g.set(noAuth, 0)
		if !ask.set.General.RegisterRetry403 {
			err = fmt.Errorf("%w: %w", err, errFinal)
		}
		return false, err
	case 404:
		g.set(rejected, 0)
		return false, fmt.Errorf("%w: %w", err, errFinal)
	case 423: // RFC 3261 section 10.2.8
		if least, ok := resp.Number(sip.HeaderMinExpires); ok && time.Duration(least)*time.Second > ask.expires {
			ask.expires = time.Duration(least) * time.Second
			return true, nil
		}
	}
	g.set(rejected, 0)
	return false, err
}

// stale says whether a challenge asks again only because its nonce was old.
func stale(resp *sip.Message) bool {
	for _, id := range []sip.HeaderID{sip.HeaderWWWAuthenticate, sip.HeaderProxyAuthenticate} {
		for a := range resp.Auths(id) {
			if strings.EqualFold(a.Get("stale"), "true") {
				return true
			}
		}
	}
	return false
}

// accepted takes a 200 in and says when to refresh: as the original, 15 seconds
// before the end, or after four fifths of half a minute or less.
func (g *registration) accepted(resp *sip.Message, ask *asking) time.Duration {
	got := ask.expires
	if s, ok := resp.Expires(); ok {
		got = time.Duration(s) * time.Second
	}
	ours := strings.Trim(ask.contact, "<>")
	for c, err := range resp.Contacts() {
		if err == nil && sameContact(c.Addr, ours) {
			if s, ok := c.Expires(); ok {
				got = time.Duration(s) * time.Second
			}
		}
	}
	wait := got - 15*time.Second
	if got <= 30*time.Second {
		wait = got - max(got/5, 500*time.Millisecond)
	}
	wait = max(wait, time.Second)
	g.set(registered, wait)
	return wait
}

// sameContact says whether two URIs name the same user at the same host.
func sameContact(a, b string) bool {
	x, err := sip.ParseURI(a)
	y, err2 := sip.ParseURI(b)
	return err == nil && err2 == nil && x.UserName() == y.UserName() && strings.EqualFold(x.Host, y.Host) && x.Port == y.Port
}

func (g *registration) exten() string {
	if g.r.Exten != "" {
		return g.r.Exten
	}
	return "s"
}

func (g *registration) authUser() string {
	if g.r.AuthUser != "" {
		return g.r.AuthUser
	}
	return g.r.User
}

// secret is the line's, else that of the account the line names.
func (g *registration) secret(set *sipconf.Settings) string {
	if p := set.Peer(g.r.Peer); g.r.Secret == "" && g.r.Peer != "" && p != nil {
		if p.RemoteSecret != "" {
			return p.RemoteSecret
		}
		return p.Secret
	}
	return g.r.Secret
}

func (g *registration) uri() string {
	return "sip:" + string(sip.AppendHostPort(nil, g.r.Host, 0))
}

// flow is the way to the server: that of the account the line names, or by
// outboundproxy of [general], or to its host.
func (g *registration) flow(ctx context.Context, set *sipconf.Settings) (transport.Flow, error) {
	if p := set.Peer(g.r.Peer); g.r.Peer != "" && p != nil {
		if w, ok := g.c.Reach.Fixed(p); ok {
			return w.Flow, nil
		}
	}
	k := reach.Host{Name: g.r.Host, Port: g.r.Port, Transport: g.r.Transport}
	if proxy, ok := reach.ProxyOf(&set.General.Default); ok {
		k = proxy
	}
	if k.Transport == 0 {
		k.Transport = transport.UDP
	}
	uri := "sip:" + string(sip.AppendHostPort(nil, k.Name, k.Port)) + ";transport=" + k.Transport.Param()
	ways, err := g.c.Reach.Resolve(ctx, set, uri)
	if err != nil {
		return transport.Flow{}, err
	}
	return ways[0].Flow, nil
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
func (g *registration) ask(ctx context.Context, a *asking) (*sip.Message, error) {
	domain := g.r.Domain
	if domain == "" {
		domain = string(sip.AppendHostPort(nil, g.r.Host, 0))
	}
	aor := "<sip:" + string(sip.AppendEscapedUser(nil, g.r.User)) + "@" + domain + ">"
	branch := transaction.NewBranch()
	a.id.seq++
	var b sip.Builder
	b.Request(sip.REGISTER, g.uri())
	g.c.Outside.AddVia(&b, a.flow, branch)
	b.Number(sip.HeaderMaxForwards, 70)
	b.Add(sip.HeaderFrom, aor+";tag="+a.id.tag)
	b.Add(sip.HeaderTo, aor)
	b.Add(sip.HeaderCallID, a.id.callID)
	b.CSeq(a.id.seq, sip.REGISTER)
	b.Add(sip.HeaderSupported, outside.Supported)
	b.Add(sip.HeaderUserAgent, a.set.General.UserAgent)
	if a.proof != "" {
		b.Add(a.header, a.proof)
	}
	b.Number(sip.HeaderExpires, sip.Seconds(a.expires))
	b.Add(sip.HeaderContact, a.contact)
	sink := answerOf{make(chan *sip.Message, 1), make(chan error, 1)}
	g.c.Transactions.Send(b.End("", nil), branch, sip.REGISTER, a.flow, transaction.Timing{B: a.pause}, sink)
	select {
	case m := <-sink.resp:
		return m, nil
	case err := <-sink.err:
		return nil, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
