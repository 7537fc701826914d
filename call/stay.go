package call

import (
	"context"
	"errors"
	"time"
)

// Ear listens to one party of a bridge before the other does: what keys begin, hangs on it. Its methods are called by the party's goroutine, in
// [Bridge.Stay]; they return at once. What they return as an Act is carried out there, too, while nobody listens to the channel, so that it may
// play and ask: its events wait in the channel's own mailbox meanwhile.
type Ear interface {
	// Hear takes an event of the party and says whether it is to be kept from the other.
	Hear(e Event) (keep bool, do Act)
	// Due has a value when Overdue is to be called; it is asked for again after each call of a method. nil is never.
	Due() <-chan time.Time
	// Overdue is called then.
	Overdue() Act
}

// Act is something that a party of a bridge does besides staying in it. An error ends its time there: Stay returns it. [Bridge.During] ends its
// context when the bridge ends.
type Act func(ctx context.Context, ch *Channel) error

// KeyHolder is a [Media] that passes the phone's keys on to the other phone by itself.
type KeyHolder interface {
	// HoldKeys keeps them from it until it is called with false as often as with true: an [Ear] decides what becomes of each, and whoever
	// passes a key on sends it anew.
	HoldKeys(bool)
}

// directive is what somebody else told a channel that stays in a bridge: where to go, or what to do there.
type directive struct {
	to  *Bridge
	out bool // nowhere: Stay ends, as if the other had left
	act Act
}

var errMoved = errors.New("the channel was told to go to another bridge")

// Stay keeps ch in the bridge until the other party leaves ([ErrLeft]) or ctx ends (its cause). It is called by the channel's goroutine. ear, which
// may be nil, listens. Where the channel is told to take somebody's place in another bridge meanwhile ([Bridge.Replace]) it stays there.
func (b *Bridge) Stay(ctx context.Context, ch *Channel, ear Ear) error {
	s := &stay{ch: ch, ear: ear, box: NewMailbox()}
	s.stop = ch.Listen(s.box)
	defer func() { s.stop() }()
	if h, ok := ch.Media().(KeyHolder); ok && ear != nil {
		h.HoldKeys(true)
		defer h.HoldKeys(false)
	}
	for at := b; ; {
		to, err := s.in(ctx, at)
		if to == nil {
			return err
		}
		at = to
	}
}

// stay is a channel in bridges, one after another. It belongs to the channel's goroutine.
type stay struct {
	ch   *Channel
	ear  Ear
	box  *Mailbox
	stop func() // ends listening to the channel
}

// in keeps the channel in one bridge; it returns that to which it was told to go.
func (s *stay) in(ctx context.Context, b *Bridge) (to *Bridge, err error) {
	if s.ear != nil {
		b.Anchor("what the phones do is listened to")
	}
	b.join(s.ch)
	defer func() {
		undone := b.leave(s.ch)
		moves := errors.Is(err, errMoved) || errors.Is(err, ErrLeft)
		for _, d := range undone {
			switch {
			case d.to == nil:
			case moves && to == nil:
				to, err = d.to, nil
			default:
				d.to.missed()
			}
		}
	}()
	return nil, s.listen(ctx, b)
}

// listen is the time in one bridge.
func (s *stay) listen(ctx context.Context, b *Bridge) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-b.closed:
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := s.obey(ctx, b); err != nil {
				return err
			}
			return ErrLeft
		case <-s.box.C:
			for e, ok := s.box.Take(); ok; e, ok = s.box.Take() {
				if err := s.happened(ctx, b, e); err != nil {
					return err
				}
			}
		case <-s.due():
			if err := s.act(ctx, b, s.ear.Overdue()); err != nil {
				return err
			}
		}
	}
}

// Enter has ch in the bridge, but away. It is for the channel's goroutine, which may be in the middle of an [Act] of another bridge. leave ends it.
func (b *Bridge) Enter(ch *Channel) (leave func()) {
	b.join(ch)
	b.Away(ch)
	return func() { b.leave(ch) }
}

// Resume has a channel that is away come back for a while: until the other party leaves ([ErrLeft]), ctx ends (its cause) or an act says so (its
// error). The channel is away again then.
func (b *Bridge) Resume(ctx context.Context, ch *Channel, ear Ear) error {
	s := &stay{ch: ch, ear: ear, box: NewMailbox()}
	s.stop = ch.Listen(s.box)
	defer func() { s.stop() }()
	b.Back(ch)
	defer b.Away(ch)
	return s.listen(ctx, b)
}

// During is ctx until the bridge ends, too, with [ErrLeft].
func (b *Bridge) During(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-b.closed:
			cancel(ErrLeft)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

func (s *stay) due() <-chan time.Time {
	if s.ear == nil {
		return nil
	}
	return s.ear.Due()
}

// happened takes an event of the channel in.
func (s *stay) happened(ctx context.Context, b *Bridge, e Event) error {
	if e.Kind == EventTold {
		return s.obey(ctx, b)
	}
	if s.ear == nil {
		b.Pass(e)
		return nil
	}
	keep, do := s.ear.Hear(e)
	if !keep {
		b.Pass(e)
	}
	return s.act(ctx, b, do)
}

// act carries something out, while nobody listens to the channel, and then what it was told meanwhile.
func (s *stay) act(ctx context.Context, b *Bridge, do Act) error {
	if do == nil {
		return nil
	}
	s.box.drainInto(s.ch.own) // what was pressed since belongs to what begins
	s.stop()
	s.box.drainInto(s.ch.own)
	if err := do(ctx, s.ch); err != nil {
		return err
	}
	s.stop = s.ch.Listen(s.box)
	return s.obey(ctx, b)
}

// obey does what the channel was told. An error ends its time in the bridge.
func (s *stay) obey(ctx context.Context, b *Bridge) error {
	s.ch.mu.Lock()
	if len(s.ch.told) == 0 {
		s.ch.mu.Unlock()
		return nil
	}
	d := s.ch.told[0]
	if d.to == nil { // else leave takes it, under the lock that lets nobody give another one
		s.ch.told = s.ch.told[1:]
	}
	s.ch.mu.Unlock()
	switch {
	case d.to != nil:
		return errMoved
	case d.out:
		return ErrLeft
	}
	return s.act(ctx, b, d.act) // and what is behind it
}

// tell gives a directive to the channel, if it is in bridge b.
func (c *Channel) tell(b *Bridge, d directive) error {
	c.mu.Lock()
	if c.bridge != b || b == nil || c.ctx.Err() != nil {
		c.mu.Unlock()
		return ErrNotBridged
	}
	c.told = append(c.told, d)
	inbox := c.inbox
	c.mu.Unlock()
	inbox.Put(Event{Channel: c, Kind: EventTold})
	return nil
}
