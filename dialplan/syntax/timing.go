package syntax

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Timing is a condition on the time: hours, days of the week, days of the month,
// months, each a list of ranges joined by &, or * for any.
type Timing struct {
	minutes  [24*60/64 + 1]uint64
	weekdays uint8
	days     uint32
	months   uint16
	zone     *time.Location
}

// ParseTiming reads times,weekdays,mdays,months[,timezone], as in
// GotoIfTime(9:00-17:00,mon-fri,*,*). What is left out is any. After an error
// the timing matches never.
func ParseTiming(s string) (Timing, error) {
	parts := strings.Split(s, ",")
	for len(parts) < 4 {
		parts = append(parts, "*")
	}
	var t Timing
	if err := t.times(parts[0]); err != nil {
		return Timing{}, err
	}
	week, err := ranges(parts[1], 7, 0, weekdayNames)
	if err != nil {
		return Timing{}, fmt.Errorf("day of the week: %w", err)
	}
	days, err := ranges(parts[2], 31, 1, nil)
	if err != nil {
		return Timing{}, fmt.Errorf("day of the month: %w", err)
	}
	months, err := ranges(parts[3], 12, 1, monthNames)
	if err != nil {
		return Timing{}, fmt.Errorf("month: %w", err)
	}
	t.weekdays, t.days, t.months = uint8(week), uint32(days), uint16(months)
	if len(parts) > 4 && strings.TrimSpace(parts[4]) != "" {
		if t.zone, err = time.LoadLocation(strings.TrimSpace(parts[4])); err != nil {
			return Timing{}, fmt.Errorf("time zone: %w", err)
		}
	}
	return t, nil
}

var (
	weekdayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	monthNames   = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
)

// Match says whether a time is within the condition, in its time zone, or in that
// of now.
func (t *Timing) Match(now time.Time) bool {
	if t.zone != nil {
		now = now.In(t.zone)
	}
	minute := now.Hour()*60 + now.Minute()
	return t.minutes[minute/64]&(1<<(minute%64)) != 0 &&
		t.weekdays&(1<<now.Weekday()) != 0 &&
		t.days&(1<<(now.Day()-1)) != 0 &&
		t.months&(1<<(now.Month()-1)) != 0
}

// times reads ranges of the clock; the last minute counts, and a range may go
// over midnight.
func (t *Timing) times(s string) error {
	if whatever(s) {
		for i := range t.minutes {
			t.minutes[i] = ^uint64(0)
		}
		return nil
	}
	for _, r := range strings.Split(s, "&") {
		from, to, ok := strings.Cut(r, "-")
		if !ok {
			to = from
		}
		a, err := clock(from)
		if err != nil {
			return err
		}
		b, err := clock(to)
		if err != nil {
			return err
		}
		for m := a; ; m = (m + 1) % (24 * 60) {
			t.minutes[m/64] |= 1 << (m % 64)
			if m == b {
				break
			}
		}
	}
	return nil
}

func whatever(s string) bool { s = strings.TrimSpace(s); return s == "" || s == "*" }

func clock(s string) (int, error) {
	h, m, ok := strings.Cut(strings.TrimSpace(s), ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, fmt.Errorf("time %q is not of the form 9:00 or 9:00-17:00", s)
	}
	return hour*60 + minute, nil
}

// ranges reads a list of ranges of n values, the first of which is called first
// or has a name, into a mask. A range may go round the end: fri-mon.
func ranges(s string, n, first int, names []string) (uint64, error) {
	if whatever(s) {
		return 1<<n - 1, nil
	}
	var mask uint64
	for _, r := range strings.Split(s, "&") {
		from, to, ok := strings.Cut(r, "-")
		if !ok {
			to = from
		}
		a, err := value(from, n, first, names)
		if err != nil {
			return 0, err
		}
		b, err := value(to, n, first, names)
		if err != nil {
			return 0, err
		}
		for i := a; ; i = (i + 1) % n {
			mask |= 1 << i
			if i == b {
				break
			}
		}
	}
	return mask, nil
}

func value(s string, n, first int, names []string) (int, error) {
	s = strings.TrimSpace(s)
	for i, name := range names {
		if len(s) >= 3 && strings.EqualFold(s[:3], name) {
			return i, nil
		}
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < first || v >= first+n {
		return 0, fmt.Errorf("%q is not known", s)
	}
	return v - first, nil
}
