package say

import (
	"errors"
	"strings"

	"obelus/dialplan/expand"
	"obelus/dialplan/pattern"
)

// Rules are what say.conf says: how numbers, dates and the like are spoken in the
// languages that people have written rules for. nil has none.
type Rules struct {
	// New is mode=new of the file: numbers of SayNumber and SayOrdinal go by the rules,
	// where there is one. Playback's option say uses them in any case.
	New       bool
	languages map[string][]rule
}

// rule has what it takes: num:1X; and what is said instead.
type rule struct {
	takes *pattern.Set
	gives *expand.Template
}

// limits of what a rule may become.
const (
	deepest = 10 // rules that a rule leads to
	longest = 500
)

// Spell names the prompts for a text like num:42:f, by the rules of a language; false
// where there is no rule for it, or one leads to itself.
func (r *Rules) Spell(language, text string) (names []string, ok bool) {
	if r == nil {
		return nil, false
	}
	for l := strings.ToLower(language); l != ""; {
		if rules := r.languages[l]; rules != nil {
			s := speller{rules: rules}
			ok := s.spell(text, 0)
			return s.out, ok && len(s.out) > 0
		}
		i := strings.LastIndexByte(l, '_')
		if i < 0 {
			break
		}
		l = l[:i]
	}
	return nil, false
}

// Number is [Number] by the rules, where they are to be used and have one.
func (r *Rules) Number(language string, n int64, gender string) []string {
	return r.number("num:", language, n, gender, Number)
}

// Ordinal is [Ordinal] by the rules, where they are to be used and have one.
func (r *Rules) Ordinal(language string, n int64, gender string) []string {
	return r.number("enum:", language, n, gender, Ordinal)
}

func (r *Rules) number(kind, language string, n int64, gender string, own func(string, int64, string) []string) []string {
	if r != nil && r.New {
		text := kind + small64(n)
		if gender != "" {
			text += ":" + gender
		}
		if names, ok := r.Spell(language, text); ok {
			return names
		}
	}
	return own(language, n, gender)
}

// speller carries rules out.
type speller struct {
	rules []rule
	out   []string
}

func (s *speller) spell(text string, depth int) bool {
	if depth > deepest {
		return false
	}
	for _, r := range s.rules {
		if _, ok := r.takes.Match(text, "", func(int) bool { return true }); !ok {
			continue
		}
		_, argument, _ := strings.Cut(text, ":")
		for _, word := range strings.Split(r.gives.Expand(saying(argument)), ",") {
			word = strings.Trim(word, " \t")
			switch {
			case word == "":
			case strings.Contains(word, ":"):
				if !s.spell(word, depth+1) {
					return false
				}
			default:
				s.out = append(s.out, word)
			}
			if len(s.out) > longest {
				return false
			}
		}
		return true
	}
	return false
}

// saying is what rules can read: ${SAY}, what stands behind the first colon.
type saying string

func (s saying) Var(name string) (string, bool) { return string(s), name == "SAY" }
func (saying) Warn(string)                      {}

func (saying) Call(string, string) (string, error) {
	return "", errors.New("say.conf has no functions")
}
