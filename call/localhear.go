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
// follows them as they come and go, and hears silence while there is nobody.
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
		stop := e.attach()
		more := false
		if stop == nil {
			more = e.silence()
		} else {
			more = e.wait()
			stop()
		}
		if !more {
			return
		}
	}
}

// attach listens to whoever is there; nil where there is nobody.
func (e *localEar) attach() (stop func()) {
	m := e.m
	m.pair.mu.Lock()
	far, mine := m.pair.joined[1-m.half()], m.pair.joined[m.half()]
	m.pair.mu.Unlock()
	who, f := far, e.f
	if far == nil {
		who, f = mine, func(in, out []int16) { e.f(out, in) }
	}
	h, ok := who.(Hearing)
	if !ok {
		return nil
	}
	stop, err := h.Hear(e.rate, f)
	if err != nil {
		m.ch.log.Debug("whoever is behind the Local channel can't be listened to", "why", err)
		return nil
	}
	return stop
}

// wait returns when there is another party; false when nobody listens any more.
func (e *localEar) wait() bool {
	select {
	case <-e.ended:
		return false
	case <-e.changed:
		return true
	}
}

// silence gives silence for so long.
func (e *localEar) silence() bool {
	quiet := make([]int16, e.rate/framesPerSecond)
	tick := time.NewTicker(media.Frame)
	defer tick.Stop()
	for {
		select {
		case <-e.ended:
			return false
		case <-e.changed:
			return true
		case <-tick.C:
			e.f(quiet, quiet)
		}
	}
}
