package expand

import (
	"strings"

	"obelus/dialplan/expr"
)

// part is one stretch of a template.
type part struct {
	kind kind
	// text is the literal, or a warning that goes before what follows.
	text string
	// inner is what stands between the brackets, if it has to be filled in first.
	inner *Template
	// ref is what stands between them, if it is known beforehand.
	ref reference
	// memo keeps the last regular expression of this place.
	memo *expr.Memo
}

type kind uint8

const (
	literal    kind = iota
	warning         // says text, leaves nothing
	variable        // ${...} of ref
	computed        // ${...} of inner
	expression      // $[...] of inner
)

// value is the text that the part stands for.
func (p *part) value(env Env) string {
	switch p.kind {
	case literal:
		return p.text
	case warning:
		env.Warn(p.text)
		return ""
	case variable:
		return p.ref.value(env)
	case computed:
		return parseReference(p.inner.Expand(env)).value(env)
	default:
		return clip(p.memo.Eval(p.inner.Expand(env), env), MaxValue, env)
	}
}

// compile splits text into parts; depth counts the brackets around it.
func compile(text string, depth int) *Template {
	t := &Template{source: text}
	rest := text
	for rest != "" {
		at := nextPlace(rest)
		if at < 0 {
			break
		}
		t.add(part{text: rest[:at]})
		rest = t.place(rest[at+1:], depth)
	}
	if t.parts != nil {
		t.add(part{text: rest})
	}
	return t
}

// add appends p, unless it is an empty literal.
func (t *Template) add(p part) {
	if p.kind != literal || p.text != "" {
		t.parts = append(t.parts, p)
	}
}

// nextPlace finds the next "${" or "$[", -1 if there is none.
func nextPlace(s string) int {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '$')
		if i < 0 || from+i+1 >= len(s) {
			return -1
		}
		if c := s[from+i+1]; c == '{' || c == '[' {
			return from + i
		}
		from += i + 1
	}
}

// place compiles the ${...} or $[...] at the start of s, whose $ is gone
// already, and returns what follows it.
func (t *Template) place(s string, depth int) (rest string) {
	open, closing := s[0], closingOf(s[0])
	inner, rest, found := enclosed(s[1:], open, closing)
	if !found {
		t.add(part{kind: warning, text: "Error in extension logic (missing '" + string(closing) + "')"})
	}
	if depth >= MaxDepth {
		t.add(part{kind: warning, text: "${...} and $[...] nested too deep: left empty"})
		return rest
	}
	tpl := compile(inner, depth+1)
	switch {
	case open == '[':
		t.add(part{kind: expression, inner: tpl, memo: expr.NewMemo(tpl.functions())})
	case tpl.parts != nil:
		t.add(part{kind: computed, inner: tpl})
	default:
		t.add(part{kind: variable, ref: parseReference(inner)})
	}
	return rest
}

// functions lists the names in the text that a parenthesis follows, such as an
// expression calls: in the text as written, not in what is filled in.
func (t *Template) functions() (names []string) {
	parts := t.parts
	if parts == nil {
		parts = []part{{text: t.source}}
	}
	for _, p := range parts {
		if p.kind != literal {
			continue
		}
		for rest := p.text; ; {
			before, after, found := strings.Cut(rest, "(")
			if !found {
				break
			}
			before = strings.TrimRight(before, " ")
			start := len(before)
			for start > 0 && isNameByte(before[start-1]) {
				start--
			}
			if start < len(before) {
				names = append(names, before[start:])
			}
			rest = after
		}
	}
	return names
}

// isNameByte tells whether c may be part of a function's name in an expression.
func isNameByte(c byte) bool { return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' }

func closingOf(open byte) byte {
	if open == '{' {
		return '}'
	}
	return ']'
}

// enclosed returns what stands before the bracket that closes, and after it.
// As in the original only brackets of the one kind are counted, quotes protect
// none of them, and if none closes, everything is inside.
func enclosed(s string, open, closing byte) (inner, rest string, found bool) {
	depth := 1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case open:
			depth++
		case closing:
			if depth--; depth == 0 {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}
