package conf

import "strings"

// True says whether a value means yes, as the original reads it: yes, true, y,
// t, 1 or on, in any case of letters.
func True(s string) bool { return oneOf(s, "yes", "true", "y", "t", "1", "on") }

// False says whether a value means no: no, false, n, f, 0 or off. Some settings
// treat what is neither as a default of their own.
func False(s string) bool { return oneOf(s, "no", "false", "n", "f", "0", "off") }

// Trim takes blanks and control characters from both ends, as the original does:
// bytes up to the blank, and nothing that is a blank in Unicode only.
func Trim(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

func oneOf(s string, words ...string) bool {
	s = Trim(s)
	for _, w := range words {
		if strings.EqualFold(s, w) {
			return true
		}
	}
	return false
}

// Nearest returns the known name that a mistyped one most likely means, "" if
// none is near: at most a third of its letters may be wrong.
func Nearest(name string, known []string) string {
	name = strings.ToLower(name)
	best, bestDistance := "", len(name)/3+1
	for _, k := range known {
		if d := distance(name, strings.ToLower(k), bestDistance); d < bestDistance && d > 0 {
			best, bestDistance = k, d
		}
	}
	return best
}

// distance counts the letters to change, add, remove or swap to get from a to b;
// limit or more is as good as limit.
func distance(a, b string, limit int) int {
	if diff := len(a) - len(b); diff >= limit || -diff >= limit {
		return limit
	}
	before, above := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return min(above[len(b)], limit)
}
