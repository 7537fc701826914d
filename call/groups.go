package call

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

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

// ParseGroups reads numbered groups: 1,3-5. What is no number, or not within 0 to 63, is named in the error; the others are taken all the same.
func ParseGroups(s string) (uint64, error) {
	var groups uint64
	var wrong []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		low, high, ok := strings.Cut(part, "-")
		if !ok {
			high = low
		}
		from, err := strconv.Atoi(strings.TrimSpace(low))
		to, err2 := strconv.Atoi(strings.TrimSpace(high))
		if err != nil || err2 != nil || from < 0 || to > 63 || from > to {
			wrong = append(wrong, part)
			continue
		}
		for ; from <= to; from++ {
			groups |= 1 << from
		}
	}
	if wrong != nil {
		return groups, fmt.Errorf("%q is no group from 0 to 63", strings.Join(wrong, ","))
	}
	return groups, nil
}

// GroupNumbers writes numbered groups as the console does: 1, 3, 4.
func GroupNumbers(groups uint64) string {
	var out []string
	for ; groups != 0; groups &= groups - 1 {
		out = append(out, strconv.Itoa(bits.TrailingZeros64(groups)))
	}
	return strings.Join(out, ", ")
}

// GroupNames reads named groups, with commas between them.
func GroupNames(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
