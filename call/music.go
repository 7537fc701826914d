package call

import (
	"context"
	"errors"
)

// Musician plays music to those who wait.
type Musician interface {
	// Play plays music of a class to the channel's party until ctx ends, whose
	// cause is the error then. class is the wish of whoever has it wait, "" for
	// none: the musician decides. It fails at once where there is no music.
	Play(ctx context.Context, ch *Channel, class string) error
}

// SetMusic says who plays music. It comes before the first channel.
func (r *Registry) SetMusic(m Musician) { r.music = m }

// Music is who plays music, nil where nobody does.
func (r *Registry) Music() Musician { return r.music }

// errResumed ends music on hold.
var errResumed = errors.New("the party is off hold")

// Hold plays music to the channel's party, who was put on hold, until Unhold, the end
// of the bridge, or that of the channel. A channel that stands for another one leaves
// it to that.
func (c *Channel) Hold(class string) {
	if _, relay := c.leg.(Relay); relay || c.reg.music == nil {
		return
	}
	ctx, cancel := context.WithCancelCause(c.ctx)
	c.mu.Lock()
	before := c.held
	c.held = cancel
	c.mu.Unlock()
	if before != nil {
		before(errResumed)
	}
	go func() {
		if err := c.reg.music.Play(ctx, c, class); err != nil && ctx.Err() == nil {
			c.log.Warn("no music for a party on hold", "class", class, "why", err)
		}
	}()
}

// Unhold ends what Hold began.
func (c *Channel) Unhold() {
	c.mu.Lock()
	held := c.held
	c.held = nil
	c.mu.Unlock()
	if held != nil {
		held(errResumed)
	}
}
