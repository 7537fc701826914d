package syntax

import (
	"testing"
	"time"
)

func TestTiming(t *testing.T) {
	tuesday := time.Date(2026, 11, 24, 16, 59, 30, 0, time.UTC)
	for spec, want := range map[string]bool{
		"9:00-17:00,mon-fri,*,*":          true,
		"9:00-16:58,mon-fri,*,*":          false,
		"22:00-6:00,*,*,*":                false,
		"16:59,tue,24,nov":                true,
		"*,fri-mon,*,*":                   false,
		"*,mon&tue,*,*":                   true,
		"*,*,20-5,nov-feb":                true,
		"*":                               true,
		"17:00-18:00,*,*,*,Europe/Berlin": true,
	} {
		timing, err := ParseTiming(spec)
		if err != nil {
			t.Errorf("%s: %v", spec, err)
		} else if got := timing.Match(tuesday); got != want {
			t.Errorf("%s: %v", spec, got)
		}
	}
	for _, bad := range []string{"9-17,*,*,*", "*,foo,*,*", "*,*,32,*", "*,*,*,13", "25:00,*,*,*", "*,*,*,*,No/Where"} {
		if timing, err := ParseTiming(bad); err == nil || timing.Match(tuesday) {
			t.Errorf("%s is accepted", bad)
		}
	}
}
