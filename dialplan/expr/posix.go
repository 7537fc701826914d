package expr

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// CompilePOSIX compiles an extended POSIX regular expression as the C library
// of the original reads it: the longest of the leftmost matches, a backslash
// that is plain in [...], a closing parenthesis that is plain without its
// opening one, \w \s \b \< \> of GNU. Back references are refused.
func CompilePOSIX(source string) (*regexp.Regexp, error) {
	if len(source) > MaxPattern {
		return nil, fmt.Errorf("longer than %d bytes", MaxPattern)
	}
	t := translator{in: source}
	if err := t.translate(); err != nil {
		return nil, err
	}
	re, err := regexp.Compile("(?s)" + string(t.out))
	if err != nil {
		return nil, fmt.Errorf("extended regular expression: %w", err)
	}
	re.Longest()
	return re, nil
}

// translator turns the POSIX syntax into that of package regexp.
type translator struct {
	in    string
	pos   int
	out   []byte
	atom  int   // where in out the last atom begins, -1: none
	times int   // how many repetitions follow it already
	open  []int // where in out the open parentheses are
}

func (t *translator) translate() error {
	t.atom = -1
	for t.pos < len(t.in) {
		switch c := t.in[t.pos]; c {
		case '\\':
			if err := t.escape(); err != nil {
				return err
			}
		case '[':
			if err := t.bracket(); err != nil {
				return err
			}
		case '*', '+', '?', '{':
			if err := t.repeat(c); err != nil {
				return err
			}
		default:
			t.plain(c)
			t.pos++
		}
	}
	return nil
}

// begin starts a new atom.
func (t *translator) begin() { t.atom, t.times = len(t.out), 0 }

// plain takes any character but those of translate.
func (t *translator) plain(c byte) {
	switch {
	case c == '(':
		t.open = append(t.open, len(t.out))
		t.out = append(t.out, c)
		t.atom = -1
	case c == ')' && len(t.open) > 0:
		last := len(t.open) - 1
		t.out = append(t.out, c)
		t.atom, t.times, t.open = t.open[last], 0, t.open[:last]
	case c == ')':
		t.begin()
		t.out = append(t.out, `\)`...)
	case c == '|':
		t.out = append(t.out, c)
		t.atom = -1
	case c >= 0x80 && c < 0xC0:
		t.out = append(t.out, c) // goes on with the character before
	default:
		t.begin()
		t.out = append(t.out, c)
	}
}

// repeat takes * + ? {n,m}. A second repetition is one of the first: in
// package regexp it would mean something else.
func (t *translator) repeat(c byte) error {
	size := 1
	if c == '{' {
		if size = interval(t.in[t.pos:]); size == 0 {
			t.begin()
			t.out = append(t.out, `\{`...)
			t.pos++
			return nil
		}
	}
	if t.atom < 0 {
		return fmt.Errorf("nothing for %q to repeat", c)
	}
	if t.times > 0 {
		inner := string(t.out[t.atom:])
		t.out = append(append(append(t.out[:t.atom], "(?:"...), inner...), ')')
	}
	t.times++
	t.out = append(t.out, t.in[t.pos:t.pos+size]...)
	t.pos += size
	return nil
}

// interval is the length of the {n}, {n,} or {n,m} at the start of s, 0 if it is none.
func interval(s string) int {
	end := strings.IndexByte(s, '}')
	if end < 2 || s[1] == ',' || strings.Trim(s[1:end], "0123456789,") != "" || strings.Count(s[:end], ",") > 1 {
		return 0
	}
	return end + 1
}

// escape takes a backslash and what follows it.
func (t *translator) escape() error {
	if t.pos+1 >= len(t.in) {
		return errors.New("trailing backslash")
	}
	t.begin()
	c := t.in[t.pos+1]
	t.pos += 2
	switch {
	case c == 'w':
		t.out = append(t.out, `[0-9A-Za-z_]`...)
	case c == 'W':
		t.out = append(t.out, `[^0-9A-Za-z_]`...)
	case c == 's':
		t.out = append(t.out, `[[:space:]]`...)
	case c == 'S':
		t.out = append(t.out, `[^[:space:]]`...)
	case c == 'b' || c == '<' || c == '>':
		t.out = append(t.out, `\b`...)
	case c == 'B':
		t.out = append(t.out, `\B`...)
	case c == '`':
		t.out = append(t.out, `\A`...)
	case c == '\'':
		t.out = append(t.out, `\z`...)
	case c >= '1' && c <= '9':
		return errors.New("back references are not supported")
	default:
		t.out = append(t.out, regexp.QuoteMeta(string(rune(c)))...)
	}
	return nil
}

// bracket takes [...].
func (t *translator) bracket() error {
	t.begin()
	i := t.pos + 1
	t.out = append(t.out, '[')
	if i < len(t.in) && t.in[i] == '^' {
		t.out = append(t.out, '^')
		i++
	}
	for first := true; i < len(t.in); first = false {
		c := t.in[i]
		switch {
		case c == ']' && !first:
			t.out = append(t.out, ']')
			t.pos = i + 1
			return nil
		case c == '[' && i+1 < len(t.in) && strings.IndexByte(":=.", t.in[i+1]) >= 0:
			size, err := t.class(t.in[i:])
			if err != nil {
				return err
			}
			i += size
		case c == '\\' || c == '[' || c == ']' || c == '&' || c == '~':
			t.out = append(t.out, '\\', c)
			i++
		default:
			t.out = append(t.out, c)
			i++
		}
	}
	return errors.New("missing ']'")
}

// class takes [:name:], and [=c=] and [.c.], which stand for the character c.
func (t *translator) class(s string) (size int, err error) {
	mark := s[1]
	end := strings.Index(s[2:], string([]byte{mark, ']'}))
	if end < 0 {
		return 0, errors.New("missing ']'")
	}
	name := s[2 : 2+end]
	size = end + 4
	switch {
	case mark == ':':
		t.out = append(t.out, s[:size]...)
	case len(name) == 1:
		t.out = append(t.out, regexp.QuoteMeta(name)...)
		if name == "-" || name == "^" {
			t.out = append(t.out[:len(t.out)-len(regexp.QuoteMeta(name))], '\\', name[0])
		}
	default:
		return 0, fmt.Errorf("unknown character name %q", name)
	}
	return size, nil
}
