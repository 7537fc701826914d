// Package argument is how dialplan functions read what is written in their
// parentheses, and how they complain about it.
//
// What goes wrong is an error in the words of the original where it has some,
// since operators look for them in logs; nothing is filled in then.
//
// Where the original reads a variable that an argument names (CUT, FIELDQTY,
// REPLACE ...), it fills in ${...} inside that name once more, and reads any
// function that stands there. With CUT(${CALLERID(name)},-,1), a common slip for
// CUT(CALLERID(name),-,1), a caller could have the system run what he likes by
// calling himself SHELL(...) or ${SHELL(...)}. Here nothing is filled in
// again, and only functions that merely look something up are read: see
// [Value]. EVAL alone fills in twice.
package argument

import (
	"fmt"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

// complaint is an error in the original's words.
type complaint string

func (c complaint) Error() string { return string(c) }

// Complain is an error in the original's words.
func Complain(format string, args ...any) error {
	if len(args) == 0 {
		return complaint(format)
	}
	return complaint(fmt.Sprintf(format, args...))
}

// Missing is what most functions say that were given nothing.
func Missing(syntax string) error { return Complain("Syntax: %s - missing argument!", syntax) }

// Pure makes a function's Read of one that needs no channel.
func Pure(f func(args string) (string, error)) func(*pbx.Exec, string) (string, error) {
	return func(_ *pbx.Exec, args string) (string, error) { return f(args) }
}

// Plain makes a function's Read of one that can't fail.
func Plain(f func(args string) string) func(*pbx.Exec, string) (string, error) {
	return func(_ *pbx.Exec, args string) (string, error) { return f(args), nil }
}

// MaxText bounds what a function makes that can make much of little, in bytes.
const MaxText = expand.MaxValue

// MaxSlots is how many arguments a function takes that takes any number.
const MaxSlots = 256

// maxNesting bounds functions that evaluate functions: a variable may hold the
// very ${EVAL(...)} that reads it.
const maxNesting = 20

type nestingKey struct{}

// Expanded fills a text in from inside a function.
func Expanded(x *pbx.Exec, text string) (string, error) {
	return Nested(x, func() string { return x.Expand(text) })
}

// Nested has fill fill something in from inside a function, up to a depth.
func Nested(x *pbx.Exec, fill func() string) (string, error) {
	depth, _ := x.Recall(nestingKey{}).(*int)
	if depth == nil {
		depth = new(int)
		x.Remember(nestingKey{}, depth)
	}
	if *depth >= maxNesting {
		return "", Complain("functions nested more than %d deep: left empty", maxNesting)
	}
	*depth++
	defer func() { *depth-- }()
	return fill(), nil
}

// Value reads what stands in an argument where the name of a variable is
// expected. As in the original that may be a function, NAME(args), if it only
// looks something up, and a piece of it, name:offset:length.
func Value(x *pbx.Exec, name string) (string, error) {
	if !strings.ContainsAny(name, "(:") || strings.ContainsAny(name, "{}") || strings.Contains(name, "$[") {
		return x.Get(name), nil
	}
	if function, _, is := strings.Cut(name, "("); is && !looksUp(function) {
		return "", Complain("%s() is not read where a variable is expected: put its value into a variable first", function)
	}
	return Expanded(x, "${"+name+"}")
}

// looksUp tells whether a function only looks something up: it changes nothing,
// and asks nobody outside.
func looksUp(function string) bool {
	switch function {
	case "CALLERID", "CALLERPRES", "CDR", "CHANNEL", "CONNECTEDLINE", "CUT", "DB", "DB_EXISTS", "DB_KEYCOUNT", "DB_KEYS", "FILTER", "GLOBAL", "GROUP", "GROUP_COUNT", "HASH", "HASHKEYS", "IMPORT",
		"LANGUAGE", "LISTFILTER", "LOCAL", "MASTER_CHANNEL", "MESSAGE", "MESSAGE_DATA", "MUSICCLASS", "PASSTHRU", "QUOTE", "REDIRECTING", "REPLACE", "SHARED", "SIPPEER", "SIP_HEADER", "SIP_HEADERS", "SIPCHANINFO",
		"STRFTIME", "STRREPLACE", "TIMEOUT", "TOLOWER", "TOUPPER", "TRIM", "LTRIM", "RTRIM", "URIDECODE", "URIENCODE":
		return true
	}
	return false
}

// Two splits at the first comma that separates; the second argument is as written.
func Two(args string) (first, second string, has bool) {
	a := expand.Args(args, 2)
	return expand.Arg(a, 0), expand.Arg(a, 1), len(a) > 1
}

// OneOrZero is how functions answer yes and no.
func OneOrZero(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

// True says whether a value means yes, as the original reads it.
func True(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	}
	return false
}

// False says whether a value means no, as the original reads it.
func False(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "no", "false", "n", "f", "0", "off":
		return true
	}
	return false
}
