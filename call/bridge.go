package call

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
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
	members  []member
	closed   chan struct{}
	over     bool
	anchored string // why the sound must pass here, "" where it need not
	many     bool   // more than two may be there: see [Bridge.Admit]
	mix      *mixer // of more than two
}

// member is one who is in the bridge.
type member struct {
	ch       *Channel
	away     bool // it does something else, and comes back: see [Bridge.Away]
	replaced bool // somebody else has its place: it leaves without ending the bridge
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
	all := make([]*Channel, len(b.members))
	for i := range b.members {
		all[i] = b.members[i].ch
	}
	return all
}

// Other returns the other channel of the bridge, nil when there is none.
func (b *Bridge) Other(c *Channel) *Channel {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.other(c)
}

func (b *Bridge) other(c *Channel) *Channel {
	for _, m := range b.members {
		if m.ch != c && !m.replaced {
			return m.ch
		}
	}
	return nil
}

// find is the channel's place in the bridge, nil where it has none; b.mu is held.
func (b *Bridge) find(c *Channel) *member {
	for i := range b.members {
		if b.members[i].ch == c {
			return &b.members[i]
		}
	}
	return nil
}

// Order is the order to stay in the bridge, and to hang up afterwards.
func (b *Bridge) Order() Order { return b.OrderWith(nil) }

// OrderWith is Order with somebody who listens to the channel.
func (b *Bridge) OrderWith(ear Ear) Order {
	return func(ctx context.Context, ch *Channel) Order {
		if err := b.Stay(ctx, ch, ear); errors.Is(err, ErrLeft) && ch.Cause() == CauseNone {
			ch.SetCause(CauseNormalClearing)
		}
		return nil
	}
}

// Close ends the bridge for those in it.
func (b *Bridge) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.close()
}

// Closed is closed when the bridge has ended.
func (b *Bridge) Closed() <-chan struct{} { return b.closed }

func (b *Bridge) close() {
	if !b.over {
		b.over = true
		close(b.closed)
	}
}

func (b *Bridge) join(ch *Channel) {
	ch.Behind(nil)
	ch.mu.Lock()
	ch.bridge = b
	ch.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.members = append(b.members, member{ch: ch})
	o := b.other(ch)
	switch {
	case b.many:
		b.flow()
	case o != nil && !b.find(o).away:
		o.Unhold() // whoever put it on hold may have sent ch in its place
		b.wire(o, ch)
	}
	if ch.tally != nil {
		ch.tally.Joined(b.id, o) // under the lock, so that nobody is told of the two the other way round
	}
	event.Publish(ch.reg.bus, event.BridgeEntered{Channel: ch.fact(), Bridge: b.id, Count: len(b.members)})
}

// leave returns what the channel was told in the bridge and has not done.
func (b *Bridge) leave(ch *Channel) []directive {
	b.mu.Lock()
	m := b.find(ch)
	if media := ch.Media(); media != nil && !m.replaced {
		media.Part()
	}
	replaced := m.replaced
	if !replaced && !b.many {
		b.close()
	}
	if ch.tally != nil && !m.away {
		ch.tally.Left(b.id)
	}
	b.members = slices.DeleteFunc(b.members, func(m member) bool { return m.ch == ch })
	ch.Unhold() // nobody holds it any more: see hold
	left := len(b.members)
	if b.many {
		if b.flow(); left < 2 && !replaced {
			b.close()
		}
	}
	b.mu.Unlock()
	event.Publish(ch.reg.bus, event.BridgeLeft{Channel: ch.fact(), Bridge: b.id, Count: left})
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if ch.bridge == b {
		ch.bridge = nil
	}
	undone := ch.told
	ch.told = nil
	return undone
}

// Pass gives what happened on one channel to the other party, or parties.
func (b *Bridge) Pass(e Event) {
	for _, o := range b.all(e.Channel) {
		b.passTo(o, e)
	}
}

// hold puts a member on hold; one that has left meanwhile hears no music where it is
// now.
func (b *Bridge) hold(o *Channel, class string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.members, func(m member) bool { return m.ch == o }) {
		o.Hold(class)
	}
}

func (b *Bridge) passTo(o *Channel, e Event) {
	var what Indication
	switch e.Kind {
	case EventDigit:
		if e.Relayed {
			return
		}
		what = e.Indication
	case EventText:
		what = e.Indication
	case EventHold:
		what = e.Indication
		wish, _ := what.(Hold)
		b.hold(o, wish.Class)
	case EventUnhold:
		o.Unhold()
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
