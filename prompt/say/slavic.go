package say

// russian has three forms of thousand and million, and a feminine 1 and 2 before
// thousands.
func russian(s *speaker, n int64) {
	for _, u := range []struct {
		unit           int64
		one, two, five string
		gender         string
	}{
		{1_000_000_000, "digits/milliard", "digits/milliard-a", "digits/milliards", "m"},
		{1_000_000, "digits/million", "digits/million-a", "digits/millions", "m"},
		{1000, "digits/thousand", "digits/thousands-i", "digits/thousands", "f"},
	} {
		if n < u.unit {
			continue
		}
		s.with(u.gender, russian, n/u.unit)
		s.say([]string{1: u.one, 2: u.two, 5: u.five}[form(n/u.unit)])
		n %= u.unit
	}
	if n >= 100 {
		s.digits(n / 100 * 100)
		n %= 100
	}
	if n >= 20 {
		s.digits(n / 10 * 10)
		n %= 10
	}
	switch {
	case n == 0:
	case n < 3 && s.is("f"):
		s.digits(n, "f")
	case n < 2 && s.is("n"):
		s.digits(n, "n")
	default:
		s.digits(n)
	}
}

// polish has three forms of thousand and million, and endings of 1 and 2 by gender.
func polish(s *speaker, n int64) {
	for _, unit := range []int64{1_000_000_000, 1_000_000, 1000} {
		if n < unit {
			continue
		}
		k := n / unit
		if k > 1 {
			s.with("m", polish, k)
		}
		switch {
		case k == 1:
			s.digits(unit)
		case form(k) == 2:
			s.digits(unit, ".2-4")
		default:
			s.digits(unit, ".5+")
		}
		n %= unit
	}
	if n >= 100 {
		s.digits(n / 100 * 100)
		n %= 100
	}
	if n >= 20 {
		s.digits(n / 10 * 10)
		n %= 10
	}
	switch {
	case n == 0:
	case n == 1 && s.is("f"):
		s.digits(1, "z")
	case n == 1 && s.is("n"):
		s.digits(1, "n")
	case n == 2 && s.is("f"):
		s.digits(2, "z")
	default:
		s.digits(n)
	}
}
