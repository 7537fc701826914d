package call

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"obelus/media"
)

// Hear listens to whoever is behind the half: to the one who is joined to the other
// half, and while there is none to this half's own party, the other way round. It
// follows them as they come and go. While there is nobody it hears what applications
// at both ends play.
func (m *localMedia) Hear(rate int, f func(in, out []int16)) (stop func(), err error) {
	if rate <= 0 || rate%framesPerSecond != 0 {
		return nil, fmt.Errorf("%d samples a second can't be listened to", rate)
	}
	e := &localEar{m: m, rate: rate, f: f, changed: make(chan struct{}, 1), ended: make(chan struct{})}
	p := m.pair
	p.mu.Lock()
	p.ears = append(p.ears, e)
	p.mu.Unlock()
	var done sync.WaitGroup
	done.Go(e.run)
	var once sync.Once
	return func() {
		once.Do(func() {
			p.mu.Lock()
			p.ears = slices.DeleteFunc(p.ears, func(x *localEar) bool { return x == e })
			p.mu.Unlock()
			close(e.ended)
			done.Wait()
			p.unheard()
		})
		done.Wait()
	}, nil
}

// unheard lets the phones of both halves send to each other again, once nobody
// listens to them.
func (p *localPair) unheard() {
	p.mu.Lock()
	one, two := p.joined[0], p.joined[1]
	may := len(p.ears) == 0 && p.direct[0] && p.direct[1]
	p.mu.Unlock()
	if d, ok := one.(Director); ok && may && two != nil {
		d.Direct(two)
	}
}

const framesPerSecond = int(time.Second / media.Frame)

// localEar listens to a half.
type localEar struct {
	m       *localMedia
	rate    int
	f       func(in, out []int16)
	changed chan struct{} // somebody was joined, or left
	ended   chan struct{}
	played  [2]played // by an application, to the half and by it
}

// tellEars has those who listen look anew; p.mu is held.
func (p *localPair) tellEars() {
	for _, e := range p.ears {
		select {
		case e.changed <- struct{}{}:
		default:
		}
	}
}

func (e *localEar) run() {
	for {
		who, stop := e.attach()
		more := false
		if stop == nil {
			more = e.nobody()
		} else {
			more = e.wait(who)
			stop()
		}
		if !more {
			return
		}
	}
}

// mostLocals bounds a chain of Local channels, which may bite its tail.
const mostLocals = 64

// behind is whom the sound of a half comes from in the end: through other Local
// channels, where the half is joined with one. last is the half that he is behind. nil
// for nobody.
func (m *localMedia) behind() (who Media, last *localMedia) {
	for range mostLocals {
		far := m.far()
		next, ok := far.(*localMedia)
		if !ok {
			return far, m
		}
		m = next
	}
	return nil, m
}

// party is whom to listen to, and whether what he says is what the half is sent.
func (e *localEar) party() (who Media, turned bool) {
	if who, _ = e.m.behind(); who != nil {
		return who, false
	}
	m := e.m
	m.pair.mu.Lock()
	mine := m.pair.joined[m.half()]
	m.pair.mu.Unlock()
	if next, ok := mine.(*localMedia); ok {
		mine, _ = next.behind()
	}
	return mine, true
}

// attach listens to whoever is there; stop is nil where there is nobody.
func (e *localEar) attach() (who Media, stop func()) {
	who, turned := e.party()
	f := e.f
	if turned {
		f = func(in, out []int16) { e.f(out, in) }
	}
	h, ok := who.(Hearing)
	if !ok {
		return who, nil
	}
	stop, err := h.Hear(e.rate, f)
	if err != nil {
		e.m.ch.log.Debug("whoever is behind the Local channel can't be listened to", "why", err)
		return who, nil
	}
	return who, stop
}

// looking is how often it is looked whether somebody else is behind other Local
// channels, which don't tell.
const looking = 100 * time.Millisecond

// wait returns when there is another party; false when nobody listens any more.
func (e *localEar) wait(who Media) bool {
	tick := time.NewTicker(looking)
	defer tick.Stop()
	for {
		select {
		case <-e.ended:
			return false
		case <-e.changed:
			return true
		case <-tick.C:
			if now, _ := e.party(); now != who {
				return true
			}
		}
	}
}

// nobody gives what applications at both ends play, else silence, for as long as there
// is no phone.
func (e *localEar) nobody() bool {
	quiet := make([]int16, e.rate/framesPerSecond)
	for i := range e.played {
		e.played[i].forget()
	}
	tick := time.NewTicker(media.Frame)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-e.ended:
			return false
		case <-e.changed:
			return true
		case <-tick.C:
			if n%5 == 4 {
				if who, _ := e.party(); who != nil {
					if _, ok := who.(Hearing); ok {
						return true
					}
				}
			}
			e.f(e.played[0].take(quiet), e.played[1].take(quiet))
		}
	}
}
