package wheel

import "testing"

// still is what is never turned.
type still struct{ _ int }

func (*still) Turn() bool { return true }

func TestWheel(t *testing.T) {
	for _, c := range []struct{ lanes, slots, most int }{{1, 1, 1}, {4, 1, 4}, {8, 2, 4}, {80, 20, 4}, {200, 20, 10}} {
		w := &wheel{all: &Workers{}, running: true}
		for range c.lanes {
			w.add(&still{})
		}
		used, most := 0, 0
		for _, s := range w.slots {
			if len(s) > 0 {
				used++
			}
			most = max(most, len(s))
		}
		if used != c.slots || most != c.most {
			t.Errorf("%d lanes lie on %d slots, at most %d on one; want %d and %d", c.lanes, used, most, c.slots, c.most)
		}
		seen := 0
		for n := 0; seen < c.lanes; {
			slot, _, lanes, ok := w.next(n, nil)
			if !ok {
				t.Fatalf("the wheel is empty behind %d of %d", seen, c.lanes)
			}
			for _, l := range lanes {
				w.remove(slot, l)
				seen++
			}
			n = slot + 1
		}
		if _, _, _, ok := w.next(0, nil); ok || w.running {
			t.Error("an empty wheel turns on")
		}
	}
}
