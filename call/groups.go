package call

import "slices"

// Groups are what decides who may pick up whose calls: callgroup, pickupgroup, namedcallgroup and namedpickupgroup. The numbered ones are bits,
// 0 to 63.
type Groups struct {
	Call, Pickup           uint64
	NamedCall, NamedPickup []string
}

// MayPickUp says whether whoever is in these groups may pick up the calls of whoever is in those of other.
func (g *Groups) MayPickUp(other *Groups) bool {
	return g.Pickup&other.Call != 0 || slices.ContainsFunc(g.NamedPickup, func(n string) bool { return slices.Contains(other.NamedCall, n) })
}

// Groups are those that the channel is in.
func (c *Channel) Groups() Groups {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.groups
}

// SetGroups changes them. The slices are not changed afterwards.
func (c *Channel) SetGroups(g Groups) {
	c.mu.Lock()
	c.rec.groups = g
	c.mu.Unlock()
}

// Dialled is where in the dialplan the channel was called from: the context of the step, and the extension that was dialled.
func (c *Channel) Dialled() Place {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.dialled
}

// SetDialled says so.
func (c *Channel) SetDialled(p Place) {
	c.mu.Lock()
	c.rec.dialled = p
	c.mu.Unlock()
}

// Rings says whether the channel is called, has not answered and can be picked up by another one.
func (c *Channel) Rings() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rings()
}

func (c *Channel) rings() bool {
	return c.ctx.Err() == nil && c.bridge == nil && c.inbox != c.own && (c.rec.state == StateRinging || c.rec.state == StateDialing)
}
