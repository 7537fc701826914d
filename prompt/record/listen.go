package record

import (
	"sync"
	"time"

	"obelus/call"
	"obelus/media"
)

const framesPerSecond = int(time.Second / media.Frame)

// Listen hears a channel as [call.Hearing] does. One that has no sound yet, or none
// that can be heard, is silent, and is heard from when it has.
func Listen(ch *call.Channel, rate int, f func(in, out []int16)) (stop func(), err error) {
	if h, ok := ch.Media().(call.Hearing); ok {
		return h.Hear(rate, f)
	}
	w := &waiting{ch: ch, rate: rate, f: f, ended: make(chan struct{})}
	var done sync.WaitGroup
	done.Go(w.run)
	return func() {
		w.once.Do(func() { close(w.ended) })
		done.Wait()
	}, nil
}

// waiting is who listens to a channel that can't be heard yet.
type waiting struct {
	ch    *call.Channel
	rate  int
	f     func(in, out []int16)
	once  sync.Once
	ended chan struct{}
}

func (w *waiting) run() {
	quiet := make([]int16, w.rate/framesPerSecond)
	tick := time.NewTicker(media.Frame)
	defer tick.Stop()
	for {
		select {
		case <-w.ended:
			return
		case <-w.ch.Done():
			return
		case <-tick.C:
		}
		h, ok := w.ch.Media().(call.Hearing)
		if !ok {
			w.f(quiet, quiet)
			continue
		}
		stop, err := h.Hear(w.rate, w.f)
		if err != nil {
			w.ch.Log().Warn("the channel can't be listened to", "why", err)
			return
		}
		<-w.ended
		stop()
		return
	}
}
