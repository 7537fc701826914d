package say

// number in English: "hundred", "thousand" and so on follow their count, "oh" and
// "and" are not said.
func english(s *speaker, n int64) { anglo(s, n, false) }

// british says "and" before what is left below a hundred.
func british(s *speaker, n int64) { anglo(s, n, true) }

func anglo(s *speaker, n int64, and bool) {
	for _, step := range []struct {
		unit int64
		name string
	}{{1_000_000_000, "digits/billion"}, {1_000_000, "digits/million"}, {1000, "digits/thousand"}, {100, "digits/hundred"}} {
		if n < step.unit {
			continue
		}
		anglo(s, n/step.unit, and)
		s.say(step.name)
		if n %= step.unit; and && n > 0 && n < 100 {
			s.say("vm-and")
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
