// Package conf reads the syntax of Asterisk's *.conf files: sections and
// templates, name=value lines, comments, #include. It knows no setting.
//
//	[name]            a section; its lines follow
//	[name](!)         a template: only there to be inherited from
//	[name](a,b)       inherits the lines of a, then of b, which stand above
//	[name](+)         goes on with an earlier section
//	key=value         also key => value; key+=value appends to the last key
//	; comment         ;-- to --; is a comment over lines, and nests
//	\;                a semicolon that begins no comment
//	#include "file"   its lines stand here; #tryinclude may be missing
//
// Names are bytes: blanks and any encoding are allowed. Where the original only
// warns, so does this package, in a [Diagnostic]; where the original refuses a
// whole file, so does it, with an error that says where and what to do.
package conf

import (
	"fmt"
	"strings"
)

// Pos is a place in a file.
type Pos struct {
	File string
	Line int // from 1; 0 for the file as a whole
}

// String returns file:line.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Severity is how bad a finding is.
type Severity uint8

// The severities.
const (
	Note    Severity = iota // works, and could be better
	Warning                 // something is ignored
	Error                   // the file, or a part of it, is refused
)

// String returns note, warning or error.
func (s Severity) String() string { return [...]string{"note", "warning", "error"}[s] }

// Diagnostic is a finding about a file.
type Diagnostic struct {
	Pos
	Severity Severity
	Message  string // what is wrong
	Hint     string // what happens instead, or what to do; may be empty
}

// String writes the finding as a compiler does.
func (d Diagnostic) String() string {
	s := fmt.Sprintf("%s: %s: %s", d.Pos, d.Severity, d.Message)
	if d.Hint != "" {
		s += " (" + d.Hint + ")"
	}
	return s
}

// Entry is one key=value line.
type Entry struct {
	Key, Value string
	Arrow      bool // written with =>
	Inherited  bool // came from a template
	Pos        Pos
}

// Section is one section, with what it inherits in its place.
type Section struct {
	Name      string
	Template  bool
	Templates []string // what it inherits from, in order
	Entries   []Entry
	Pos       Pos
}

// Get returns the value of the last entry of that key, in any case of letters,
// and whether there is one.
func (s *Section) Get(key string) (string, bool) {
	for i := len(s.Entries) - 1; i >= 0; i-- {
		if strings.EqualFold(s.Entries[i].Key, key) {
			return s.Entries[i].Value, true
		}
	}
	return "", false
}

// All returns the values of every entry of that key, in order.
func (s *Section) All(key string) []string {
	var out []string
	for _, e := range s.Entries {
		if strings.EqualFold(e.Key, key) {
			out = append(out, e.Value)
		}
	}
	return out
}

// File is a file with all that it includes.
type File struct {
	Path     string
	Sections []*Section // in order, templates too
}

// Section returns the first section of that name that is no template, nil for
// none.
func (f *File) Section(name string) *Section {
	for _, s := range f.Sections {
		if !s.Template && s.Name == name {
			return s
		}
	}
	return nil
}
