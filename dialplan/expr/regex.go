package expr

import (
	"regexp"
	"slices"
	"sync/atomic"
)

// Memo is what is known of one place of the dialplan where an expression
// stands: the regular expression that was last used there, where it is nearly
// always the same, and which functions were written there. Its zero value is
// ready; any number of channels may share it.
type Memo struct {
	last    atomic.Pointer[pattern]
	written []string
	strict  bool
}

// NewMemo makes a Memo for a place where the functions named were written.
// Others are not called: they came in with the value of a variable, and a
// caller could choose what runs by calling himself SHELL("...").
func NewMemo(written []string) *Memo { return &Memo{written: written, strict: true} }

// allows tells whether the function may be called.
func (m *Memo) allows(name string) bool { return !m.strict || slices.Contains(m.written, name) }

// pattern is a compiled regular expression and the text it came from.
type pattern struct {
	source string
	re     *regexp.Regexp
}

// MaxPattern bounds the length of a regular expression.
const MaxPattern = 4096

// compile compiles an extended POSIX regular expression.
func (m *Memo) compile(source string) (*regexp.Regexp, error) {
	if last := m.last.Load(); last != nil && last.source == source {
		return last.re, nil
	}
	re, err := CompilePOSIX(source)
	if err == nil {
		m.last.Store(&pattern{source, re})
	}
	return re, err
}

// match is the operators : and =~. The result is the text of the first
// parenthesis, or if there is none the length of the match; without a match
// nothing, or 0.
func (p *parser) match(a, b value, anchored bool) value {
	subject, source := a.unquoted(), b.unquoted()
	re, err := p.memo.compile(source)
	if err != nil {
		p.env.Warn("regcomp() error : Invalid regular expression: " + err.Error())
		return value{}
	}
	at := re.FindStringSubmatchIndex(subject)
	switch {
	case at == nil || anchored && at[0] != 0:
		if re.NumSubexp() > 0 {
			return value{}
		}
		return intValue(0)
	case len(at) > 2 && at[2] >= 0:
		return textValue(subject[at[2]:at[3]])
	}
	return intValue(int64(at[1] - at[0]))
}
