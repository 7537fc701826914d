package expr

import (
	"regexp"
	"sync/atomic"
)

// Memo keeps the regular expression that was last used at one place of the
// dialplan, where it is nearly always the same. Its zero value is ready; any
// number of channels may share it.
type Memo struct {
	last atomic.Pointer[pattern]
}

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
