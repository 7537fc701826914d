package call

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"obelus/media"
)

// Local is the driver of Local channels: Local/exten@context calls into the
// dialplan. Each call is a pair of channels, ;1 for whoever dialled and ;2 in
// the dialplan, back to back: what is said to one happens on the other.
type Local struct {
	Registry *Registry
	// Run is the order to run the dialplan from there.
	Run func(context, exten string, priority int) Order
	// Exists says whether the dialplan has that extension for that caller.
	Exists func(context, exten, callerID string) bool

	// Changed is told of a pair that has begun or ended, by what was dialled; it must
	// not block. May be nil.
	Changed func(target string)

	serial atomic.Uint32
	used   localUse
}

// Dial makes the pair and sets its far half into the dialplan. The options
// after a slash (/n keep the pair, /j, /b, /m) change nothing here: the pair
// stays, and sound never runs through it.
func (l *Local) Dial(_ context.Context, q Request) ([]*Channel, error) {
	target, _, _ := strings.Cut(q.Target, "/")
	exten, ctxName, ok := strings.Cut(target, "@")
	if !ok {
		ctxName = "default"
	}
	if !l.Exists(ctxName, exten, q.Identity.Caller.Number) {
		return nil, &DialError{CauseNoRoute, fmt.Sprintf("no such extension/context %s@%s", exten, ctxName)}
	}
	near, far := &localLeg{}, &localLeg{}
	pair := &localPair{from: q.From, formats: q.Formats}
	near.pair, far.pair, near.other, far.other = pair, pair, far, near
	base := fmt.Sprintf("Local/%s@%s-%08x", exten, ctxName, l.serial.Add(1)-1)
	spec := Spec{
		Name: base + ";1", Leg: near, State: StateDialing, Requestor: q.From, Identity: q.Called(),
		Place: Place{ctxName, exten, 1}, Vars: q.Vars,
	}
	near.ch = l.Registry.New(spec)
	spec.Name, spec.Leg, spec.State, spec.Identity = base+";2", far, StateRing, q.Identity
	if q.From == nil {
		spec.Requestor = near.ch // so that the two are one call
	}
	far.ch = l.Registry.New(spec)
	far.ch.ChangeIdentity(func(i *Identity) { i.DNID = exten })
	if q.Inbox != nil {
		near.ch.Listen(q.Inbox)
	}
	l.count(exten+"@"+ctxName, near.ch)
	run := l.Run(ctxName, exten, 1)
	if q.Before == nil {
		near.ch.Start(Await)
		far.ch.Start(run)
		return []*Channel{near.ch}, nil
	}
	begun := make(chan struct{})
	q.Begin(near.ch, func() {
		near.ch.Vars.Each(func(name, value string) bool { far.ch.Vars.Set(name, value); return true }) // what that has set goes along
		close(begun)
	})
	far.ch.Start(func(ctx context.Context, ch *Channel) Order {
		select {
		case <-begun:
			return run(ctx, ch)
		case <-ctx.Done():
			return nil
		}
	})
	return []*Channel{near.ch}, nil
}

// localPair is what the two halves share.
type localPair struct {
	from    *Channel       // whom it was dialled for, nil where nobody
	formats []media.Format // of that one

	mu      sync.Mutex
	settled []media.Format // what the one who was called through it has settled on
	joined  [2]Media       // what ;1 and ;2 are joined with
	direct  [2]bool        // ... and may send to straight
	holds   [2]int         // how many listen to the keys that come out of ;1 and ;2
	ears    []*localEar    // who listens to a half
}

// localLeg is one half.
type localLeg struct {
	ch    *Channel
	pair  *localPair
	other *localLeg
}

func (l *localLeg) tell(e Event) error {
	l.other.ch.Notify(e)
	return nil
}

func (l *localLeg) Ring() error { return l.tell(Event{Kind: EventRinging}) }

func (l *localLeg) Progress(with []media.Format) error {
	l.settle(with)
	return l.tell(Event{Kind: EventProgress, Formats: with})
}

func (l *localLeg) Answer(with []media.Format) error {
	l.settle(with)
	return l.tell(Event{Kind: EventAnswered, Formats: with})
}

func (l *localLeg) Indicate(i Indication) error {
	switch x := i.(type) {
	case Digit:
		return l.tell(Event{Kind: EventDigit, Indication: x})
	case Text:
		return l.tell(Event{Kind: EventText, Indication: x})
	case Hold:
		return l.tell(Event{Kind: EventHold, Indication: x})
	case Unhold:
		return l.tell(Event{Kind: EventUnhold})
	case PictureUpdate:
		return l.tell(Event{Kind: EventPicture})
	case Fax:
		return l.tell(Event{Kind: EventFax, Indication: x})
	case Tone:
		if x.Cause == CauseUserBusy {
			return l.tell(Event{Kind: EventBusy})
		}
		return l.tell(Event{Kind: EventCongestion})
	}
	return fmt.Errorf("a Local channel can't pass on a %T", i)
}

