package transaction

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bell is an owner that notes when its timer rang.
type bell struct {
	mu    sync.Mutex
	timer Timer
	rang  []time.Duration
	start time.Time
	then  func(b *bell)
}

func (b *bell) Ring(t *Timer, turn uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !t.Due(turn) {
		return
	}
	b.rang = append(b.rang, time.Since(b.start))
	if b.then != nil {
		b.then(b)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestWheelRingsInTime(t *testing.T) {
	delays := []time.Duration{0, 1, time.Millisecond, 10 * time.Millisecond, 500 * time.Millisecond, time.Second,
		4 * time.Second, 5*time.Second + 3, 32 * time.Second, 41 * time.Second, 90 * time.Second, 30 * time.Minute}
	for _, before := range []time.Duration{0, 17 * time.Millisecond, 50 * time.Second} {
		for _, d := range delays {
			synctest.Test(t, func(t *testing.T) {
				w := NewWheel(quiet())
				time.Sleep(before)
				b := &bell{start: time.Now()}
				b.mu.Lock()
				w.Set(&b.timer, b, d)
				b.mu.Unlock()
				time.Sleep(d + coarseStep*wheelTick + wheelTick)
				synctest.Wait()
				late := time.Duration(2 * wheelTick)
				if d >= coarseFrom*wheelTick {
					late += coarseStep * wheelTick
				}
				if len(b.rang) != 1 || b.rang[0] < d || b.rang[0] > d+late {
					t.Errorf("a timer of %v set after %v rang at %v", d, before, b.rang)
				}
				if w.Len() != 0 {
					t.Errorf("%d timers left on the wheel", w.Len())
				}
			})
		}
	}
}

func TestWheelStopAndMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWheel(quiet())
		stopped, moved := &bell{start: time.Now()}, &bell{start: time.Now()}
		w.Set(&stopped.timer, stopped, time.Second)
		w.Set(&moved.timer, moved, time.Second)
		w.Stop(&stopped.timer)
		w.Set(&moved.timer, moved, 3*time.Second)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(stopped.rang) != 0 {
			t.Errorf("a stopped timer rang at %v", stopped.rang)
		}
		if len(moved.rang) != 1 || moved.rang[0] < 3*time.Second {
			t.Errorf("a moved timer rang at %v", moved.rang)
		}
	})
}

func TestWheelRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWheel(quiet())
		b := &bell{start: time.Now()}
		b.then = func(b *bell) {
			if len(b.rang) < 10 {
				w.Set(&b.timer, b, 100*time.Millisecond)
			}
		}
		w.Set(&b.timer, b, 100*time.Millisecond)
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(b.rang) != 10 || b.rang[9] > 1200*time.Millisecond {
			t.Errorf("rang at %v", b.rang)
		}
	})
}

func TestWheelManyTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWheel(quiet())
		rng := rand.New(rand.NewPCG(1, 2))
		bells := make([]*bell, 5000)
		want := make([]time.Duration, len(bells))
		for i := range bells {
			bells[i] = &bell{start: time.Now()}
			want[i] = time.Duration(rng.Int64N(int64(2 * time.Minute)))
			w.Set(&bells[i].timer, bells[i], want[i])
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		for i, b := range bells {
			if len(b.rang) != 1 || b.rang[0] < want[i] || b.rang[0] > want[i]+200*time.Millisecond {
				t.Fatalf("timer %d of %v rang at %v", i, want[i], b.rang)
			}
		}
	})
}

// A ring that is on its way when its owner stops or moves the timer must not be taken for the new one.
func TestWheelStaleRingIsNotDue(t *testing.T) {
	w := NewWheel(quiet())
	b := &bell{}
	w.Set(&b.timer, b, time.Hour)
	turn := b.timer.turn
	if !b.timer.Due(turn) {
		t.Fatal("a fresh timer is not due in its own turn")
	}
	w.Set(&b.timer, b, time.Hour)
	if b.timer.Due(turn) {
		t.Error("the ring of an earlier turn is due")
	}
	turn = b.timer.turn
	w.Stop(&b.timer)
	if b.timer.Due(turn) {
		t.Error("the ring of a stopped timer is due")
	}
}

func TestWheelOutlivesPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWheel(quiet())
		bad, good := &bell{start: time.Now()}, &bell{start: time.Now()}
		bad.then = func(*bell) { panic("poison") }
		w.Set(&bad.timer, bad, time.Second)
		w.Set(&good.timer, good, 2*time.Second)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if len(bad.rang) != 1 || len(good.rang) != 1 {
			t.Errorf("after a panic the wheel rang %v and %v", bad.rang, good.rang)
		}
	})
}

func TestWheelClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWheel(quiet())
		b := &bell{start: time.Now()}
		w.Set(&b.timer, b, time.Second)
		w.Close()
		w.Set(&b.timer, b, time.Second)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(b.rang) != 0 {
			t.Errorf("a closed wheel rang at %v", b.rang)
		}
	})
}

func TestWheelSetAllocatesNothing(t *testing.T) {
	w := NewWheel(quiet())
	defer w.Close()
	b := &bell{}
	w.Set(&b.timer, b, time.Hour)
	if n := testing.AllocsPerRun(100, func() { w.Set(&b.timer, b, time.Hour); w.Stop(&b.timer) }); n != 0 {
		t.Errorf("setting a timer costs %v allocations", n)
	}
}

func BenchmarkWheelSetStop(b *testing.B) {
	w := NewWheel(quiet())
	defer w.Close()
	o := &bell{}
	for b.Loop() {
		w.Set(&o.timer, o, 32*time.Second)
		w.Stop(&o.timer)
	}
}
