package expr

import "strings"

// token is a kind of word of the language.
type token uint8

const (
	tokEnd token = iota
	tokText
	tokCond
	tokColonColon
	tokOr
	tokAnd
	tokEq
	tokGt
	tokLt
	tokGe
	tokLe
	tokNe
	tokPlus
	tokMinus
	tokTimes
	tokDiv
	tokMod
	tokNot
	tokColon
	tokMatch
	tokJoin
	tokClose
	tokOpen
	tokComma
)

// String is the token as a message shows it.
func (t token) String() string {
	switch t {
	case tokEnd:
		return "$end"
	case tokText:
		return "'<token>'"
	}
	names := [...]string{
		tokCond: "?", tokColonColon: "::", tokOr: "|", tokAnd: "&", tokEq: "=", tokGt: ">", tokLt: "<",
		tokGe: ">=", tokLe: "<=", tokNe: "!=", tokPlus: "+", tokMinus: "-", tokTimes: "*", tokDiv: "/",
		tokMod: "%", tokNot: "!", tokColon: ":", tokMatch: "=~", tokJoin: "~~", tokClose: ")", tokOpen: "(",
		tokComma: ",",
	}
	return "'" + names[t] + "'"
}

// lexer cuts the text into tokens.
type lexer struct {
	text string
	at   int    // where tok begins
	pos  int    // where the next one is looked for
	tok  token  // the present token
	word string // its text, if it is a tokText
}

// next moves to the next token. What can't begin one is passed over.
func (l *lexer) next() {
	for l.pos < len(l.text) {
		l.at = l.pos
		c := l.text[l.pos]
		switch {
		case isWord(c):
			l.takeWord()
			return
		case c == '"':
			if l.takeQuoted() {
				return
			}
			l.pos++ // never closed: as if it were not there
		default:
			tok, size := operator(l.text[l.pos:])
			l.pos += size
			if tok != tokEnd {
				l.tok = tok
				return
			}
		}
	}
	l.at = len(l.text)
	l.tok = tokEnd
}

// isWord tells whether c may stand in an unquoted text.
func isWord(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c >= 0x80:
		return true
	}
	switch c {
	case '.', '\'', ';', '\\', '_', '^', '$', '#', '@':
		return true
	}
	return false
}

// takeWord takes an unquoted text. A ${...} in it came in with a variable's
// value; it stays one piece, whatever is inside.
func (l *lexer) takeWord() {
	i := l.pos
	for i < len(l.text) && isWord(l.text[i]) {
		if l.text[i] == '$' && strings.HasPrefix(l.text[i+1:], "{") {
			i += 1 + braced(l.text[i+1:])
			continue
		}
		i++
	}
	l.tok, l.word, l.pos = tokText, l.text[l.pos:i], i
}

// braced is the length of the {...} at the start of s.
func braced(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// takeQuoted takes a text in double quotes, quotes included.
func (l *lexer) takeQuoted() bool {
	n := strings.IndexByte(l.text[l.pos+1:], '"')
	if n < 0 {
		return false
	}
	end := l.pos + n + 2
	l.tok, l.word, l.pos = tokText, l.text[l.pos:end], end
	return true
}

// operator reads the operator at the start of s; tokEnd means there is none
// and the character does not count.
func operator(s string) (tok token, size int) {
	second := byte(0)
	if len(s) > 1 {
		second = s[1]
	}
	either := func(c byte, double, single token) (token, int) {
		if second == c {
			return double, 2
		}
		return single, 1
	}
	switch s[0] {
	case '|':
		return either('|', tokOr, tokOr)
	case '&':
		return either('&', tokAnd, tokAnd)
	case '=':
		if second == '~' {
			return tokMatch, 2
		}
		return either('=', tokEq, tokEq)
	case '>':
		return either('=', tokGe, tokGt)
	case '<':
		return either('=', tokLe, tokLt)
	case '!':
		return either('=', tokNe, tokNot)
	case ':':
		return either(':', tokColonColon, tokColon)
	case '~':
		return either('~', tokJoin, tokEnd)
	}
	return singleOperator(s[0]), 1
}

func singleOperator(c byte) token {
	switch c {
	case '?':
		return tokCond
	case '+':
		return tokPlus
	case '-':
		return tokMinus
	case '*':
		return tokTimes
	case '/':
		return tokDiv
	case '%':
		return tokMod
	case '(':
		return tokOpen
	case ')':
		return tokClose
	case ',':
		return tokComma
	}
	return tokEnd
}
