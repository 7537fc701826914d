// Package function is the dialplan functions: ${NAME(args)} and
// Set(NAME(args)=value).
//
// There is one file a family; [Table] lists them all. What goes wrong is
// returned as an error in the words of the original where it has some, since
// operators look for them in logs; nothing is filled in then.
//
// Where the original reads a variable that an argument names (CUT, FIELDQTY,
// REPLACE ...), it fills in ${...} inside that name once more, and reads any
// function that stands there. With CUT(${CALLERID(name)},-,1), a common slip for
// CUT(CALLERID(name),-,1), a caller could have the system run what he likes by
// calling himself SHELL(...) or ${SHELL(...)}. Here nothing is filled in
// again, and only functions that merely look something up are read: see
// [valueOf]. EVAL alone fills in twice.
package function

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Deps are what functions reach the world by. They are set before the first
// channel runs and not changed then. A test that needs none of it hands in an
// empty one.
type Deps struct {
	// DB is what the DB functions read and write; nil: there is nothing in it, and nothing can be put there.
	DB Database
	// Records is what CDR() reads and writes; nil: there are none.
	Records Records
}

// Table returns the functions.
func Table(d *Deps) []pbx.Function {
	return pbx.DescribeFunctions(pages, slices.Concat(
		callerIDFunctions(), cdrFunctions(d.Records), channelFunctions(), codingFunctions(), cutFunctions(),
		dbFunctions(d.DB), dialplanFunctions(), evalFunctions(), fieldFunctions(), groupFunctions(), hashFunctions(), listFunctions(),
		logicFunctions(), mathFunctions(), messageFunctions(), replaceFunctions(), sprintfFunctions(),
		stringFunctions(), systemFunctions(), timeFunctions(), timeoutFunctions(), variableFunctions(),
	))
}

// complaint is an error in the original's words.
type complaint string

func (c complaint) Error() string { return string(c) }

func complain(format string, args ...any) error { return complaint(fmt.Sprintf(format, args...)) }

// missing is what most functions say that were given nothing.
func missing(syntax string) error { return complain("Syntax: %s - missing argument!", syntax) }

// pure makes a function's Read of one that needs no channel.
func pure(f func(args string) (string, error)) func(*pbx.Exec, string) (string, error) {
	return func(_ *pbx.Exec, args string) (string, error) { return f(args) }
}

// plain makes a function's Read of one that can't fail.
func plain(f func(args string) string) func(*pbx.Exec, string) (string, error) {
	return func(_ *pbx.Exec, args string) (string, error) { return f(args), nil }
}

// maxNesting bounds functions that evaluate functions: a variable may hold the
// very ${EVAL(...)} that reads it.
const maxNesting = 20

type nestingKey struct{}

// expanded fills a text in from inside a function.
func expanded(x *pbx.Exec, text string) (string, error) {
	depth, _ := x.Recall(nestingKey{}).(*int)
	if depth == nil {
		depth = new(int)
		x.Remember(nestingKey{}, depth)
	}
	if *depth >= maxNesting {
		return "", complain("functions nested more than %d deep: left empty", maxNesting)
	}
	*depth++
	defer func() { *depth-- }()
	return x.Expand(text), nil
}

// valueOf reads what stands in an argument where the name of a variable is
// expected. As in the original that may be a function, NAME(args), if it only
// looks something up, and a piece of it, name:offset:length.
func valueOf(x *pbx.Exec, name string) (string, error) {
	if !strings.ContainsAny(name, "(:") || strings.ContainsAny(name, "{}") || strings.Contains(name, "$[") {
		return x.Get(name), nil
	}
	if function, _, is := strings.Cut(name, "("); is && !looksUp(function) {
		return "", complain("%s() is not read where a variable is expected: put its value into a variable first", function)
	}
	return expanded(x, "${"+name+"}")
}

// looksUp tells whether a function only looks something up: it changes nothing,
// and asks nobody outside.
func looksUp(function string) bool {
	switch function {
	case "CALLERID", "CDR", "CHANNEL", "CONNECTEDLINE", "CUT", "DB", "DB_EXISTS", "DB_KEYCOUNT", "DB_KEYS", "FILTER", "GLOBAL", "HASH", "HASHKEYS", "IMPORT",
		"LISTFILTER", "LOCAL", "MESSAGE", "MESSAGE_DATA", "PASSTHRU", "REDIRECTING", "REPLACE", "SHARED", "SIPPEER", "SIP_HEADER",
		"STRFTIME", "STRREPLACE", "TOLOWER", "TOUPPER", "TRIM", "LTRIM", "RTRIM", "URIDECODE", "URIENCODE":
		return true
	}
	return false
}

// twoArgs splits at the first comma that separates; the second argument is as written.
func twoArgs(args string) (first, second string, has bool) {
	a := expand.Args(args, 2)
	return expand.Arg(a, 0), expand.Arg(a, 1), len(a) > 1
}
