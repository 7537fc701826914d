package file

import (
	"bytes"
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// ending is how the lines of a file end: its letter is FILE_FORMAT()'s.
type ending byte

const (
	unix      ending = 'u'
	dos       ending = 'd'
	mac       ending = 'm'
	undecided ending = 'x' // there is no end of a line in it
)

// mark is what stands at the end of a line.
func (e ending) mark() string {
	switch e {
	case dos:
		return "\r\n"
	case mac:
		return "\r"
	}
	return "\n"
}

// endingOf reads the argument that names an ending.
func endingOf(letter string) (ending, bool) {
	if letter == "" {
		return undecided, false
	}
	switch e := ending(strings.ToLower(letter[:1])[0]); e {
	case unix, dos, mac:
		return e, true
	}
	return undecided, false
}

// found is how the first line of a text ends.
func found(text []byte) ending {
	at := bytes.IndexAny(text, "\r\n")
	switch {
	case at < 0:
		return undecided
	case text[at] == '\n':
		return unix
	case at+1 < len(text) && text[at+1] == '\n':
		return dos
	}
	return mac
}

// starts are where each line begins, and where the last one ends. What follows
// the last end of a line is a line, too.
func starts(text []byte, e ending) []int {
	all := []int{0}
	mark := []byte(e.mark())
	for at := 0; at < len(text); {
		next := bytes.Index(text[at:], mark)
		if next < 0 {
			return append(all, len(text))
		}
		at += next + len(mark)
		all = append(all, at)
	}
	return all
}

// countLines is FILE_COUNT_LINE(filename[,format]): the lines that have an end.
func countLines(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 2)
	if expand.Arg(a, 0) == "" {
		return "", argument.Complain("FILE_COUNT_LINE requires a filename")
	}
	text, err := read(a[0])
	if err != nil {
		x.Warn(err.Error())
		return "-1", nil
	}
	e, named := endingOf(expand.Arg(a, 1))
	if !named {
		e = found(text)
	}
	return itoa(bytes.Count(text, []byte(e.mark()))), nil
}

// formatOf is FILE_FORMAT(filename).
func formatOf(args string) (string, error) {
	if args == "" {
		return "", argument.Complain("FILE_FORMAT requires a filename")
	}
	text, err := read(args)
	if err != nil {
		return "", err
	}
	return string(rune(found(text))), nil
}
