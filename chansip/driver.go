package chansip

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"obelus/call"
	"obelus/chansip/credential"
	"obelus/chansip/door"
	"obelus/chansip/outbound"
	"obelus/chansip/outside"
	"obelus/chansip/qualify"
	"obelus/chansip/reach"
	"obelus/chansip/registrar"
	"obelus/chansip/text"
	"obelus/chansip/watch"
	"obelus/device"
	"obelus/event"
	"obelus/location"
	"obelus/media/rtp"
	"obelus/message"
	"obelus/sip"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// Config is what a driver is made of.
type Config struct {
	Settings *Settings
	Location *location.Registrar
	Durable  bool // Location has a store that lasts: a 200 waits for it
	Strict   bool // a registration that the store does not have in time is refused with 503
	Registry *call.Registry
	Media    *rtp.Plane
	Bus      *event.Bus
	Log      *slog.Logger
	Version  string // what User-Agent and Server say where sip.conf says nothing
	Hostname string // of this machine: a domain of ours where autodomain=yes
	Resolver *transport.Resolver

	// Incoming is the order that a new call is given.
	Incoming func(context, exten string, priority int) call.Order
	// Exists and CanMatch say what the dialplan has for a caller.
	Exists   func(context, exten, callerID string) bool
	CanMatch func(context, exten, callerID string) bool
	// Text takes a text message that belongs to no call; may be nil. See
	// [text.DeskConfig].
	Text func(m *message.Message, done func(error))
	// Full says in words why no text can be kept for an account whose phones are
	// away, "" where one can; may be nil.
	Full func(account string) string
	// Back is told of an account of which a phone answers qualify again. It must not
	// block; may be nil.
	Back func(account string)
	// Board is whom the states of phones are told, and who knows the extensions that
	// they watch; nil: there are no lamps.
	Board *device.Board
	// Boxes know the messages that wait; nil: none do.
	Boxes watch.Mailboxes
}

// Driver is the SIP channel driver. Its methods may be called from any
// goroutine.
type Driver struct {
	cfg      Config
	log      *slog.Logger
	settings atomic.Pointer[Settings]
	tp       *transport.Layer
	tx       *transaction.Layer
	door     *door.Door
	clerk    *registrar.Clerk
	serial   atomic.Uint32
	phones   *qualify.Phones
	reach    *reach.Directory
	where    *outside.Finder
	calls    calls
	out      *outbound.Registrations
	texts    *text.Sender
	desk     *text.Desk
	lamps    *watch.Desk
	stopping atomic.Bool
	life     context.Context
	end      context.CancelFunc
	jobsMu   sync.Mutex // no job begins once life has ended
	jobs     sync.WaitGroup
}

// New makes a driver. Its transport is made with it as the handler, and handed
// to [Driver.Attach].
func New(c Config) *Driver {
	d := &Driver{cfg: c, log: c.Log}
	d.settings.Store(c.Settings)
	d.life, d.end = context.WithCancel(context.Background())
	d.calls.init(func(account string) { d.lamps.Changed(account) })
	d.where = outside.New(outside.Config{
		Log: c.Log, DNS: namesOf(c.Resolver), Settings: d.settings.Load, Changed: func() { d.out.Moved() },
		Flows: func(to netip.AddrPort) []transport.Flow { return d.tp.Ways(to) },
	})
	d.reach = reach.New(reach.Config{
		Log: c.Log, Location: c.Location, Resolver: c.Resolver, Settings: d.settings.Load, Ours: d.where.Ours, Life: d.life,
	})
	d.tx = transaction.New(transaction.Config{Log: c.Log, Request: d.request, Stray: d.stray})
	d.phones = qualify.New(qualify.Config{
		Log: c.Log, Bus: c.Bus, Settings: d.settings.Load, Reach: d.reach, Outside: d.where, Transactions: d.tx, Job: d.job, Back: c.Back,
		Changed: func(account string) { d.lamps.Changed(account) },
	})
	d.out = outbound.New(outbound.Config{
		Log: c.Log, Settings: d.settings.Load, Reach: d.reach, Outside: d.where, Transactions: d.tx, Life: d.life, Job: d.job,
	})
	d.door = door.New(door.Config{
		Log: c.Log, Bus: c.Bus, Settings: d.settings.Load, ByAddr: d.reach.ByAddr, Tag: d.tx.StatelessTag, Hostname: c.Hostname,
		Proved: func(f transport.Flow) { d.tp.Authenticated(f) },
	})
	d.clerk = registrar.New(registrar.Config{
		Log: c.Log, Location: c.Location, Durable: c.Durable, Strict: c.Strict, Reach: d.reach, Outside: d.where, Moved: d.rebound,
		Here: func(p *Peer, contact string) { d.phones.Here(p, contact); d.lamps.Here(p, contact) },
		UDP:  func(to netip.AddrPort) (transport.Flow, bool) { return d.tp.UDP(to) },
	})
	d.texts = text.New(text.Config{
		Settings: d.settings.Load, Reach: d.reach, Ways: d.ways, Outside: d.where, Transactions: d.tx, Prove: d.prove,
	})
	d.lamps = watch.New(watch.Config{
		Log: c.Log, Settings: d.settings.Load, Board: c.Board, Boxes: c.Boxes, Reach: d.reach, Outside: d.where, Lines: d.calls.lines, Ways: d.ways,
		Transactions: d.tx, Reachable: d.phones.Reachable, Prove: d.prove, Job: func(f func()) { d.job(func(context.Context) { f() }) },
	})
	d.desk = text.NewDesk(text.DeskConfig{Log: c.Log, Bus: c.Bus, Exists: c.Exists, Take: c.Text, Full: c.Full})
	return d
}

