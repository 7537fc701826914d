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
