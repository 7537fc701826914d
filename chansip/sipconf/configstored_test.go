package sipconf

import (
	"testing"
	"time"
)

// TestSpan reads seconds, and units.
func TestSpan(t *testing.T) {
	for v, want := range map[string]time.Duration{
		"2592000": 30 * 24 * time.Hour, "90s": 90 * time.Second, "15 m": 15 * time.Minute, "12H": 12 * time.Hour, " 30d ": 30 * 24 * time.Hour,
		"": 0, "0": 0, "-5": 0, "d": 0, "3w": 0, "30 days": 0, "1.5d": 0, "99999999999d": 0, "9223372036854775808": 0, "m15": 0,
	} {
		got, err := parseSpan(v)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %v, %v", v, got, err)
		}
	}
}

// TestBytes reads bytes, and units.
func TestBytes(t *testing.T) {
	for v, want := range map[string]int64{"0": 0, "1000": 1000, "64k": 64 << 10, "256M": 256 << 20, "2 G": 2 << 30} {
		if got, err := parseBytes(v); got != want || err != nil {
			t.Errorf("%q is %v, %v", v, got, err)
		}
	}
	for _, v := range []string{"", "x", "-1", "12TB", "9223372036854775807G", "1.5G"} {
		if got, err := parseBytes(v); err == nil {
			t.Errorf("%q is %v", v, got)
		}
	}
}

// FuzzSpan: no value brings it down, or makes a time that is none.
func FuzzSpan(f *testing.F) {
	for _, v := range []string{"30d", "1", "-1s", "9223372036854775807d", " h"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		if d, err := parseSpan(v); err == nil && d <= 0 {
			t.Errorf("%q is %v", v, d)
		}
		if n, err := parseBytes(v); err == nil && n < 0 {
			t.Errorf("%q is %d bytes", v, n)
		}
	})
}
