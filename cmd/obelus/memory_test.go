package main

import "testing"

func TestGrowth(t *testing.T) {
	for live, want := range map[uint64]int{0: 200, 10 << 20: 200, 24 << 20: 200, 48 << 20: 100, 96 << 20: 50, 192 << 20: 25, 8 << 30: 25} {
		if got := growthOf(live); got != want {
			t.Errorf("over %d MB it may grow by %d %%, want %d", live>>20, got, want)
		}
	}
}
