package waiting

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestFanOut: 10,000 texts in a minute to 1,000 phones, half of them away: each gets
// its own once and in order, those that were away when they come back.
func TestFanOut(t *testing.T) {
	inHouse(t, func(h *house) {
		h.limits.Messages, h.limits.Bytes = 100_000, 1<<30
		const phones, texts = 1000, 10
		all := make([]*set, phones)
		for i := range all {
			name := fmt.Sprint(5000 + i)
			h.accounts[name] = Account{Name: name, Store: true, Expiry: time.Hour, Most: 100}
			all[i] = h.phone(name, "key"+name, true)
			all[i].there = i%2 == 0
		}
		start := time.Now()
		var senders sync.WaitGroup
		for n := range 20 {
			senders.Go(func() {
				for i := n; i < phones*texts; i += 20 {
					h.sends(fmt.Sprint(n), all[i%phones].account, fmt.Sprint(i/phones))
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		senders.Wait()
		h.pass(time.Second)
		if d := time.Since(start); d > 70*time.Second {
			t.Errorf("it took %v", d)
		}
		for i, p := range all {
			h.waits(p.account, (i%2)*texts)
			if !p.there {
				h.comes(p)
			}
		}
		h.pass(time.Minute)
		for _, p := range all {
			h.expect(p, "0 1 2 3 4 5 6 7 8 9")
		}
		if len(h.s.boxes) != 0 || h.s.active != 0 {
			t.Errorf("%d boxes and %d goroutines are left", len(h.s.boxes), h.s.active)
		}
	})
}

// TestCrowd: after a restart phones are served a number at a time.
func TestCrowd(t *testing.T) {
	inHouse(t, func(h *house) {
		h.limits.Messages, h.limits.Bytes = 100_000, 1<<30
		for i := range 2000 {
			name := fmt.Sprint(5000 + i)
			h.accounts[name] = Account{Name: name, Store: true, Expiry: time.Hour, Most: 100}
			h.phone(name, "key"+name, true)
			h.sends("1001", name, "x")
		}
		h.close()
		for _, p := range h.phones {
			p.there = true
		}
		h.between = 3 * time.Second
		h.open()
		h.pass(5 * time.Minute)
		for _, p := range h.phones {
			h.expect(p, "x")
		}
		if h.most > deliveries || h.most < deliveries/2 {
			t.Errorf("%d at once", h.most)
		}
	})
}

// TestSpan writes times as people do.
func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		30 * 24 * time.Hour: "30 days", 24 * time.Hour: "1 day", 90 * time.Minute: "2 hours", time.Minute: "1 minute", 45 * time.Second: "45 seconds", 0: "0 seconds",
	} {
		if got := span(d); got != want {
			t.Errorf("%v is %s", d, got)
		}
	}
}

// TestPause grows to an hour.
func TestPauseGrows(t *testing.T) {
	var all []time.Duration
	for n := range 20 {
		all = append(all, pause(n+1))
	}
	if all[0] < 26*time.Second || all[0] > 34*time.Second || all[19] > 68*time.Minute || all[19] < 52*time.Minute || !slices.IsSorted(all[:6]) {
		t.Errorf("pauses %v", all)
	}
}
