// Package pattern matches what was dialled with the extensions of a context.
//
// An extension is a literal (100) or, with a leading underscore, a pattern:
//
//	X  0-9       Z  1-9       N  2-9       (in either case of letters)
//	[13-5]  one of these characters; a backslash takes a special meaning away
//	.  one or more of anything       !  nothing or more of anything
//
// Whatever follows . or ! is not looked at when matching. Dashes count neither
// in an extension nor in what is dialled.
package pattern

import (
	"math/bits"
	"strings"
)

// kind is what an element of a pattern stands for.
type kind uint8

const (
	char  kind = iota // one of a set of characters
	more              // '.'
	any               // '!'
	never             // a class without its bracket: nothing matches
)

// charset is a set of bytes.
type charset [4]uint64

func (s *charset) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *charset) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *charset) size() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// compare orders sets of one size: the one that has the lowest character that
// the two do not share comes first.
func (s *charset) compare(o *charset) int {
	for i := range s {
		if diff := s[i] ^ o[i]; diff != 0 {
			if s[i]&(diff&-diff) != 0 {
				return -1
			}
			return 1
		}
	}
	return 0
}

type element struct {
	kind kind
	set  charset
	size int // characters in the set
}

// Pattern is one extension as it is written in a context, or a caller-ID match.
type Pattern struct {
	text     string // as written
	literal  string // without dashes; "" for a pattern
	isLit    bool
	elements []element // of a pattern, for the default engine
	trie     []element // of either, for the new engine, which reads [] its own way
}

// Parse reads an extension. There is no invalid one: a pattern whose class
// lacks its closing bracket matches nothing, as in the original; [Pattern.Broken]
// tells.
func Parse(text string) Pattern {
	p := Pattern{text: text}
	if !strings.HasPrefix(text, "_") {
		p.isLit = true
		p.literal = stripDashes(text)
		for i := range len(p.literal) {
			p.trie = append(p.trie, one(p.literal[i]))
		}
		return p
	}
	p.elements = parse(text[1:], readClass)
	p.trie = parse(text[1:], readClassNew)
	return p
}

// String returns the extension as written.
func (p *Pattern) String() string { return p.text }

// IsLiteral says whether it is no pattern.
func (p *Pattern) IsLiteral() bool { return p.isLit }

// Broken says whether a class lacks its closing bracket.
func (p *Pattern) Broken() bool {
	for i := range p.elements {
		if p.elements[i].kind == never {
			return true
		}
	}
	return false
}

// CatchAll says whether the pattern begins with . or !, and so takes special
// extensions (h, i, t) too.
func (p *Pattern) CatchAll() bool {
	return len(p.elements) > 0 && (p.elements[0].kind == more || p.elements[0].kind == any)
}

func one(c byte) element {
	e := element{size: 1}
	e.set.add(c)
	return e
}

func span(lo, hi byte) element {
	var e element
	for c := int(lo); c <= int(hi); c++ {
		e.set.add(byte(c))
	}
	e.size = e.set.size()
	return e
}

// parse reads a pattern behind its underscore.
func parse(s string, class func(string) (element, bool)) []element {
	var out []element
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '-':
		case 'X', 'x':
			out = append(out, span('0', '9'))
		case 'Z', 'z':
			out = append(out, span('1', '9'))
		case 'N', 'n':
			out = append(out, span('2', '9'))
		case '.':
			out = append(out, element{kind: more})
		case '!':
			out = append(out, element{kind: any})
		case '[':
			end := classEnd(s, i+1)
			if end < 0 {
				return append(out, element{kind: never})
			}
			if e, ok := class(s[i+1 : end]); ok {
				out = append(out, e)
			}
			i = end
		case '\\':
			if i+1 < len(s) {
				i++
			}
			out = append(out, one(s[i]))
		default:
			out = append(out, one(c))
		}
	}
	return out
}

// classEnd finds the bracket that closes a class, which a backslash may hide.
func classEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ']':
			return i
		}
	}
	return -1
}

// readClass reads the inside of [..]: characters and ranges. An empty class
// stands for no character at all.
func readClass(s string) (element, bool) {
	var e element
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			i++
			c = s[i]
		} else if c == '-' {
			continue // dashes do not count, here neither
		}
		if i+2 < len(s) && s[i+1] == '-' {
			hi := s[i+2]
			for x := int(c); x <= int(hi); x++ {
				e.set.add(byte(x))
			}
			i += 2
			continue
		}
		e.set.add(c)
	}
	e.size = e.set.size()
	return e, e.size > 0
}

// readClassNew is readClass as the new engine does it: a range without an end
// makes the whole class count for nothing.
func readClassNew(s string) (element, bool) {
	if strings.HasSuffix(s, "-") && !strings.HasSuffix(s, `\-`) {
		return element{}, false
	}
	return readClass(s)
}

func stripDashes(s string) string {
	if strings.IndexByte(s, '-') < 0 {
		return s
	}
	return strings.ReplaceAll(s, "-", "")
}

// matches says whether the pattern matches a number that has no dashes.
func (p *Pattern) matches(number string) bool {
	if p.isLit {
		return p.literal == number
	}
	for i := range p.elements {
		e := &p.elements[i]
		switch e.kind {
		case more:
			return number != ""
		case any:
			return true
		case never:
			return false
		}
		if number == "" || !e.set.has(number[0]) {
			return false
		}
		number = number[1:]
	}
	return number == "" && len(p.elements) > 0
}

// extends says whether the pattern matches the number with one or more
// characters appended. A pattern that ends in ! has all it wants at once.
func (p *Pattern) extends(number string) bool {
	if p.isLit {
		return len(p.literal) > len(number) && strings.HasPrefix(p.literal, number)
	}
	for i := range p.elements {
		e := &p.elements[i]
		switch e.kind {
		case more:
			return true
		case any:
			return false
		case never:
			return false
		}
		if number == "" {
			return true
		}
		if !e.set.has(number[0]) {
			return false
		}
		number = number[1:]
	}
	return false
}

// compare orders patterns as the default engine tries them: literals first, then
// by their leftmost difference: fewer characters in a class first, then ., then
// !, then the end of the pattern.
func (p *Pattern) compare(o *Pattern) int {
	switch {
	case p.isLit && o.isLit:
		return strings.Compare(p.literal, o.literal)
	case p.isLit:
		return -1
	case o.isLit:
		return 1
	}
	for i := 0; ; i++ {
		a, b := p.at(i), o.at(i)
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if a == nil {
			return 0
		}
		if d := a.set.compare(&b.set); d != 0 {
			return d
		}
	}
}

func (p *Pattern) at(i int) *element {
	if i < len(p.elements) {
		return &p.elements[i]
	}
	return nil
}

func rank(e *element) int {
	switch {
	case e == nil:
		return 1 << 12
	case e.kind == more:
		return 1 << 10
	case e.kind == any:
		return 1 << 11
	}
	return e.size
}
