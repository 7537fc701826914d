package text

import (
	"strings"
	"unicode/utf8"

	"obelus/dialplan/expand"
	"obelus/function/argument"
)

// iconv is ICONV(from,to,text). A character that the other set lacks, and a byte that is none, becomes a question mark with //TRANSLIT,
// and is left out with //IGNORE; else nothing is converted.
func iconv(args string) (string, error) {
	a := expand.Args(args, 3)
	if len(a) < 3 || a[0] == "" || a[1] == "" {
		return "", argument.Complain("Syntax: ICONV(<in-charset>,<out-charset>,<text>) %d", len(a))
	}
	from, okFrom := charset(a[0])
	to, okTo := charset(a[1])
	if !okFrom || !okTo {
		return "", argument.Complain("conversion from '%s' to '%s' not available. type 'iconv -l' in a shell to list the supported charsets.", a[0], a[1])
	}
	return from.into(to, a[2], how(a[1]))
}

// how says what becomes of what can't be converted.
func how(name string) string {
	_, suffix, _ := strings.Cut(strings.ToUpper(name), "//")
	return suffix
}

// set is a set of characters: UTF-8, or one byte each, of which the upper half is given.
type set struct {
	utf8  bool
	upper []rune // of 0x80 and up; 0 for none
}

// charset is the set of that name.
func charset(name string) (set, bool) {
	name, _, _ = strings.Cut(strings.ToUpper(name), "//")
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(name) {
	case "UTF8":
		return set{utf8: true}, true
	case "ASCII", "USASCII", "ANSIX3.41968", "646":
		return set{}, true
	case "ISO88591", "LATIN1", "L1":
		return set{upper: latin1()}, true
	case "ISO885915", "LATIN9":
		return set{upper: latin9()}, true
	case "CP1252", "WINDOWS1252":
		return set{upper: windows1252()}, true
	}
	return set{}, false
}

func latin1() []rune {
	all := make([]rune, 128)
	for i := range all {
		all[i] = rune(0x80 + i)
	}
	return all
}

func latin9() []rune {
	all := latin1()
	for at, r := range map[int]rune{0xA4: '€', 0xA6: 'Š', 0xA8: 'š', 0xB4: 'Ž', 0xB8: 'ž', 0xBC: 'Œ', 0xBD: 'œ', 0xBE: 'Ÿ'} {
		all[at-0x80] = r
	}
	return all
}

func windows1252() []rune {
	all := latin1()
	copy(all, []rune{'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0, 0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ'})
	return all
}

// next is the first character of s and its size; ok is false for what is none.
func (c set) next(s string) (r rune, size int, ok bool) {
	if c.utf8 {
		r, size = utf8.DecodeRuneInString(s)
		return r, size, r != utf8.RuneError || size > 1
	}
	b := s[0]
	if b < 0x80 {
		return rune(b), 1, true
	}
	if c.upper == nil || c.upper[b-0x80] == 0 {
		return 0, 1, false
	}
	return c.upper[b-0x80], 1, true
}

// put writes a character.
func (c set) put(out *strings.Builder, r rune) bool {
	if c.utf8 || r < 0x80 {
		out.WriteRune(r)
		return true
	}
	for i, known := range c.upper {
		if known == r {
			out.WriteByte(byte(0x80 + i))
			return true
		}
	}
	return false
}

func (c set) into(to set, s, otherwise string) (string, error) {
	var out strings.Builder
	for s != "" {
		r, size, ok := c.next(s)
		s = s[size:]
		if ok && to.put(&out, r) {
			continue
		}
		switch otherwise {
		case "IGNORE":
		case "TRANSLIT":
			out.WriteByte('?')
		default:
			return "", argument.Complain("Iconv: Invalid or incomplete multibyte or wide character")
		}
	}
	return out.String(), nil
}
