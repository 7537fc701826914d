package call

import (
	"context"
	"io"
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

// loudFrom is a source of one number.
type loudFrom struct{ n, left int }

func (s *loudFrom) Rate() int { return 16000 }

func (s *loudFrom) Read(b []int16) (int, error) {
	n := min(len(b), s.left)
	for i := range n {
		b[i] = int16(s.n)
	}
	if s.left -= n; s.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

// TestApplicationsBehindLocal: what an application plays into a Local channel is heard by one at
// the other end, also through another Local channel.
func TestApplicationsBehindLocal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		pair := func(name string) (near, far *localLeg) {
			p := &localPair{}
			near, far = &localLeg{pair: p}, &localLeg{pair: p}
			near.other, far.other = far, near
			near.ch, far.ch = r.New(Spec{Name: name + ";1", Leg: near}), r.New(Spec{Name: name + ";2", Leg: far})
			return near, far
		}
		one, two := pair("Local/one")
		three, four := pair("Local/three")
		for _, c := range []struct {
			name     string
			join     func()
			from, to *localLeg
		}{
			{"one pair", func() {}, one, two},
			{"and back", func() {}, two, one},
			{"two pairs", func() { two.Media().Join(three.Media()); three.Media().Join(two.Media()) }, one, four},
		} {
			c.join()
			var mu sync.Mutex
			most := map[string]int16{}
			listen := func(l *localLeg, name string) func() {
				stop, err := l.Media().(Hearing).Hear(8000, func(in, out []int16) {
					mu.Lock()
					defer mu.Unlock()
					most[name+" in"], most[name+" out"] = max(most[name+" in"], in[80]), max(most[name+" out"], out[80])
				})
				if err != nil {
					t.Fatal(err)
				}
				return stop
			}
			stop, stop2 := listen(c.to, "to"), listen(c.from, "from")
			time.Sleep(time.Second)
			if err := c.from.Media().Play(t.Context(), &loudFrom{1000, 16000}); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
			stop()
			stop2()
			if most["to in"] < 900 || most["to out"] != 0 || most["from out"] < 900 || most["from in"] != 0 {
				t.Errorf("%s: heard %v", c.name, most)
			}
		}
	})
}
