package say

import (
	"fmt"
	"strings"
)

// Case is which letters Alpha says the case of.
type Case byte

// The letters of SayAlphaCase's first argument.
const (
	NoCase    Case = 'n'
	AllCase   Case = 'a'
	LowerCase Case = 'l'
	UpperCase Case = 'u'
)

// Alpha is the prompts for the characters of a text, letters without their case.
func Alpha(language, text string) []string { return AlphaCase(language, text, NoCase) }

// AlphaCase is Alpha with "uppercase" or "lowercase" said before letters of which
// the case counts.
func AlphaCase(_, text string, which Case) []string {
	var s speaker
	for i := range len(text) {
		c := text[i]
		lower := c >= 'a' && c <= 'z'
		upper := c >= 'A' && c <= 'Z'
		switch {
		case lower && (which == AllCase || which == LowerCase):
			s.say("lowercase")
		case upper && (which == AllCase || which == UpperCase):
			s.say("uppercase")
		}
		switch name := sign(c); {
		case name != "":
			s.say(name)
		case c >= '0' && c <= '9':
			s.say("digits/" + string(c))
		case lower || upper:
			s.say("letters/" + strings.ToLower(string(c)))
		default:
			s.say(fmt.Sprintf("letters/ascii%d", c))
		}
	}
	return s.out
}

// Phonetic is the prompts for the characters of a text in the alphabet of pilots:
// alpha, bravo, niner.
func Phonetic(_, text string) []string {
	var s speaker
	for i := range len(text) {
		c := text[i]
		switch name := sign(c); {
		case name != "":
			s.say(name)
		case c >= '0' && c <= '8':
			s.say("digits/" + string(c))
		default:
			s.say("phonetic/" + strings.ToLower(string(c)) + "_p")
		}
	}
	return s.out
}

// sign is the prompt of a character that is neither letter nor digit, "" where it
// has none of its own.
func sign(c byte) string {
	switch c {
	case '*':
		return "digits/star"
	case '#':
		return "digits/pound"
	case '!':
		return "letters/exclaimation-point" // so misspelt in the sounds that people have
	case '@':
		return "letters/at"
	case '$':
		return "letters/dollar"
	case '/':
		return "letters/slash"
	case '+':
		return "letters/plus"
	case '=':
		return "letters/equals"
	case '-':
		return "letters/dash"
	case '.':
		return "letters/dot"
	case '_':
		return "letters/underscore"
	case ' ':
		return "letters/space"
	}
	return ""
}
