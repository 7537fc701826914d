// Package say knows the names of the prompts that say something in a language:
// a number, digits, letters, a date. It plays nothing: the names go to
// whoever plays sounds, one after another.
//
// The names and their order are those that the original plays, so that the sounds
// people have, recorded for it, fit. A language is looked up as it stands (en_GB),
// then without what follows the last underscore (en); one that the room has no
// grammar for is spoken as English with that language's sounds, as in the original.
package say

import (
	"fmt"
	"strconv"
	"strings"
)

// Number is the prompts for a number. gender is the original's option: f, m, n
// (neuter), c (common), "" for the language's own choice. A language without a
// word for so much says the digits.
func Number(language string, n int64, gender string) []string {
	s := speaker{gender: strings.ToLower(gender)}
	if n == 0 {
		return []string{digit(0)}
	}
	if n < 0 {
		s.say("digits/minus")
		n = -n
	}
	if n < 0 || n > largest { // also the one number that has no opposite
		return append(s.out, Digits(language, strings.TrimPrefix(strconv.FormatInt(n, 10), "-"))...)
	}
	lookup(language).number(&s, n)
	return s.out
}

// largest is the largest number that is said in words.
const largest = 999_999_999_999

// Ordinal is the prompts for first, second, third and so on.
func Ordinal(language string, n int64, gender string) []string {
	s := speaker{gender: strings.ToLower(gender)}
	if n < 0 {
		s.say("digits/minus")
		n = -n
	}
	if n < 0 || n > largest {
		return append(s.out, Digits(language, strings.TrimPrefix(strconv.FormatInt(n, 10), "-"))...)
	}
	lookup(language).ordinal(&s, n)
	return s.out
}

// Digits is the prompts for the digits of a text, and for *, # and - in it;
// other characters are passed over.
func Digits(_, text string) []string {
	var s speaker
	for i := range len(text) {
		switch c := text[i]; {
		case c == '#':
			s.say("digits/pound")
		case c == '*':
			s.say("digits/star")
		case c == '-':
			s.say("digits/minus")
		case c >= '0' && c <= '9':
			s.say("digits/" + string(c))
		}
	}
	return s.out
}

// speaker gathers the prompts of one number.
type speaker struct {
	gender string
	out    []string
}

func (s *speaker) say(names ...string) { s.out = append(s.out, names...) }

// digits says the recording of one number, with an ending to its name.
func (s *speaker) digits(n int64, ending ...string) {
	s.say(digit(n) + strings.Join(ending, ""))
}

// with says a part of the number in another gender than the whole.
func (s *speaker) with(gender string, part func(*speaker, int64), n int64) {
	inner := speaker{gender: gender}
	part(&inner, n)
	s.say(inner.out...)
}

func (s *speaker) is(gender string) bool { return strings.HasPrefix(s.gender, gender) }

func digit(n int64) string { return fmt.Sprintf("digits/%d", n) }

// grammar is how a language says numbers, which are not negative.
type grammar struct {
	number  func(s *speaker, n int64)
	ordinal func(s *speaker, n int64)
	date    dates
}

// lookup finds the grammar of a language.
func lookup(language string) grammar {
	for l := strings.ToLower(language); l != ""; {
		if g, ok := grammars(l); ok {
			return g
		}
		i := strings.LastIndexAny(l, "_-")
		if i < 0 {
			break
		}
		l = l[:i]
	}
	g, _ := grammars("en")
	return g
}