// prove answers a challenge of an account's server.
func (d *Driver) prove(p *Peer, challenge *sip.Message, method sip.Method, uri string) (sip.HeaderID, string, error) {
	return credential.Proof(d.settings.Load(), p, challenge, method, uri)
}

// namesOf is whom a resolver asks, nil for the system.
func namesOf(r *transport.Resolver) transport.Lookup {
	if r == nil {
		return nil
	}
	return r.DNS
}

// Attach gives the driver its transport. It comes before the first socket does:
// what arrives is answered by it.
func (d *Driver) Attach(tp *transport.Layer) {
	d.tp = tp
	d.reach.Attach(tp)
}

// Start sets the driver to work, when the sockets are open: it qualifies peers and
// registers where sip.conf says so.
func (d *Driver) Start() { d.applied(nil) }

// Stop takes no new calls any more, until Resume. Phones register, and texts go on. Close ends everything.
func (d *Driver) Stop() { d.stopping.Store(true) }

// Resume takes new calls again: the stop was called off.
func (d *Driver) Resume() { d.stopping.Store(false) }

// Close ends the driver's own work; its calls have ended before.
func (d *Driver) Close() {
	d.stopping.Store(true)
	d.jobsMu.Lock()
	d.end()
	d.jobsMu.Unlock()
	d.jobs.Wait()
	d.lamps.Close()
	d.tx.Close()
}

// Lamps are the subscriptions of phones.
func (d *Driver) Lamps() *watch.Desk { return d.lamps }

// Settings is what sip.conf says now.
func (d *Driver) Settings() *Settings { return d.settings.Load() }

// Reload makes s what sip.conf says; calls keep what they began with.
func (d *Driver) Reload(s *Settings) {
	old := d.settings.Swap(s)
	d.applied(old)
}

// applied puts new settings to work: at the start, where old is nil, and after a
// reload.
func (d *Driver) applied(old *Settings) {
	set := d.settings.Load()
	if old == nil {
		d.reach.Recall()
		d.job(d.reach.Run)
		d.job(d.where.Run)
	} else {
		d.reach.Again()
		d.where.Again()
	}
	d.lamps.Apply(set)
	d.phones.Apply(set)
	d.out.Apply(set)
}

// STUN takes a STUN datagram that came to a SIP socket; false where it is no
// answer to a question of ours.
func (d *Driver) STUN(b []byte, f transport.Flow) bool { return d.where.Take(b, f) }

// ShowSTUN prints stun show status.
func (d *Driver) ShowSTUN(w io.Writer) { d.where.Show(w) }

// Inline says which requests the transport's reader serves at once.
func (d *Driver) Inline(m *sip.Message) bool {
	if !m.IsRequest() {
		return false
	}
	method := m.Method()
	return method == sip.REGISTER || method == sip.OPTIONS && m.ToTag() == ""
}

// Serve takes a message of the transport in.
func (d *Driver) Serve(m *sip.Message, f transport.Flow) {
	if !d.Inline(m) {
		d.tx.Serve(m, f)
		return
	}
	r := request{d.door.Request(nil, m, f), d} // on the stack: a REGISTER takes nothing of the heap
	if r.Refused() {
		return
	}
	if m.Method() == sip.REGISTER {
		d.clerk.Serve(&r.Request)
	} else {
		r.options()
	}
}

// request is one request being served.
type request struct {
	door.Request
	d *Driver
}

// serve is the table of methods.
func (r *request) serve() {
	switch r.M.Method() {
	case sip.INVITE:
		r.invite()
	case sip.ACK:
		r.ack()
	case sip.BYE:
		r.bye()
	case sip.CANCEL:
		r.cancel()
	case sip.OPTIONS:
		r.options()
	case sip.INFO:
		r.info()
	case sip.UPDATE:
		r.update()
	case sip.PRACK:
		r.prack()
	case sip.REFER:
		r.refer()
	case sip.MESSAGE:
		r.message()
	case sip.SUBSCRIBE:
		r.subscribe()
	case sip.NOTIFY:
		r.notify()
	case sip.PUBLISH:
		r.publish()
	default:
		r.Answer(501, "Method Not Implemented", func(b *sip.Builder) { b.Add(sip.HeaderAccept, "application/sdp") })
	}
}

// request is what the transaction layer tells of a new request.
func (d *Driver) request(tx *transaction.Server, m *sip.Message, f transport.Flow) {
	r := &request{d.door.Request(tx, m, f), d}
	if r.Refused() {
		return
	}
	r.serve()
}

// stray is told of responses that nobody waits for any more.
func (d *Driver) stray(m *sip.Message, f transport.Flow) {
	d.log.Debug("a response to nothing that was asked", "status", m.StatusCode(), "from", f)
}

// ways lists where an account can be called: its registered phones, the preferred
// and newest first, or its fixed host. A phone that does not answer qualify, or
// too slowly, is left out, as one that is not there; so is each of its flows. It may
// wait for a connection, see [reach.Directory.Waits].
func (d *Driver) ways(p *Peer) []reach.Way {
	return d.reach.Ways(p, func(contact string) bool { return d.phones.Reachable(p, contact) })
}

// job runs f in a goroutine that Close waits for. f ends when its context does.
func (d *Driver) job(f func(ctx context.Context)) {
	d.jobsMu.Lock()
	defer d.jobsMu.Unlock()
	if d.life.Err() != nil {
		return
	}
	d.jobs.Add(1)
	go func() {
		defer d.jobs.Done()
		f(d.life)
	}()
}

// channelName names a new channel of an account, as the original does.
func (d *Driver) channelName(account string) string {
	return fmt.Sprintf("SIP/%s-%08x", account, d.serial.Add(1)-1)
}

// now is the time; in one place so that tests in a bubble see theirs.
func now() time.Time { return time.Now() }
