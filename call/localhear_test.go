package call

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// speakingMedia is a phone of which can be heard what it says: its own number, over and
// over; and what it is sent: that number below zero.
type speakingMedia struct {
	fakeMedia
	number int16
	ears   sync.WaitGroup
}

func (m *speakingMedia) Join(other Media) error {
	if _, ok := other.(*speakingMedia); ok {
		return nil
	}
	return other.Join(m)
}

func (m *speakingMedia) Part() {}

func (m *speakingMedia) Hear(rate int, f func(in, out []int16)) (func(), error) {
	ctx, cancel := context.WithCancel(context.Background())
	m.ears.Go(func() {
		for ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
			in, out := make([]int16, rate/50), make([]int16, rate/50)
			in[0], out[0] = m.number, -m.number
			f(in, out)
		}
	})
	return func() { cancel(); m.ears.Wait() }, nil
}

func TestLocalIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair := &localPair{}
		near, far := &localLeg{pair: pair}, &localLeg{pair: pair}
		near.other, far.other = far, near
		r := NewRegistry(quiet(), nil)
		near.ch, far.ch = r.New(Spec{Name: "Local/x@c-1;1", Leg: near}), r.New(Spec{Name: "Local/x@c-1;2", Leg: far})

		var mu sync.Mutex
		var in, out int16
		heard := func() (a, b int16) {
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			return in, out
		}
		stop, err := near.Media().(Hearing).Hear(8000, func(a, b []int16) {
			if len(a) != 160 || len(b) != 160 {
				t.Errorf("frames of %d and %d samples", len(a), len(b))
			}
			mu.Lock()
			in, out = a[0], b[0]
			mu.Unlock()
		})
		if err != nil {
			t.Fatal(err)
		}
		one, two := &speakingMedia{number: 1}, &speakingMedia{number: 2}
		for _, step := range []struct {
			what    string
			do      func()
			in, out int16
		}{
			{"nobody", func() {}, 0, 0},
			{"one at ;1", func() { one.Join(near.Media()) }, -1, 1},
			{"two at ;2 as well", func() { two.Join(far.Media()) }, 2, -2},
			{"one leaves", func() { near.Media().Part() }, 2, -2},
			{"two leaves", func() { far.Media().Part() }, 0, 0},
			{"two at ;2", func() { far.Media().Join(two) }, 2, -2},
		} {
			step.do()
			if a, b := heard(); a != step.in || b != step.out {
				t.Errorf("%s: heard %d said and %d sent, want %d and %d", step.what, a, b, step.in, step.out)
			}
		}
		stop()
		stop()
		mu.Lock()
		in = 77
		mu.Unlock()
		if a, _ := heard(); a != 77 {
			t.Error("it goes on behind its end")
		}
		if _, err := near.Media().(Hearing).Hear(8001, nil); err == nil {
			t.Error("8001 samples a second were taken")
		}
	})
}
