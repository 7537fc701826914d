package say

// grammars is the table of languages, by the names that the original gives them.
func grammars(language string) (grammar, bool) {
	switch language {
	case "en":
		return plain(english), true
	case "en_gb":
		g := plain(british)
		g.date.format = "AdBY 'digits/at' IMp"
		return g, true
	case "de", "ge":
		return grammar{german, germanOrdinal, germanDates(german, germanOrdinal)}, true
	case "da", "dk":
		return grammar{danish, germanOrdinal, germanDates(danish, germanOrdinal)}, true
	case "nl":
		return counting(dutch, dates{format: "ABdY 'digits/at' IMp", hour24: "digits/nl-uur"}), true
	case "no", "nb", "nn":
		return plain(norwegian), true
	case "se", "sv":
		return plain(swedish), true
	case "es", "mx":
		return counting(spanish, dates{format: "'digits/es-el' Ad 'digits/es-de' B 'digits/es-de' Y 'digits/at' IMp"}), true
	case "fr":
		return counting(french, dates{format: "AdBY 'digits/at' IMp", hour12: "digits/oclock", hour24: "digits/oclock", first: true}), true
	case "it":
		g := counting(italian, dates{format: "AdB 'digits/at' IMp"})
		g.date.year = italianYear
		return g, true
	case "pt":
		return counting(portuguese, dates{format: "Ad 'digits/pt-de' B 'digits/pt-de' Y I 'digits/pt-e' Mp"}), true
	case "ru", "ua", "uk":
		return plain(russian), true
	case "pl":
		return plain(polish), true
	case "zh", "tw", "cn":
		return counting(chinese, dates{format: "YBdAPIM", hour12: "digits/oclock", hour24: "digits/oclock"}), true
	}
	return grammar{}, false
}

// plain is a language with numbers of its own and dates as English has them.
func plain(number func(*speaker, int64)) grammar {
	ordinal := func(s *speaker, n int64) { lastOrdinal(s, n, number) }
	return grammar{number, ordinal, dates{
		format: "ABdY 'digits/at' IMp", day: ordinal, year: yearOf(number), number: number, oh: true, oclock: "digits/oclock",
	}}
}

// counting is a language whose days and years are numbers, and which says no "oh".
func counting(number func(*speaker, int64), d dates) grammar {
	d.number, d.day, d.year = number, number, number
	if d.first {
		d.day = func(s *speaker, n int64) {
			if n == 1 {
				s.say("digits/h-1")
				return
			}
			number(s, n)
		}
	}
	return grammar{number, func(s *speaker, n int64) { lastOrdinal(s, n, number) }, d}
}

// germanDates have the hour with "Uhr", and minutes and seconds by name where seconds
// are said.
func germanDates(number, ordinal func(*speaker, int64)) dates {
	return dates{
		format: "A dBY HMS", day: ordinal, number: number, hour12: "digits/oclock", hour24: "digits/oclock", year: hundredsYear(number),
		minute: [2]string{"minute", "minutes"}, second: [2]string{"second", "seconds"},
	}
}

// yearOf says a year of the twentieth century as nineteen and what is left, others as a
// number. Of years before 1901 nothing is said, as in the original.
func yearOf(number func(*speaker, int64)) func(*speaker, int64) {
	return func(s *speaker, year int64) {
		switch y := year - 1900; {
		case y > 99:
			number(s, year)
		case y > 0:
			s.digits(19)
			if y <= 9 {
				s.say("digits/oh")
			}
			number(s, y)
		}
	}
}

// hundredsYear is nineteen hundred and what is left.
func hundredsYear(number func(*speaker, int64)) func(*speaker, int64) {
	return func(s *speaker, year int64) {
		switch y := year - 1900; {
		case y > 99:
			number(s, year)
		case y > 0:
			s.digits(19)
			s.say("digits/hundred")
			s.with("", number, y)
		}
	}
}

// italianYear has a recording for each century.
func italianYear(s *speaker, year int64) {
	switch y := year - 1900; {
	case y > 99:
		s.say("digits/ore-2000")
		s.with("", italian, y-100)
	case y > 0:
		s.say("digits/ore-1900")
		s.with("", italian, y)
	}
}

// lastOrdinal is the number with its last word turned into an ordinal; of one that is a
// word for tens and ones the ones are.
func lastOrdinal(s *speaker, n int64, number func(*speaker, int64)) {
	ones := n % 10
	if tens := n % 100; tens < 20 || ones == 0 {
		ones = 0
	}
	if n-ones > 0 {
		s.with("", number, n-ones)
	}
	if ones > 0 {
		s.say("digits/h-" + small64(ones))
		return
	}
	if n == 0 {
		s.say("digits/h-0")
		return
	}
	last := &s.out[len(s.out)-1]
	*last = "digits/h-" + (*last)[len("digits/"):]
}
