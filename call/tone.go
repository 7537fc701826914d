package call

import (
	"context"
	"errors"

	"obelus/media"
	"obelus/media/sound"
)

// Tones makes the tone of that name (dial, busy, ring, congestion ...) of a country,
// "" for that of the house; nil where there is none.
type Tones func(country, name string) media.Source

// SetTones says where tones come from. It is called before the first channel is made.
func (r *Registry) SetTones(t Tones) { r.tones = t }

// Tone makes the tone of that name that the party of a channel is used to; nil where
// there is none. While nobody has said where tones come from they are those of the
// United States.
func (r *Registry) Tone(ch *Channel, name string) media.Source {
	if r.tones != nil {
		return r.tones(ch.ToneZone(), name)
	}
	if src, ok := sound.Tone(name); ok {
		return src
	}
	return nil
}

// Inband is a leg that may want to hear ringing of which its phone could be told by
// signalling: progressinband of sip.conf.
type Inband interface {
	// RingsInband says whether the phone is to be told, and whether it is to hear it.
	RingsInband() (told, heard bool)
}

// Ring tells the party that the far end alerts. Where the call was answered no
// signalling can, and it hears the tone until something else is played, the channel
// joins a bridge, or [Channel.Behind] ends it. The channel's goroutine calls it.
func (c *Channel) Ring() error {
	if c.State() != StateUp {
		told, heard := true, false
		if in, ok := c.leg.(Inband); ok {
			told, heard = in.RingsInband()
		}
		if told {
			if err := c.leg.Ring(); err != nil || !heard {
				return err
			}
		}
		if err := c.leg.Progress(nil); err != nil {
			return err
		}
	}
	src, m := c.reg.Tone(c, "ring"), c.Media()
	if src == nil || m == nil {
		return nil
	}
	c.PlayBehind(src)
	return nil
}

// Tone tells the party that the call is busy or can't go on, as [Leg.Indicate] does; where
// signalling can't, it hears the tone until something else is played or the channel ends.
// The channel's goroutine calls it.
func (c *Channel) Tone(t Tone) error {
	c.Behind(nil)
	err := c.leg.Indicate(t)
	if !errors.Is(err, ErrUnsupported) {
		return err
	}
	name := "congestion"
	if t.Cause == CauseUserBusy {
		name = "busy"
	}
	if src := c.reg.Tone(c, name); src != nil && c.Media() != nil {
		c.PlayBehind(src)
	}
	return nil
}

// PlayBehind plays a source to the party while the channel does other things, until it
// ends or [Channel.Behind] ends it. The channel's goroutine calls it.
func (c *Channel) PlayBehind(src media.Source) {
	ctx, cancel := context.WithCancel(c.ctx)
	done := make(chan struct{})
	c.Behind(func() { cancel(); <-done })
	m := c.Media()
	go func() {
		defer close(done)
		if err := m.Play(ctx, src); err != nil && ctx.Err() == nil {
			c.log.Debug("the tone could not be played", "why", err)
		}
	}()
}
