package conf

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
)

// refuse is the error of a file that the original refuses.
func refuse(at Pos, format string, args ...any) error {
	return fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...))
}

type parser struct {
	loader  *Loader
	file    *File
	found   []Diagnostic
	section *Section // where lines go now, nil before the first
	comment int      // how many ;-- are open
	files   int      // how many files have been included

	first map[string]*Section // of each name
	plain map[string]*Section // of each name, templates left out
}

func newParser(l *Loader, name string) *parser {
	return &parser{loader: l, file: &File{Path: name}, first: make(map[string]*Section), plain: make(map[string]*Section)}
}

func (p *parser) warn(at Pos, hint, format string, args ...any) {
	p.found = append(p.found, Diagnostic{Pos: at, Severity: Warning, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// text reads the lines of one file.
func (p *parser) text(name string, data []byte, depth int) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	p.comment = 0
	at := Pos{File: name}
	for len(data) > 0 {
		line := data
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			line, data = data[:i], data[i+1:]
		} else {
			data = nil
		}
		if at.Line++; at.Line%64 == 0 {
			runtime.Gosched() // a server that has one processor reads its files again between the packets of its calls
		}
		if len(line) >= maxLine {
			p.warn(at, "the line is passed over; shorten it", "Line %d too long, skipping. It begins with: %.32s...", at.Line, line)
			continue
		}
		clean := Trim(p.strip(string(line)))
		if clean == "" {
			continue
		}
		if err := p.line(at, clean, depth); err != nil {
			return err
		}
	}
	if p.comment > 0 {
		p.warn(at, "everything behind it is a comment", "a comment that begins with ;-- is not closed by --;")
	}
	return nil
}

// strip takes the comments out of a line.
func (p *parser) strip(line string) string {
	var out strings.Builder
	for i := 0; i < len(line); {
		rest := line[i:]
		switch {
		case opensComment(rest):
			p.comment++
			i += 3
		case p.comment > 0:
			if strings.HasPrefix(rest, "--;") {
				p.comment--
				i += 3
				continue
			}
			i++
		case strings.HasPrefix(rest, `\;`):
			out.WriteByte(';')
			i += 2
		case rest[0] == ';':
			return out.String()
		default:
			out.WriteByte(rest[0])
			i++
		}
	}
	return out.String()
}

// opensComment says whether a comment over lines begins: ;-- but not ;---, which
// people draw lines with.
func opensComment(s string) bool {
	return strings.HasPrefix(s, ";--") && !strings.HasPrefix(s, ";---")
}

func (p *parser) line(at Pos, s string, depth int) error {
	switch s[0] {
	case '[':
		return p.header(at, s)
	case '#':
		return p.directive(at, s, depth)
	}
	return p.entry(at, s)
}

// header reads [name](options).
func (p *parser) header(at Pos, s string) error {
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return refuse(at, "parse error: no closing ']', line %d of %s: close the section's name", at.Line, at.File)
	}
	name, rest := s[1:end], s[end+1:]
	sec := &Section{Name: name, Pos: at}
	if !strings.HasPrefix(rest, "(") {
		if strings.HasPrefix(Trim(rest), "(") {
			p.warn(at, "what is in the parentheses is ignored; remove the blank", "a blank between ] and ( in [%s]", name)
		} else if rest = Trim(rest); rest != "" {
			p.warn(at, "it is ignored", "text behind the section's name: %s", rest)
		}
		p.add(sec)
		return nil
	}
	options := rest[1:]
	if end := strings.IndexByte(options, ')'); end >= 0 {
		options = options[:end]
	} else {
		return refuse(at, "parse error: no closing ')', line %d of %s", at.Line, at.File)
	}
	return p.options(at, sec, strings.Split(options, ","))
}

func (p *parser) options(at Pos, sec *Section, options []string) error {
	added := false
	for _, o := range options {
		switch o {
		case "!":
			sec.Template = true
		case "+":
			old := p.plain[sec.Name]
			if old == nil {
				return refuse(at, "Category addition requested, but category '%s' does not exist, line %d of %s: (+) needs the section above it", sec.Name, at.Line, at.File)
			}
			sec, added = old, true
		default:
			base := p.first[o]
			if base == nil {
				return refuse(at, "Inheritance requested, but category '%s' does not exist, line %d of %s: a template must stand above what uses it", o, at.Line, at.File)
			}
			if len(sec.Entries)+len(base.Entries) > maxInherited {
				return refuse(at, "section [%s] inherits more than %d lines: does a template inherit the same one many times?", sec.Name, maxInherited)
			}
			sec.Templates = append(sec.Templates, base.Name)
			for _, e := range base.Entries {
				e.Inherited = true
				sec.Entries = append(sec.Entries, e)
			}
		}
	}
	if added {
		p.section = sec
		return nil
	}
	p.add(sec)
	return nil
}

func (p *parser) add(sec *Section) {
	p.file.Sections = append(p.file.Sections, sec)
	p.section = sec
	if p.first[sec.Name] == nil {
		p.first[sec.Name] = sec
	}
	if !sec.Template && p.plain[sec.Name] == nil {
		p.plain[sec.Name] = sec
	}
}

