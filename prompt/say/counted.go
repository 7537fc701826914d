package say

import (
	"fmt"
	"strconv"
	"strings"
)

// CountedNoun is the prompt for the noun that n of something are: "call" for one,
// "calls" for two. In English that is noun or nouns, in Slavic languages noun,
// nounx1 (2, 3, 4) or nounx2.
func CountedNoun(language string, n int64, noun string) string {
	if !slavic(language) {
		if n == 1 {
			return noun
		}
		return noun + "s"
	}
	switch form(n) {
	case 1:
		return noun
	case 2:
		return noun + "x1"
	}
	return noun + "x2"
}

// CountedAdjective is the prompt for the adjective before a counted noun. English has
// one; Slavic languages adjectivem, f or n after one, and else adjectivex.
func CountedAdjective(language string, n int64, adjective, gender string) string {
	switch {
	case !slavic(language):
		return adjective
	case form(n) != 1:
		return adjective + "x"
	case gender == "":
		return adjective
	}
	return adjective + gender[:1]
}

func slavic(language string) bool {
	word, _, _ := strings.Cut(strings.ToLower(language), "_")
	switch word {
	case "ru", "ua", "uk", "cs", "cz", "pl", "sk", "bg", "sr", "hr", "sl", "be", "by":
		return true
	}
	return false
}

// form is which of the forms of a Slavic noun goes with a number: 1, 2 (for 2, 3,
// 4) or 5.
func form(n int64) int {
	if n < 0 {
		n = -n
	}
	switch tens, ones := n/10%10, n%10; {
	case tens == 1:
		return 5
	case ones == 1:
		return 1
	case ones > 1 && ones < 5:
		return 2
	}
	return 5
}

// Money is the prompts for an amount in dollars and cents: 12.34 or $12.34.
func Money(language, amount string) ([]string, error) {
	s := strings.TrimPrefix(strings.TrimSpace(amount), "$")
	whole, part, _ := strings.Cut(s, ".")
	if whole == "" {
		whole = "0"
	}
	dollars, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || dollars < 0 {
		return nil, fmt.Errorf("%q is no amount of money", amount)
	}
	cents := int64(0)
	if part != "" {
		if cents, err = strconv.ParseInt((part + "0")[:2], 10, 64); err != nil || cents < 0 {
			return nil, fmt.Errorf("%q is no amount of money", amount)
		}
	}
	var out []string
	if dollars == 0 && cents == 0 {
		return append(Number(language, 0, ""), "cents"), nil
	}
	if dollars > 0 {
		out = append(Number(language, dollars, ""), plural(dollars, "letters/dollar", "dollars"))
	}
	if cents > 0 {
		if dollars > 0 {
			out = append(out, "and")
		}
		out = append(append(out, Number(language, cents, "")...), plural(cents, "cent", "cents"))
	}
	return out, nil
}

func plural(n int64, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}
