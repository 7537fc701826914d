package call

import "errors"

// ErrNotBridged is returned when a channel that talks to nobody is asked to
// transfer its call.
var ErrNotBridged = errors.New("the channel is in no bridge")

// TransferOther sends the other party of c's bridge away with a new order, the
// blind transfer of RFC 3515: c's own leg stays for its driver to end. The
// other party's channel is returned. before, if not nil, is called with it
// while it still is where it was.
func TransferOther(c *Channel, order Order, before func(other *Channel)) (*Channel, error) {
	b := c.Bridge()
	if b == nil {
		return nil, ErrNotBridged
	}
	o := b.Other(c)
	if o == nil {
		return nil, ErrNotBridged
	}
	if before != nil {
		before(o)
	}
	if err := o.Do(order); err != nil {
		return nil, err
	}
	return o, nil
}

// ErrNoPlace is returned when nobody can take the place that a transfer is about.
var ErrNoPlace = errors.New("there is nobody to be transferred to")

// TransferAttended connects the party that talks with a and the one that talks with b: a and b are the two calls of somebody who transfers
// (RFC 5589 section 7), and are left for their driver to end. Both may be callers or called ones, in any state of their own dialplans: these go on
// where they are when the talk is over. Where only one of the two talks, the other's party takes its place in the dialplan by the order
// that at makes (it was in an application, or somebody's phone still rings for it), with its variables, which the steps there were given; nil has that fail. who is the party that was moved.
func TransferAttended(a, b *Channel, at func(Place) Order) (who *Channel, err error) {
	if x := b.other(); x != nil {
		if x == a {
			return nil, ErrNoPlace // the two calls are one: nobody else is there
		}
		if y := a.other(); y != nil {
			Acquaint(x, y)
			return x, a.Bridge().replaceIn(a, x)
		}
		a, b = b, a
	}
	x := a.other()
	if x == nil {
		return nil, ErrNotBridged
	}
	place := b.Place()
	if at == nil || place.Exten == "" || b.Rings() {
		return nil, ErrNoPlace
	}
	x.Vars.TakeFrom(&b.Vars)
	return x, x.Do(at(place))
}

// TakePlace is the order of a new channel, in, to be where c is, which is left for its driver to end (RFC 3891): in the bridge with
// c's other party, which c leaves without ending it; or, where c is called and rings, as the one who has answered instead ([Pickup]).
func TakePlace(c, in *Channel) error {
	if b := c.Bridge(); b != nil {
		return b.Replace(c, in)
	}
	return Pickup(c, in)
}

// Pickup has whoever calls ringing be answered by in instead, which gets its orders from there: the caller that takes it gives it one, and then hangs
// ringing up.
func Pickup(ringing, in *Channel) error {
	ringing.mu.Lock()
	ok, inbox := ringing.rings(), ringing.inbox
	ringing.mu.Unlock()
	if !ok {
		return ErrNoPlace
	}
	inbox.Put(Event{Channel: ringing, Kind: EventPickedUp, By: in})
	return nil
}

// other is who talks with the channel, nil for nobody.
func (c *Channel) other() *Channel {
	if b := c.Bridge(); b != nil {
		return b.Other(c)
	}
	return nil
}

// replaceIn is Replace for a bridge that may be nil by now.
func (b *Bridge) replaceIn(out, in *Channel) error {
	if b == nil {
		return ErrNotBridged
	}
	return b.Replace(out, in)
}

// Acquaint has two channels know each other's party: CONNECTEDLINE().
func Acquaint(a, b *Channel) {
	of := func(c *Channel) Party {
		i := c.Identity()
		return i.Caller
	}
	x, y := of(a), of(b)
	a.ChangeIdentity(func(i *Identity) { i.Connected = y })
	b.ChangeIdentity(func(i *Identity) { i.Connected = x })
}
