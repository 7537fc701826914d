package say

// spanish has a recording of its own for each number up to 30 and for each hundred.
func spanish(s *speaker, n int64) {
	if n >= 1_000_000 {
		if n < 2_000_000 {
			s.digits(1, "M")
			s.say("digits/million")
		} else {
			s.with("M", spanish, n/1_000_000)
			s.say("digits/millions")
		}
		n %= 1_000_000
	}
	if n >= 2000 {
		s.with("", spanish, n/1000)
	}
	if n >= 1000 {
		s.say("digits/thousand")
		n %= 1000
	}
	switch {
	case n == 100:
		s.say("digits/hundred") // as the original's own Spanish sounds have it
		n = 0
	case n > 100 && n < 200:
		s.say("digits/100-and")
		n -= 100
	case n >= 200:
		s.digits(n / 100 * 100)
		n %= 100
	}
	if n > 30 {
		s.digits(n / 10 * 10)
		if n %= 10; n > 0 {
			s.say("digits/and")
		}
	}
	switch {
	case n == 1 && s.is("f"):
		s.digits(1, "F")
	case n == 1 && (s.is("m") || s.is("M")):
		s.digits(1, "M")
	case n > 0:
		s.digits(n)
	}
}

// french counts from 60 to 79 and from 80 to 99 on, and says "et" before a one.
func french(s *speaker, n int64) {
	for _, u := range []struct {
		unit int64
		name string
	}{{1_000_000_000, "digits/milliard"}, {1_000_000, "digits/million"}} {
		if n >= u.unit {
			s.with("", french, n/u.unit)
			s.say(u.name)
			n %= u.unit
		}
	}
	if n >= 2000 {
		s.with("", french, n/1000)
	}
	if n >= 1000 {
		s.say("digits/thousand")
		n %= 1000
	}
	if n >= 200 {
		s.digits(n / 100)
	}
	if n >= 100 {
		s.say("digits/hundred")
		n %= 100
	}
	frenchTens(s, n)
}

func frenchTens(s *speaker, n int64) {
	switch {
	case n >= 80:
		s.digits(80)
		n -= 80
	case n >= 60:
		s.digits(60)
		if n%10 == 1 {
			s.say("digits/et")
		}
		n -= 60
	case n > 20:
		s.digits(n / 10 * 10)
		if n %= 10; n == 1 {
			s.say("digits/et")
		}
	}
	switch {
	case n == 1 && s.is("f"):
		s.digits(1, "F")
	case n > 0:
		s.digits(n)
	}
}

// italian has recordings of their own for 21, 28, 31, 38 and so on.
func italian(s *speaker, n int64) {
	for _, u := range []struct {
		unit         int64
		one, several string
		single       bool // one of them is said: un milione
	}{{1_000_000_000, "digits/billion", "digits/billions", true}, {1_000_000, "digits/million", "digits/millions", true}, {1000, "digits/thousand", "digits/thousands", false}} {
		if n < u.unit {
			continue
		}
		switch k := n / u.unit; {
		case k > 1:
			s.with("", italian, k)
			s.say(u.several)
		case u.single:
			s.say("digits/un", u.one)
		default:
			s.say(u.one)
		}
		n %= u.unit
	}
	if n >= 200 {
		s.digits(n / 100)
	}
	if n >= 100 {
		s.say("digits/hundred")
		n %= 100
	}
	if n > 20 && n%10 != 1 && n%10 != 8 {
		s.digits(n / 10 * 10)
		n %= 10
	}
	if n > 0 {
		s.digits(n)
	}
}

// portuguese says "and" before tens and ones, and where nothing but them or a whole
// hundred is left.
func portuguese(s *speaker, n int64) {
	if n >= 1_000_000 {
		s.with("m", portuguese, n/1_000_000)
		if n < 2_000_000 {
			s.digits(1_000_000)
		} else {
			s.digits(1_000_000, "S")
		}
		rest := n % 1_000_000
		if thousands, below := rest/1000, rest%1000; rest > 0 && (thousands == 0 && (below < 100 || below%100 == 0) || below == 0 && (thousands < 100 || thousands%100 == 0)) {
			s.say("digits/and")
		}
		n = rest
	}
	if n >= 1000 {
		if n >= 2000 {
			s.with(s.gender, portuguese, n/1000)
		}
		s.digits(1000)
		if n %= 1000; n > 0 && (n < 100 || n%100 == 0) {
			s.say("digits/and")
		}
	}
	portugueseHundreds(s, n)
}

func portugueseHundreds(s *speaker, n int64) {
	if n >= 100 {
		switch {
		case n == 100:
			s.digits(100)
		case n < 200:
			s.say("digits/100E")
		case s.is("f"):
			s.digits(n/100*100, "F")
		default:
			s.digits(n / 100 * 100)
		}
		if n %= 100; n > 0 {
			s.say("digits/and")
		}
	}
	if n >= 20 {
		s.digits(n / 10 * 10)
		if n %= 10; n > 0 {
			s.say("digits/and")
		}
	}
	switch {
	case n == 0:
	case n <= 2 && s.is("f"):
		s.digits(n, "F")
	default:
		s.digits(n)
	}
}
