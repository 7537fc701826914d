package say

// german and danish put the ones before the tens: 21 is "1-and" 20. One is 1F (eine)
// or 1N (ein) by what it counts.
func german(s *speaker, n int64) {
	if n >= 1_000_000_000 {
		n = germanUnit(s, n, 1_000_000_000, "digits/milliard", "digits/milliards", "digits/1F")
	}
	if n >= 1_000_000 {
		n = germanUnit(s, n, 1_000_000, "digits/million", "digits/millions", "digits/1F")
	}
	alone := len(s.out) == 0 || s.out[0] == "digits/minus" && len(s.out) == 1
	if n >= 1000 {
		if n == 1000 && alone {
			s.say("digits/thousand")
			return
		}
		n = germanUnit(s, n, 1000, "digits/thousand", "digits/thousand", "digits/1N")
	}
	if n == 100 && alone {
		s.say("digits/hundred")
		return
	}
	if n >= 100 {
		germanHundreds(s, n/100)
		n %= 100
	} else if n > 0 && !(len(s.out) == 0 || s.out[len(s.out)-1] == "digits/minus") {
		s.say("digits/and")
	}
	germanTens(s, n)
}

// germanUnit says how many of a unit there are, and returns what is left.
func germanUnit(s *speaker, n, unit int64, one, several, single string) int64 {
	if n/unit == 1 {
		s.say(single, one)
	} else {
		s.with("", german, n/unit)
		s.say(several)
	}
	return n % unit
}

func germanHundreds(s *speaker, n int64) {
	if n == 1 {
		s.say("digits/1N")
	} else {
		s.digits(n)
	}
	s.say("digits/hundred")
}

func germanTens(s *speaker, n int64) {
	switch {
	case n == 0:
	case n == 1 && s.is("f"):
		s.digits(1, "F")
	case n == 1 && s.is("n"):
		s.digits(1, "N")
	case n < 20:
		s.digits(n)
	default:
		if n%10 > 0 {
			s.digits(n%10, "-and")
		}
		s.digits(n / 10 * 10)
	}
}

// germanOrdinal is the number with its last part turned into an ordinal, which has an
// ending by its gender.
func germanOrdinal(s *speaker, n int64) {
	ending := ""
	if s.is("f") {
		ending = "F"
	} else if s.is("n") {
		ending = "N"
	}
	if n == 0 {
		s.say("digits/h-0" + ending)
		return
	}
	s.with("", german, n)
	last := &s.out[len(s.out)-1]
	*last = "digits/h-" + (*last)[len("digits/"):] + ending
}

// danish is as german, with "and" behind every hundred and its own one.
func danish(s *speaker, n int64) {
	if n >= 1_000_000_000 {
		n = danishUnit(s, n, 1_000_000_000, "digits/milliard", "digits/milliards")
	}
	if n >= 1_000_000 {
		n = danishUnit(s, n, 1_000_000, "digits/million", "digits/millions")
	}
	if n >= 1000 {
		n = danishUnit(s, n, 1000, "digits/thousand", "digits/thousand")
	}
	if n >= 100 {
		if n/100 == 1 {
			s.say("digits/1N")
		} else {
			s.digits(n / 100)
		}
		s.say("digits/hundred")
		if n %= 100; n > 0 {
			s.say("digits/and")
		}
	} else if n > 0 && len(s.out) > 0 && s.out[len(s.out)-1] != "digits/minus" {
		s.say("digits/and")
	}
	germanTens(s, n)
}

func danishUnit(s *speaker, n, unit int64, one, several string) int64 {
	switch k := n / unit; {
	case k > 1:
		s.with("", danish, k)
		s.say(several)
	case unit == 1000:
		s.say("digits/1N", one)
	default:
		s.digits(1)
		s.say(one)
	}
	return n % unit
}

// dutch has the ones, "nl-en", and the tens; from 1100 to 9999 it counts hundreds.
func dutch(s *speaker, n int64) {
	for _, u := range []struct {
		unit int64
		name string
	}{{1_000_000_000, "digits/milliard"}, {1_000_000, "digits/million"}} {
		if n >= u.unit {
			s.with("", dutch, n/u.unit)
			s.say(u.name)
			n %= u.unit
		}
	}
	switch {
	case n >= 10_000:
		s.with("", dutch, n/1000)
		s.say("digits/thousand")
		n %= 1000
	case n >= 1100 && n/100%10 != 0:
		s.with("", dutch, n/100)
		s.say("digits/hundred")
		n %= 100
	case n >= 2000:
		s.digits(n / 1000)
		s.say("digits/thousand")
		n %= 1000
	case n >= 1000:
		s.say("digits/thousand")
		n -= 1000
	}
	if n >= 100 {
		if n >= 200 {
			s.digits(n / 100)
		}
		s.say("digits/hundred")
		n %= 100
	}
	if n > 20 {
		if n%10 > 0 {
			s.digits(n % 10)
			s.say("digits/nl-en")
		}
		s.digits(n / 10 * 10)
	} else if n > 0 {
		s.digits(n)
	}
}

// norwegian says "and" between the hundreds and what is below.
func norwegian(s *speaker, n int64) {
	for _, u := range []struct {
		unit   int64
		name   string
		gender string
	}{{1_000_000_000, "digits/milliard", "c"}, {1_000_000, "digits/million", "c"}, {1000, "digits/thousand", "n"}} {
		if n >= u.unit {
			s.with(u.gender, norwegian, n/u.unit)
			s.say(u.name)
			n %= u.unit
		}
	}
	if n >= 100 {
		if n/100 == 1 {
			s.digits(1, "N")
		} else {
			s.digits(n / 100)
		}
		s.say("digits/hundred")
		if n %= 100; n > 0 {
			s.say("digits/and")
		}
	}
	scandinavianTens(s, n)
}

// swedish says no "and".
func swedish(s *speaker, n int64) {
	for _, u := range []struct {
		unit         int64
		one, several string
		gender       string
	}{{1_000_000_000, "digits/milliard", "digits/milliards", "c"}, {1_000_000, "digits/million", "digits/millions", "c"}, {1000, "digits/thousand", "digits/thousand", "n"}} {
		if n < u.unit {
			continue
		}
		s.with(u.gender, swedish, n/u.unit)
		if n/u.unit == 1 {
			s.say(u.one)
		} else {
			s.say(u.several)
		}
		n %= u.unit
	}
	if n >= 100 {
		if n/100 == 1 {
			s.digits(1, "N")
		} else {
			s.digits(n / 100)
		}
		s.say("digits/hundred")
		n %= 100
	}
	scandinavianTens(s, n)
}

func scandinavianTens(s *speaker, n int64) {
	if n >= 20 {
		s.digits(n / 10 * 10)
		n %= 10
	}
	switch {
	case n == 1 && s.is("n"):
		s.digits(1, "N")
	case n > 0:
		s.digits(n)
	}
}
