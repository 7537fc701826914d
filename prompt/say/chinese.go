package say

// chinese counts in ten thousands (wan) and hundred millions (yi), and says a nought
// where places are skipped.
func chinese(s *speaker, n int64) {
	for _, u := range []struct {
		unit int64
		name string
	}{{100_000_000, "digits/yi"}, {10_000, "digits/wan"}} {
		if n < u.unit {
			continue
		}
		s.with("", chinese, n/u.unit)
		s.say(u.name)
		if n %= u.unit; n > 0 && n < u.unit/10 {
			s.digits(0)
		}
	}
	for _, u := range []struct {
		unit int64
		name string
	}{{1000, "digits/thousand"}, {100, "digits/hundred"}} {
		if n < u.unit {
			continue
		}
		s.digits(n / u.unit)
		s.say(u.name)
		if n %= u.unit; n > 0 && n < u.unit/10 {
			s.digits(0)
		}
	}
	if n >= 20 {
		s.digits(n / 10 * 10)
		n %= 10
	}
	if n > 0 {
		s.digits(n)
	}
}
