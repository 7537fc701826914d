package outbound

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"obelus/chansip/credential"
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
	stop context.CancelCauseFunc
	soon chan struct{} // asks for it before its time

	// Of the goroutine.
	got   time.Duration // how long we are registered for
	least time.Duration // the shortest time that the server takes, once it has said so

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

// errReplaced is why a registration ends that another line goes on with.
var errReplaced = errors.New("another line registers the same")

// run registers for as long as ctx lives, or until the server does not want us. What it
// has registered it takes back at its end, so that nobody calls where nobody is.
func (g *registration) run(ctx context.Context) {
	id := &outID{}
	defer g.takeBack(ctx, id)
	for tries := 0; ; {
		set := g.c.Settings()
		pause := pauseOf(set)
		begin := time.Now()
		wait, err := g.once(ctx, set, id, pause)
		if ctx.Err() != nil {
			return
		}
		if tries++; err == nil {
			tries = 0
		} else {
			wait = max(pause-time.Since(begin), time.Second)
			g.tellFailure(err, tries)
		}
		if errors.Is(err, errFinal) {
			return
		}
		if most := set.General.RegisterAttempts; most > 0 && tries >= most {
			g.set(failed, 0)
			g.c.Log.Warn(fmt.Sprintf("Last Registration Attempt #%d failed, Giving up forever trying to register '%s'", tries, g.who()))
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

// pauseOf is registertimeout: how long an answer may take, and how far tries are apart.
func pauseOf(set *sipconf.Settings) time.Duration {
	if d := set.General.RegisterTimeout; d > 0 {
		return d
	}
	return 20 * time.Second
}

// who is user@host, as the original names a registration.
func (g *registration) who() string { return g.r.User + "@" + g.r.Host }

// tellFailure logs why a try has failed, in the original's words.
func (g *registration) tellFailure(err error, tries int) {
	switch g.now() {
	case timeout:
		g.c.Log.Warn(fmt.Sprintf("Registration for '%s' timed out, trying again (Attempt #%d)", g.who(), tries), "why", err)
	case noAuth:
		g.c.Log.Warn(fmt.Sprintf("Failed to authenticate on REGISTER to '%s' (Tries %d)", g.who(), tries), "why", err)
	default:
		g.c.Log.Warn(fmt.Sprintf("Registration for '%s' failed (Attempt #%d)", g.who(), tries), "why", err)
	}
}

// now is the state of the registration.
func (g *registration) now() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state
}

// takeBackTime is how long the end of a registration waits for the server.
const takeBackTime = time.Second

// takeBack asks the server to forget us, where it has us.
func (g *registration) takeBack(ctx context.Context, id *outID) {
	if g.got == 0 || errors.Is(context.Cause(ctx), errReplaced) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeBackTime)
	defer cancel()
	set := g.c.Settings()
	flow, err := g.flow(ctx, set)
	if err == nil {
		err = g.converse(ctx, &asking{
			set: set, flow: flow, pause: takeBackTime, id: id, contact: g.contact(set, flow),
		}, func(*sip.Message) {})
	}
	if err != nil {
		g.c.Log.Info("a registration with another server was not taken back", "who", g.who(), "why", err)
	}
	g.set(unregistered, 0)
}

func (g *registration) expires(set *sipconf.Settings) time.Duration {
	if g.r.Expires > 0 {
		return max(g.r.Expires, g.least)
	}
	return max(set.General.DefaultExpiry, g.least)
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
	ask := asking{set: set, flow: flow, expires: g.expires(set), pause: pause, id: id, contact: g.contact(set, flow)}
	g.set(sent, 0)
	wait := time.Duration(0)
	err = g.converse(ctx, &ask, func(resp *sip.Message) { wait = g.accepted(resp, &ask) })
	return wait, err
}

// converse asks until the server agrees, or does not.
func (g *registration) converse(ctx context.Context, ask *asking, agreed func(*sip.Message)) error {
	for range authTries {
		resp, err := g.ask(ctx, ask)
		if err != nil {
			g.set(timeout, 0)
			return err
		}
		if resp.StatusCode() < 300 {
			agreed(resp)
			return nil
		}
		if again, err := g.refused(resp, ask); !again {
			return err
		}
	}
	g.set(rejected, 0)
	return errors.New("the server wants something else each time")
}

// contact is where calls to us are to go.
func (g *registration) contact(set *sipconf.Settings, flow transport.Flow) string {
	return g.c.Outside.Contact(&set.General, flow, g.uri(set), g.exten())
}

// asking is what one REGISTER says; an answer may change it for the next.
type asking struct {
	set     *sipconf.Settings
	flow    transport.Flow
	id      *outID
	contact string
	expires time.Duration
	pause   time.Duration
	proofs  credential.Proofs
}

// refused takes a final answer other than 2xx in, and says whether to ask again.
func (g *registration) refused(resp *sip.Message, ask *asking) (again bool, err error) {
	err = fmt.Errorf("the server answered %d %s", resp.StatusCode(), resp.Reason())
	switch resp.StatusCode() {
	case 401, 407:
		if failed := ask.proofs.TakeWith(resp, g.answerTo(resp, ask.set)); failed != nil {
			g.set(noAuth, 0)
			return false, fmt.Errorf("%w: %w", failed, err)
		}
		g.set(authSent, 0)
		return true, nil
	case 403:
		g.set(noAuth, 0)
		if !ask.set.General.RegisterRetry403 {
			err = fmt.Errorf("%w: %w", err, errFinal)
		}
		g.c.Log.Warn(fmt.Sprintf("Forbidden - wrong password on authentication for REGISTER for '%s' to '%s'", g.r.User, g.r.Host))
		return false, err
	case 404:
		g.set(rejected, 0)
		g.c.Log.Warn(fmt.Sprintf("Got 404 Not found on SIP register to service %s, giving up", g.who()))
		return false, fmt.Errorf("%w: %w", err, errFinal)
	case 423: // RFC 3261 section 10.2.8
		if least, ok := resp.Number(sip.HeaderMinExpires); ok && time.Duration(least)*time.Second > ask.expires {
			ask.expires = time.Duration(least) * time.Second
			g.least = ask.expires
			g.c.Log.Info(fmt.Sprintf("Got 423 Interval too brief for service %s, minimum is %d seconds", g.who(), least))
			return true, nil
		}
	}
	g.set(rejected, 0)
	return false, err
}

// answerTo is what a challenge is answered with: an auth= line for its realm, else what
// the register line has, else its account.
func (g *registration) answerTo(challenge *sip.Message, set *sipconf.Settings) digest.Answer {
	p := set.Peer(g.r.Peer)
	if p == nil || g.r.Peer == "" {
		p = &set.General.Default
	}
	a, ok := credential.ForRealm(set, p, challenge)
	if !ok {
		a = digest.Answer{User: g.authUser(), Secret: g.secret(set)}
		if a.Secret == "" {
			a.HA1 = p.MD5Secret
		}
	}
	a.Method, a.URI = sip.REGISTER, g.uri(set)
	return a
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
	g.c.Log.Info(fmt.Sprintf("Outbound Registration: Expiry for %s is %d sec (Scheduling reregistration in %d s)", g.r.Host, int(got.Seconds()), int(wait.Seconds())))
	g.got = got
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

// uri names whom we register with (RFC 3261 section 10.2): as in the original the domain
// of the line, else fromdomain of its account, else the host and its port.
func (g *registration) uri(set *sipconf.Settings) string {
	if g.r.Domain != "" {
		return "sip:" + g.r.Domain
	}
	if p := set.Peer(g.r.Peer); g.r.Peer != "" && p != nil && p.FromDomain != "" {
		return "sip:" + p.FromDomain
	}
	port := g.r.Port
	if port == g.r.Transport.DefaultPort() {
		port = 0
	}
	return "sip:" + string(sip.AppendHostPort(nil, g.r.Host, port))
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
	b.Request(sip.REGISTER, g.uri(a.set))
	g.c.Outside.AddVia(&b, a.flow, branch)
	b.Number(sip.HeaderMaxForwards, 70)
	b.Add(sip.HeaderFrom, aor+";tag="+a.id.tag)
	b.Add(sip.HeaderTo, aor)
	b.Add(sip.HeaderCallID, a.id.callID)
	b.CSeq(a.id.seq, sip.REGISTER)
	b.Add(sip.HeaderSupported, outside.Supported)
	b.Add(sip.HeaderUserAgent, a.set.General.UserAgent)
	a.proofs.Write(&b)
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