func (l *localLeg) Hangup(cause Cause) { l.other.ch.Gone(cause) }
func (l *localLeg) Media() Media       { return (*localMedia)(l) }

// settle keeps what the far end of the dialplan has settled on, for the one who
// dialled.
func (l *localLeg) settle(with []media.Format) {
	if with != nil {
		l.pair.mu.Lock()
		l.pair.settled = with
		l.pair.mu.Unlock()
	}
}

// Formats is what whoever is behind the half can take: behind ;2 who dialled,
// behind ;1 who was called.
func (l *localLeg) Formats() []media.Format {
	l.pair.mu.Lock()
	defer l.pair.mu.Unlock()
	if l.pair.settled != nil && (*localMedia)(l).half() == 0 {
		return l.pair.settled
	}
	return l.pair.formats
}

// Behind is whom the pair was dialled for, where this half is in the dialplan;
// nil for nobody.
func (l *localLeg) Behind() *Channel {
	if (*localMedia)(l).half() == 0 {
		return nil
	}
	return l.pair.from
}

// localMedia is a half's sound. It carries none itself: when both halves are
// joined to something, the two are joined to each other.
type localMedia localLeg

func (m *localMedia) half() int {
	if strings.HasSuffix(m.ch.name, ";2") {
		return 1
	}
	return 0
}

func (m *localMedia) Join(other Media) error {
	p := m.pair
	p.mu.Lock()
	if p.joined[m.half()] != other {
		p.direct[m.half()] = false
	}
	was := p.joined[m.half()]
	p.joined[m.half()] = other
	if was != other {
		p.tellEars()
	}
	far, held := p.joined[1-m.half()], p.holds[1-m.half()] > 0
	p.mu.Unlock()
	if held && was != other {
		holdKeys(was, false)
		holdKeys(other, true)
	}
	if far == nil {
		return nil
	}
	return other.Join(far)
}

func (m *localMedia) Part() {
	p := m.pair
	p.mu.Lock()
	mine, far := p.joined[m.half()], p.joined[1-m.half()]
	p.joined[m.half()], p.direct[m.half()] = nil, false
	held := p.holds[1-m.half()] > 0
	if mine != nil {
		p.tellEars()
	}
	p.mu.Unlock()
	if held {
		holdKeys(mine, false)
	}
	if mine != nil && far != nil {
		mine.Part()
	}
}

// HoldKeys keeps the keys that come out of this half, which are those of the phone that is joined to the other.
func (m *localMedia) HoldKeys(on bool) {
	p := m.pair
	p.mu.Lock()
	was := p.holds[m.half()] > 0
	if on {
		p.holds[m.half()]++
	} else {
		p.holds[m.half()]--
	}
	is, far := p.holds[m.half()] > 0, p.joined[1-m.half()]
	p.mu.Unlock()
	if is != was {
		holdKeys(far, is)
	}
}

func holdKeys(m Media, on bool) {
	if h, ok := m.(KeyHolder); ok {
		h.HoldKeys(on)
	}
}

// Direct lets the phone at this half send straight to that at the other, once the
// bridges of both halves allow it and nobody listens to either.
func (m *localMedia) Direct(other Media) {
	p := m.pair
	p.mu.Lock()
	p.direct[m.half()] = true
	far, both := p.joined[1-m.half()], p.direct[1-m.half()] && len(p.ears) == 0
	p.mu.Unlock()
	if d, ok := other.(Director); ok && both && far != nil {
		d.Direct(far)
	}
}

// Anchor brings the sound of whoever is at this half back.
func (m *localMedia) Anchor(why string) {
	p := m.pair
	p.mu.Lock()
	p.direct[m.half()] = false
	mine := p.joined[m.half()]
	p.mu.Unlock()
	if d, ok := mine.(Director); ok {
		d.Anchor(why)
	}
}

// far is what this half's sound comes out of.
func (m *localMedia) far() Media {
	m.pair.mu.Lock()
	defer m.pair.mu.Unlock()
	return m.pair.joined[1-m.half()]
}

func (m *localMedia) Echo(on bool) {
	if far := m.far(); far != nil {
		far.Echo(on)
	}
}

// Play plays to whoever is behind the half; where nobody is, in real time, to an
// application at the other end that listens.
func (m *localMedia) Play(ctx context.Context, src media.Source) error {
	who, last := m.behind()
	if who != nil {
		return who.Play(ctx, src)
	}
	return m.playToEars(ctx, last, src)
}

func (m *localMedia) Digit(d Digit) error {
	(*localLeg)(m).other.ch.Notify(Event{Kind: EventDigit, Indication: d})
	return nil
}
