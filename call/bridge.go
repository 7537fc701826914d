package call

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"obelus/event"
)

// ErrLeft is what [Bridge.Stay] returns when the other party has left.
var ErrLeft = errors.New("the other party has left the bridge")

// Bridge is where two channels talk. It owns itself: one mutex, and no call
// outward under it but to the media plane, which never calls back.
type Bridge struct {
	id string

	mu       sync.Mutex
	members  []*Channel
	closed   chan struct{}
	over     bool
	anchored string // why the sound must pass here, "" where it need not
}

// NewBridge makes an empty bridge of two. It ends when one of those that were
// in it leaves.
func NewBridge() *Bridge {
	var b [16]byte
	rand.Read(b[:])
	return &Bridge{
		id:     fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]),
		closed: make(chan struct{}),
	}
}

// ID is the bridge's name, in the form of a UUID.
func (b *Bridge) ID() string { return b.id }

// Members lists who is in the bridge, in the order they came.
func (b *Bridge) Members() []*Channel {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*Channel(nil), b.members...)
}

// Other returns the other channel of the bridge, nil when there is none.
func (b *Bridge) Other(c *Channel) *Channel {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.other(c)
}

func (b *Bridge) other(c *Channel) *Channel {
	for _, m := range b.members {
		if m != c {
			return m
		}
	}
	return nil
}

// Order is the order to stay in the bridge, and to hang up afterwards.
func (b *Bridge) Order() Order {
	return func(ctx context.Context, ch *Channel) Order {
		if err := b.Stay(ctx, ch, nil); errors.Is(err, ErrLeft) && ch.Cause() == CauseNone {
			ch.SetCause(CauseNormalClearing)
		}
		return nil
	}
}

// Stay keeps ch in the bridge until the other party leaves ([ErrLeft]) or ctx
// ends (its cause). It is called by the channel's goroutine. hear, if not nil,
// sees every event of the channel first and returns true to keep it from the
// other party.
func (b *Bridge) Stay(ctx context.Context, ch *Channel, hear func(Event) bool) error {
	if hear != nil {
		b.Anchor("what the phones do is listened to")
	}
	box := NewMailbox()
	defer ch.Listen(box)()
	b.join(ch)
	defer b.leave(ch)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-b.closed:
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return ErrLeft
		case <-box.C:
			for e, ok := box.Take(); ok; e, ok = box.Take() {
				if hear == nil || !hear(e) {
					b.pass(e)
				}
			}
		}
	}
}

// Close ends the bridge for those in it.
func (b *Bridge) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.close()
}

func (b *Bridge) close() {
	if !b.over {
		b.over = true
		close(b.closed)
	}
}

func (b *Bridge) join(ch *Channel) {
	ch.mu.Lock()
	ch.bridge = b
	ch.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.members = append(b.members, ch)
	o := b.other(ch)
	if o != nil {
		b.wire(o, ch)
	}
	if ch.tally != nil {
		ch.tally.Joined(b.id, o) // under the lock, so that nobody is told of the two the other way round
	}
	event.Publish(ch.reg.bus, event.BridgeEntered{Channel: ch.fact(), Bridge: b.id, Count: len(b.members)})
}

func (b *Bridge) leave(ch *Channel) {
	b.mu.Lock()
	for i, m := range b.members {
		if m == ch {
			b.members = append(b.members[:i:i], b.members[i+1:]...)
			break
		}
	}
	if m := ch.Media(); m != nil {
		m.Part()
	}
	if ch.tally != nil {
		ch.tally.Left(b.id)
	}
	b.close()
	left := len(b.members)
	b.mu.Unlock()
	event.Publish(ch.reg.bus, event.BridgeLeft{Channel: ch.fact(), Bridge: b.id, Count: left})
	ch.mu.Lock()
	if ch.bridge == b {
		ch.bridge = nil
	}
	ch.mu.Unlock()
}

// pass gives what happened on one channel to the other party.
func (b *Bridge) pass(e Event) {
	o := b.Other(e.Channel)
	if o == nil {
		return
	}
	var what Indication
	switch e.Kind {
	case EventDigit:
		if e.Relayed {
			return
		}
		what = e.Indication
	case EventText, EventHold:
		what = e.Indication
	case EventUnhold:
		what = Unhold{}
	case EventPicture:
		what = PictureUpdate{}
	case EventFax:
		b.passFax(e, o)
	}
	if what == nil {
		return
	}
	if err := o.leg.Indicate(what); err != nil {
		o.log.Debug("the other party's phone could not be told", "what", fmt.Sprintf("%T", what), "why", err)
	}
}
