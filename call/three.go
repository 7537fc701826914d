package call

import (
	"context"
	"errors"
	"sync"

	"obelus/media"
)

// Admit lets a third party, and more, into the talk: each hears all the others from then on, and whoever leaves does not end the talk of those who
// stay, as long as two do. in comes from the bridge that it is in, which ends with that, or by a new order.
func (b *Bridge) Admit(in *Channel) error {
	b.mu.Lock()
	over := b.over
	b.many = !over
	b.mu.Unlock()
	if over {
		return ErrNotBridged
	}
	b.Anchor("more than two talk")
	err := in.tell(in.Bridge(), directive{to: b})
	if errors.Is(err, ErrNotBridged) {
		err = in.Do(b.Order())
	}
	return err
}

// missed says that somebody who was to come will not.
func (b *Bridge) missed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.many {
		b.close()
	}
}

// flow has those hear each other who are there, in a talk of more than two; b.mu is held.
func (b *Bridge) flow() {
	if b.mix != nil {
		b.mix.end()
		b.mix = nil
	}
	var here []*Channel
	for _, m := range b.members {
		if !m.away && !m.replaced && m.ch.Media() != nil {
			here = append(here, m.ch)
			m.ch.Media().Part()
		}
	}
	switch {
	case len(here) == 2:
		b.wire(here[0], here[1])
	case len(here) > 2:
		b.mix = mixOf(here)
	}
}

// all are those that hear what a party does; nobody where it is away.
func (b *Bridge) all(c *Channel) []*Channel {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*Channel
	for _, m := range b.members {
		switch {
		case m.ch == c && m.away:
			return nil
		case m.ch != c && !m.away && !m.replaced:
			out = append(out, m.ch)
		}
	}
	return out
}

// mixRate is how many samples a second are mixed.
const mixRate = 16000

// mixer has several parties hear each other. It is of the bridge, and calls nobody but the media plane.
type mixer struct {
	cancel context.CancelFunc
	stops  []func()
}

func mixOf(parties []*Channel) *mixer {
	ctx, cancel := context.WithCancel(context.Background())
	m := &mixer{cancel: cancel}
	heard := make([]*mixed, len(parties))
	for i := range parties {
		heard[i] = &mixed{of: make([][]int16, len(parties))}
	}
	for i, p := range parties {
		if h, ok := p.Media().(Hearing); ok {
			stop, err := h.Hear(mixRate, func(in, _ []int16) {
				for j := range heard {
					if j != i {
						heard[j].put(i, in)
					}
				}
			})
			if err == nil {
				m.stops = append(m.stops, stop)
			} else {
				p.log.Warn("the others of a bridge don't hear the channel", "why", err)
			}
		}
		go func() {
			if err := p.Media().Play(ctx, heard[i]); err != nil && ctx.Err() == nil {
				p.log.Warn("the channel does not hear the others of a bridge", "why", err)
			}
		}()
	}
	return m
}

// end ends it.
func (m *mixer) end() {
	m.cancel()
	for _, stop := range m.stops {
		stop()
	}
}

// mixed is what one party hears: all others at once. It never ends.
type mixed struct {
	mu sync.Mutex
	of [][]int16 // what each of the others has said and was not heard yet
}

// mixWait bounds what waits of each party, in samples: 80 ms. What is more is left out, or the talk would lag behind.
const mixWait = mixRate * 80 / 1000

func (m *mixed) put(from int, frame []int16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of[from] = append(m.of[from], frame...)
	if more := len(m.of[from]) - mixWait; more > 0 {
		m.of[from] = append(m.of[from][:0], m.of[from][more:]...)
	}
}

// Rate is how many samples make a second.
func (m *mixed) Rate() int { return mixRate }

// Read adds up what the others have said.
func (m *mixed) Read(frame []int16) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(frame)
	for i, said := range m.of {
		n := min(len(said), len(frame))
		for k, s := range said[:n] {
			frame[k] = int16(min(max(int32(frame[k])+int32(s), -32768), 32767))
		}
		m.of[i] = append(said[:0], said[n:]...)
	}
	return len(frame), nil
}

var _ media.Source = (*mixed)(nil)
