package call

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"obelus/event"
)

// Order is what a channel does: straight-line code, run by the channel's
// goroutine. It returns what the channel does next, nil to hang up. Its context
// ends when somebody gives another order or the channel has gone; it must then
// return soon.
type Order func(ctx context.Context, ch *Channel) Order

// Why an order's context has ended: the value of context.Cause.
var (
	// ErrGone: the leg has gone, or somebody asked for the channel's end.
	ErrGone = errors.New("the channel has gone")
	// ErrOrdered: another order was given.
	ErrOrdered = errors.New("the channel was given another order")
	// errDone ends the context of an order that has returned.
	errDone = errors.New("the order has been carried out")
)

// State is a channel's state, with the numbers and names of the original.
type State int

// The states. A channel is Ring while its phone calls, Ringing while its phone
// is called, Up once answered.
//
//	Down ──► Dialing ──► Ringing ──► Up       dialled by obelus
//	Down ──► Ring ─────────────────► Up       a phone calls
const (
	StateDown    State = 0
	StateRsrvd   State = 1
	StateOffHook State = 2
	StateDialing State = 3
	StateRing    State = 4
	StateRinging State = 5
	StateUp      State = 6
	StateBusy    State = 7
)

var stateNames = [...]string{"Down", "Rsrvd", "OffHook", "Dialing", "Ring", "Ringing", "Up", "Busy"}

// String returns the name that `core show channels` prints.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return "Unknown"
	}
	return stateNames[s]
}

// Channel is one party of a call. Variables and the place in the dialplan
// belong to its goroutine; [Channel.Do], [Channel.Hangup], [Channel.Gone],
// [Channel.Notify] and the methods that read may be called from anywhere.
type Channel struct {
	// Vars are the channel variables.
	Vars Vars

	name, id string
	leg      Leg
	reg      *Registry
	log      *slog.Logger
	created  time.Time
	ctx      context.Context // ends with ErrGone
	end      context.CancelCauseFunc
	done     chan struct{}
	own      *Mailbox // where events go while nobody listens
	tally    Tally    // nil: no record is made of it

	mu       sync.Mutex
	rec      record
	identity Identity
	inbox    *Mailbox
	queue    []Order
	cancel   context.CancelCauseFunc
	bridge   *Bridge
	told     []directive // what to do in the bridge, or instead of staying in it
	gone     bool        // no order will be taken any more
	cause    Cause
	atEnd    []func()
	watchers []*watcher              // never changed, but replaced
	held     context.CancelCauseFunc // ends the music of a party on hold; nil: it is not
	behind   func()                  // ends what plays meanwhile; nil: nothing does
	keys     func(key byte)          // is told of each key; nil: nobody is
}

// record is what a channel shows of itself; guarded by Channel.mu.
type record struct {
	state       State
	linkedID    string
	language    string
	toneZone    string
	music       string
	account     string
	peerAccount string
	amaFlags    int
	place       Place
	dialled     Place
	groups      Groups
	app, data   string
	answered    time.Time
	ended       time.Time
}

// Place is where a channel is in the dialplan.
type Place struct {
	Context  string
	Exten    string
	Priority int
}

// Name is the channel's name, SIP/1001-0000002a; it never changes.
func (c *Channel) Name() string { return c.name }

// ID is the channel's unique id, 1700000000.42: ${UNIQUEID}.
func (c *Channel) ID() string { return c.id }

// Leg is the channel as its driver sees it.
func (c *Channel) Leg() Leg { return c.leg }

// Media is the leg's sound, nil where it has none.
func (c *Channel) Media() Media { return c.leg.Media() }

// Log is a logger that names the channel in every line.
func (c *Channel) Log() *slog.Logger { return c.log }

// Registry is where the channel is listed.
func (c *Channel) Registry() *Registry { return c.reg }

// Created is when the channel was made.
func (c *Channel) Created() time.Time { return c.created }

// Done is closed when the channel's goroutine has ended.
func (c *Channel) Done() <-chan struct{} { return c.done }

// Start begins the channel's life with its first order, in a goroutine of its
// own. It is called once.
func (c *Channel) Start(first Order) {
	c.reg.wg.Add(1)
	go func() {
		defer c.reg.wg.Done()
		c.run(first)
	}()
}

// run is the channel's life. Every order given is carried out, if only to see
// that its context has already ended: a bridge may be waiting for it.
func (c *Channel) run(first Order) {
	defer c.finish()
	for order := first; order != nil; {
		ctx, cancel := context.WithCancelCause(c.ctx)
		c.mu.Lock()
		c.cancel = cancel
		if len(c.queue) > 0 {
			cancel(ErrOrdered)
		}
		c.mu.Unlock()

		next := c.carryOut(ctx, order)
		cancel(errDone)

		c.mu.Lock()
		if len(c.queue) > 0 {
			next, c.queue = c.queue[0], c.queue[1:]
		} else if next == nil {
			c.gone = true
		}
		c.mu.Unlock()
		order = next
	}
}

// carryOut carries an order out. A panic in one, which is a fault of ours, costs
// this call and no other: it is logged, and the channel ends.
func (c *Channel) carryOut(ctx context.Context, order Order) (next Order) {
	defer func() {
		if fault := recover(); fault != nil {
			c.log.Error("the call ends: a fault of obelus", "fault", fault, "step", c.Place(), "stack", string(debug.Stack()))
			c.stop(CauseTemporaryFailure)
			next = nil
		}
	}()
	return order(ctx, c)
}

