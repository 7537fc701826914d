package argument

import "strconv"

// Char reads one character, which may be written \n \r \t \xHH \0OOO, or
// \ and any other that is meant as itself. s is not empty.
func Char(s string) (c byte, size int) {
	if s[0] != '\\' || len(s) == 1 {
		return s[0], 1
	}
	switch s[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'x':
		return number(s, 16, 2)
	case '0':
		return number(s, 8, 3)
	}
	return s[1], 2
}

// number reads at most most digits after the \x or \0.
func number(s string, base, most int) (byte, int) {
	for n := min(most, len(s)-2); n > 0; n-- {
		if v, err := strconv.ParseUint(s[2:2+n], base, 8); err == nil {
			return byte(v), 2 + n
		}
	}
	if s[1] == '0' {
		return 0, 2
	}
	return s[1], 2
}

// Text reads all of s that way.
func Text(s string) string {
	var out []byte
	for s != "" {
		c, size := Char(s)
		out = append(out, c)
		s = s[size:]
	}
	return string(out)
}
