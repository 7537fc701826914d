package syntax

import (
	"math"
	"strconv"
	"strings"

	"obelus/conf"
)

// priority reads a priority: a number, n, s, hint or a label of the extension,
// each with +k and, in parentheses, a label of its own. n and s go on from the
// step before, of whatever extension: in the original too.
func (r *contextReader) priority(at conf.Pos, key extensionKey, s string) (n int, label string, ok bool) {
	s, label, ok = r.cutLabel(at, s)
	if !ok {
		return 0, "", false
	}
	base, plus, _ := strings.Cut(s, "+")
	base = conf.Trim(base)
	switch base {
	case "hint":
		return hintPriority, label, true
	case "n", "next", "s", "same":
		n, ok = r.following(at, base)
	default:
		n, ok = r.number(at, key, base)
	}
	if !ok {
		return 0, "", false
	}
	offset, _ := leadingInt(conf.Trim(plus))
	if n += offset; n < 1 || n > math.MaxInt32 {
		r.warn(at, "the line is ignored", "Invalid priority '%s' %s", s, where(at))
		return 0, "", false
	}
	r.lastPri = n
	return n, label, true
}

// cutLabel takes the label off: n(label).
func (r *contextReader) cutLabel(at conf.Pos, s string) (rest, label string, ok bool) {
	rest, label, has := strings.Cut(s, "(")
	if !has {
		return s, "", true
	}
	label, behind, closed := strings.Cut(label, ")")
	if !closed {
		r.warn(at, "the line is ignored", "Label missing trailing ')' %s", where(at))
		return "", "", false
	}
	if conf.Trim(behind) != "" {
		r.say(at, conf.Note, "it is ignored", "text behind the label: %s", behind)
	}
	return rest, label, true
}

func (r *contextReader) following(at conf.Pos, word string) (int, bool) {
	next := word[0] == 'n'
	switch {
	case r.lastPri == 0 && next:
		r.warn(at, "the line is ignored: write priority 1", "Can't use 'next' priority on the first entry %s!", where(at))
		return 0, false
	case r.lastPri == 0:
		r.warn(at, "the line is ignored: write priority 1", "Can't use 'same' priority on the first entry %s!", where(at))
		return 0, false
	case next:
		return r.lastPri + 1, true
	}
	return r.lastPri, true
}

func (r *contextReader) number(at conf.Pos, key extensionKey, s string) (int, bool) {
	n, isNumber := leadingInt(s)
	switch {
	case isNumber && n >= 1:
		return n, true
	case isNumber:
		r.warn(at, "the line is ignored", "Invalid priority '%s' %s", s, where(at))
		return 0, false
	}
	if e := r.c.extension(key); e != nil && s != "" {
		if step := e.label(s); step != nil {
			return step.N, true
		}
	}
	hint := "the line is ignored: a priority is a number, n, s, hint or a label above"
	if strings.EqualFold(s, "n") || strings.EqualFold(s, "hint") {
		hint = "the line is ignored: write " + strings.ToLower(s)
	}
	r.warn(at, hint, "Invalid priority/label '%s' %s", s, where(at))
	return 0, false
}

// leadingInt reads the number that a text begins with, as scanf does, and says
// whether there is one.
func leadingInt(s string) (int, bool) {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 32)
	return int(n), err == nil
}