// finish takes the channel down after its last order.
func (c *Channel) finish() {
	c.mu.Lock()
	c.gone = true
	cause, atEnd := c.cause, c.atEnd
	c.rec.ended = time.Now()
	c.atEnd = nil
	c.mu.Unlock()
	c.end(ErrGone)
	c.Behind(nil)
	for _, f := range atEnd {
		f()
	}
	c.leg.Hangup(cause)
	if c.tally != nil {
		c.tally.Ended()
	}
	c.reg.remove(c)
	close(c.done)
}

// Do gives the channel its next order, from any goroutine: the present one's
// context ends with [ErrOrdered]. It fails with [ErrGone] when the channel
// takes no more orders.
func (c *Channel) Do(o Order) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone || c.ctx.Err() != nil {
		return ErrGone
	}
	c.queue = append(c.queue, o)
	if c.cancel != nil {
		c.cancel(ErrOrdered)
	}
	return nil
}

// Gone is called by the driver when the leg has ended by itself.
func (c *Channel) Gone(cause Cause) { c.stop(cause) }

// Hangup asks for the channel's end, from any goroutine. The dialplan's h
// extension still runs.
func (c *Channel) Hangup(cause Cause) { c.stop(cause) }

func (c *Channel) stop(cause Cause) {
	c.mu.Lock()
	first := c.ctx.Err() == nil
	if first {
		c.cause = cause
	}
	inbox := c.inbox
	c.mu.Unlock()
	if !first {
		return
	}
	c.end(ErrGone)
	inbox.Put(Event{Channel: c, Kind: EventGone, Cause: cause})
}

// IsGone says whether the leg has ended or the channel's end was asked for.
func (c *Channel) IsGone() bool { return c.ctx.Err() != nil }

// Context ends, with cause [ErrGone], when the channel does.
func (c *Channel) Context() context.Context { return c.ctx }

// Cause is why the channel ended, or will end; CauseNone while that is open.
func (c *Channel) Cause() Cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// SetCause says why the channel will end when its last order returns. It does
// not end it.
func (c *Channel) SetCause(cause Cause) {
	c.mu.Lock()
	if c.ctx.Err() == nil {
		c.cause = cause
	}
	c.mu.Unlock()
}

// AtEnd has f called, by the channel's goroutine, when the channel ends.
func (c *Channel) AtEnd(f func()) {
	c.mu.Lock()
	c.atEnd = append(c.atEnd, f)
	c.mu.Unlock()
}

// Notify puts something that happened on the leg into the mailbox of whoever
// listens now. It never blocks. Drivers call it, in order.
func (c *Channel) Notify(e Event) {
	e.Channel = c
	c.mu.Lock()
	was := c.rec.state
	switch e.Kind {
	case EventRinging:
		if c.rec.state < StateRinging {
			c.rec.state = StateRinging
		}
	case EventAnswered:
		c.up()
	}
	inbox, is, watch, watchers := c.inbox, c.rec.state, c.keys, c.watchers
	c.mu.Unlock()
	if d, ok := e.Indication.(Digit); ok && watch != nil && e.Kind == EventDigit {
		watch(d.Key)
	}
	for _, w := range watchers {
		w.f(e)
	}
	if is != was && is == StateUp {
		c.answeredNow() // before anybody acts on it
	}
	inbox.Put(e)
	if is != was {
		c.tellState(is)
	}
}

func (c *Channel) tellState(s State) {
	event.Publish(c.reg.bus, event.ChannelState{Channel: c.fact(), State: s.String()})
}

// fact names the channel to observers.
func (c *Channel) fact() event.Channel {
	return event.Channel{Name: c.name, UniqueID: c.id, LinkedID: c.LinkedID()}
}

// up marks the channel answered; c.mu is held.
func (c *Channel) up() {
	if c.rec.state != StateUp {
		c.rec.state = StateUp
		c.rec.answered = time.Now()
	}
}

// Listen has the channel's events go to m until the returned function is
// called; then they go to the channel's own mailbox again. What has arrived
// unread goes along.
func (c *Channel) Listen(m *Mailbox) (stop func()) {
	c.mu.Lock()
	before := c.inbox
	c.inbox = m
	c.mu.Unlock()
	if before == c.own {
		before.drainInto(m)
	}
	return func() {
		c.mu.Lock()
		if c.inbox == m {
			c.inbox = c.own
		}
		c.mu.Unlock()
	}
}

// Release has the channel's events go to its own mailbox again, whoever listens: it
// is about to do something by itself.
func (c *Channel) Release() {
	c.mu.Lock()
	c.inbox = c.own
	c.mu.Unlock()
}

// Inbox is the channel's own mailbox, where its events wait while nobody
// listens. The channel's goroutine reads it.
func (c *Channel) Inbox() *Mailbox { return c.own }

// Await is the order to do nothing until the next order comes or the channel
// goes: what a dialled channel does until somebody has use for it.
func Await(ctx context.Context, _ *Channel) Order {
	<-ctx.Done()
	return nil
}

// End is the order to hang up with a cause.
func End(cause Cause) Order {
	return func(_ context.Context, ch *Channel) Order {
		ch.SetCause(cause)
		return nil
	}
}
