package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// maxFile bounds the files that are read, in bytes.
const maxFile = 64 << 20

// span is FILE(filename[,offset[,length[,options[,format]]]]): the piece of a file
// that is meant, counted in bytes or in lines.
type span struct {
	name           string
	offset, length int64
	whole          bool // neither offset nor length is said
	rest           bool // up to the end
	lines          bool // option l
	add            bool // option a
	bare           bool // option d: a line is written without its end
	end            ending
	endNamed       bool
}

func parseSpan(args string) (span, error) {
	a := expand.Args(args, 5)
	s := span{name: expand.Arg(a, 0)}
	if s.name == "" {
		return s, argument.Complain("FILE requires a filename: FILE(<filename>[,<offset>[,<length>[,<options>[,<format>]]]])")
	}
	offset, hasOffset, err := number(expand.Arg(a, 1), "offset")
	if err != nil {
		return s, err
	}
	length, hasLength, err := number(expand.Arg(a, 2), "length")
	if err != nil {
		return s, err
	}
	s.offset, s.length, s.rest, s.whole = offset, length, !hasLength, !hasOffset && !hasLength
	options := expand.Arg(a, 3)
	s.lines, s.add, s.bare = strings.Contains(options, "l"), strings.Contains(options, "a"), strings.Contains(options, "d")
	s.end, s.endNamed = endingOf(expand.Arg(a, 4))
	return s, nil
}

// number reads an offset or a length.
func number(s, what string) (n int64, has bool, err error) {
	if s = strings.Trim(s, argument.Blanks); s == "" {
		return 0, false, nil
	}
	if n, err = strconv.ParseInt(s, 0, 64); err != nil {
		return 0, false, argument.Complain("Invalid %s '%s'", what, s)
	}
	return n, true, nil
}

// bounds are the first byte of the piece and the one behind it.
func (s *span) bounds(text []byte) (from, to int64) {
	count := int64(len(text))
	at := func(n int64) int64 { return n }
	if s.lines {
		if !s.endNamed {
			s.end = found(text)
		}
		begins := starts(text, s.end)
		count = int64(len(begins) - 1)
		at = func(n int64) int64 { return int64(begins[n]) }
	}
	from, to = clip(s.offset, count), count
	switch {
	case s.rest:
	case s.length < 0:
		to = clip(s.length, count)
	case s.length < count-from:
		to = from + s.length
	}
	return at(from), at(max(from, to))
}

// clip keeps a place within a text; a negative one counts from its end.
func clip(n, count int64) int64 {
	if n < 0 {
		return max(count+n, 0)
	}
	return min(n, count)
}

// patiently does something to a file; at a pipe, where it may wait for whoever is at the other end, no longer than the channel does.
func patiently(x *pbx.Exec, name string, do func() error) error {
	if info, err := os.Stat(name); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return do()
	}
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-x.Context().Done():
		return fmt.Errorf("FILE(%s) is a pipe with nobody at its other end: %w", name, context.Cause(x.Context()))
	}
}

// readFile is ${FILE(...)}.
func readFile(x *pbx.Exec, args string) (value string, err error) {
	s, err := parseSpan(args)
	if err != nil {
		return "", err
	}
	got := make(chan string, 1)
	if err := patiently(x, s.name, func() error {
		text, err := s.read()
		got <- text
		return err
	}); err != nil {
		return "", err
	}
	return <-got, nil
}

func (s span) read() (string, error) {
	text, err := read(s.name)
	if err != nil {
		return "", err
	}
	from, to := s.bounds(text)
	if to-from > argument.MaxText {
		return "", argument.Complain("FILE(%s) would be %d bytes, more than %d: an offset and a length read a piece", s.name, to-from, argument.MaxText)
	}
	return string(text[from:to]), nil
}

// writeFile is Set(FILE(...)=value).
func writeFile(x *pbx.Exec, args, value string) error {
	s, err := parseSpan(args)
	if err != nil {
		return err
	}
	return patiently(x, s.name, func() error { return s.write(value) })
}

func (s span) write(value string) (err error) {
	var text []byte
	if s.lines || !s.whole && !s.add {
		if text, err = read(s.name); err != nil && !missing(s.name) {
			return err
		}
	}
	if s.lines && !s.bare {
		if !s.endNamed {
			s.end = found(text)
		}
		value += s.end.mark()
	}
	switch {
	case s.add:
		return put(s.name, os.O_APPEND, "appending", 0, []byte(value))
	case s.whole:
		return put(s.name, os.O_TRUNC, "writing", 0, []byte(value))
	}
	from, to := s.bounds(text)
	if beyond := s.offset - int64(len(text)); !s.lines && beyond > 0 { // zeros up to there, as in every file that is written beyond its end
		from = s.offset
	}
	return put(s.name, 0, "updating", from, append([]byte(value), text[to:]...))
}

// put writes into a file, which is made if there is none. What was behind what is
// written is cut off, unless it is added at the end.
func put(name string, how int, doing string, at int64, what []byte) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o666)
	if err != nil {
		return argument.Complain("Cannot open file '%s' for %s: %s", name, doing, reason(err))
	}
	defer func() {
		if bad := f.Close(); bad != nil && err == nil {
			err = argument.Complain("Cannot write file '%s': %s", name, reason(bad))
		}
	}()
	if how == os.O_APPEND || how == os.O_TRUNC {
		_, err = f.Write(what)
	} else if _, err = f.WriteAt(what, at); err == nil {
		err = f.Truncate(at + int64(len(what)))
	}
	if err != nil {
		return argument.Complain("Cannot write file '%s': %s", name, reason(err))
	}
	return nil
}

// read reads a whole file.
func read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, argument.Complain("Cannot open file '%s' for reading: %s", name, reason(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, argument.Complain("Cannot read file '%s': %s", name, reason(err))
	}
	if len(text) > maxFile {
		return nil, argument.Complain("Cannot read file '%s': it is longer than %d bytes", name, maxFile)
	}
	return text, nil
}

// missing says that there is no such file.
func missing(name string) bool {
	_, err := os.Stat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// reason is what the system said, with a capital as C has it.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	text := err.Error()
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

func itoa(n int) string { return strconv.Itoa(n) }