// entry reads key=value.
func (p *parser) entry(at Pos, s string) error {
	if p.section == nil {
		return refuse(at, "parse error: No category context for line %d of %s: the first line must be a [section]", at.Line, at.File)
	}
	key, value, ok := strings.Cut(s, "=")
	if !ok {
		p.warn(at, "the line is ignored", "No '=' (equal sign) in line %d of %s", at.Line, at.File)
		return nil
	}
	e := Entry{Pos: at}
	if strings.HasPrefix(value, ">") {
		e.Arrow = true
		value = value[1:]
	}
	e.Value = Trim(value)
	appends := strings.HasSuffix(key, "+")
	e.Key = Trim(strings.TrimSuffix(key, "+"))
	if e.Key == "" {
		p.warn(at, "the line is ignored", "No variable name in line %d of %s", at.Line, at.File)
		return nil
	}
	if appends && p.append(e) {
		return nil
	}
	p.section.Entries = append(p.section.Entries, e)
	return nil
}

// append adds the value of key+=value to the last entry of that key.
func (p *parser) append(e Entry) bool {
	for i := len(p.section.Entries) - 1; i >= 0; i-- {
		old := &p.section.Entries[i]
		if strings.EqualFold(old.Key, e.Key) {
			old.Value += e.Value
			old.Inherited, old.Pos = false, e.Pos
			return true
		}
	}
	return false
}

// directive reads a line that begins with #.
func (p *parser) directive(at Pos, s string, depth int) error {
	word, arg := s[1:], ""
	if i := strings.IndexAny(word, " \t\""); i >= 0 {
		word, arg = word[:i], unquote(Trim(word[i:]))
	}
	switch strings.ToLower(word) {
	case "include":
		return p.include(at, arg, depth, true)
	case "tryinclude", "includeifexists":
		return p.include(at, arg, depth, false)
	case "exec":
		if !p.loader.ExecIncludes {
			p.warn(at, "the command is not run", "Cannot perform #exec unless execincludes option is enabled in asterisk.conf (options section)!")
			return nil
		}
		return p.exec(at, arg, depth)
	}
	p.warn(at, "the line is ignored; a comment begins with ;", "Unknown directive '%s' at line %d of %s", s, at.Line, at.File)
	return nil
}

// unquote takes "name" and <name> out of what surrounds it.
func unquote(s string) string {
	for _, q := range []struct{ open, close byte }{{'"', '"'}, {'<', '>'}, {'\'', '\''}} {
		if len(s) > 1 && s[0] == q.open {
			if end := strings.IndexByte(s[1:], q.close); end >= 0 {
				return s[1 : 1+end]
			}
		}
	}
	return s
}

// include reads the files that a name stands for as if they stood here.
func (p *parser) include(at Pos, name string, depth int, must bool) error {
	if name == "" {
		return refuse(at, "Directive '#include' needs an argument (filename) at line %d of %s", at.Line, at.File)
	}
	if err := p.deeper(at, name, depth); err != nil {
		return err
	}
	read := 0
	for _, path := range p.loader.match(name) {
		data, err := p.loader.read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return refuse(at, "cannot read the included file %s: %v", path, err)
		}
		read++
		if err := p.inserted(at, p.shown(path), data, depth); err != nil {
			return err
		}
	}
	if read == 0 && must {
		return refuse(at, "The file '%s' was listed as a #include but it does not exist: create it, or write #tryinclude", name)
	}
	return nil
}

// deeper fails where files include each other without an end.
func (p *parser) deeper(at Pos, name string, depth int) error {
	if depth+1 >= maxInclude {
		return refuse(at, "Maximum Include level (%d) exceeded: does %s include itself?", maxInclude, name)
	}
	return nil
}

// inserted reads a text as if it stood where #include or #exec does. The section
// that lines go to is the same behind it as before.
func (p *parser) inserted(at Pos, name string, data []byte, depth int) error {
	if p.files++; p.files > maxFiles {
		return refuse(at, "more than %d files are included: do they include each other?", maxFiles)
	}
	section, comment := p.section, p.comment
	if err := p.text(name, data, depth+1); err != nil {
		return err
	}
	p.comment = comment
	if section != nil {
		p.section = section
	}
	return nil
}

// exec reads what a command writes as if it stood here. Where the command fails,
// what it wrote counts nevertheless, as in the original.
func (p *parser) exec(at Pos, command string, depth int) error {
	if command == "" {
		return refuse(at, "Directive '#exec' needs an argument (command) at line %d of %s", at.Line, at.File)
	}
	if err := p.deeper(at, command, depth); err != nil {
		return err
	}
	data, err := p.loader.run(command)
	if err != nil {
		p.warn(at, "what it wrote is read nevertheless", "#exec %s: %v", command, err)
	}
	return p.inserted(at, "#exec "+command, data, depth)
}

// shown is a path as findings name it: relative to the directory where it can
// be.
func (p *parser) shown(path string) string {
	if rel, err := filepath.Rel(p.loader.Dir, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}
