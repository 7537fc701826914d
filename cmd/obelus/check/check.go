// Package check looks at a configuration before it is run: what is broken, what is
// ignored, and which steps of the dialplan lead nowhere.
package check

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"obelus/cmd/obelus/settings"
	"obelus/conf"
)

// The exit codes of check.
const (
	Clean   = 0 // it would start, and nothing is ignored
	Ignored = 1 // it would start, and something is ignored
	Refused = 2 // it would not start
)

// Directory checks a directory, "" for the one that serve would find. version
// is ours.
func Directory(dir, version string) *Report {
	dirs, found, err := settings.Find(dir, "", "")
	c := &Report{dirs: dirs, version: version, found: found}
	if err != nil {
		c.refuse(err)
	} else {
		c.check()
	}
	return c
}

// Report is what was found: the configuration is read as the server would read it,
// and looked at more closely.
type Report struct {
	dirs    settings.Dirs
	version string
	found   []conf.Diagnostic
	refused []string
	steps   []Step
}

// Steps are the steps of the dialplan, in the order of the file.
func (c *Report) Steps() []Step { return c.steps }

// Refused says why it would not start, a line each; nil where it would.
func (c *Report) Refused() []string { return c.refused }

// Ignored counts by severity what would be ignored.
func (c *Report) Ignored() (warnings, notes int) {
	for _, d := range c.sorted() {
		if d.Severity == conf.Note {
			notes++
		} else {
			warnings++
		}
	}
	return warnings, notes
}

func (c *Report) refuse(err error) {
	c.refused = append(c.refused, strings.Split(err.Error(), "\n")...)
}

func (c *Report) check() {
	config, found, err := settings.Read(c.dirs, c.version)
	c.found = append(c.found, found...)
	if err != nil {
		c.refuse(err)
		return
	}
	c.found = append(c.found, config.SIP.Lint()...)
	c.found = append(c.found, checkTLS(c.dirs, config.SIP)...)
	c.found = append(c.found, checkVoicemail(config)...)
	plan, steps := checkPlan(config)
	c.found, c.steps = append(c.found, plan...), steps
	c.found = append(c.found, checkSounds(c.dirs, config)...)
	c.found = append(c.found, checkScripts(c.dirs, config)...)
	c.found = append(c.found, checkLines(config.To.Custom)...)
	c.otherRecords()
	c.others()
}

// others names files of the directory that are not read.
func (c *Report) others() {
	if c.dirs.Config == "" {
		return
	}
	entries, err := os.ReadDir(c.dirs.Config)
	if err != nil {
		return
	}
	read := append(settings.Names(), "sip_notify.conf") // when sip notify is asked for
	var more []string
	for _, e := range entries {
		name := e.Name()
		if slices.Contains([]string{".conf", ".ael", ".lua"}, filepath.Ext(name)) && !slices.Contains(read, name) && !slices.Contains(elsewhere(), name) {
			more = append(more, name)
		}
	}
	in := c.included(more)
	more = slices.DeleteFunc(more, func(name string) bool { return slices.Contains(in, name) })
	if len(more) > 0 {
		c.found = append(c.found, conf.Diagnostic{
			Pos: conf.Pos{File: c.dirs.Config}, Severity: conf.Note, Message: "files that are not read: " + strings.Join(more, ", "),
			Hint: "docs/asterisk.md says what is supported",
		})
	}
}

// included lists those of the files that are read because one that is read includes
// them.
func (c *Report) included(names []string) []string {
	var in []string
	for read := settings.Names(); len(read) > 0; read = read[1:] {
		b, err := os.ReadFile(filepath.Join(c.dirs.Config, read[0]))
		if err != nil {
			continue // it isn't there, or whoever reads it says why it can't be read
		}
		for _, name := range names {
			if !slices.Contains(in, name) && strings.Contains(string(b), name) {
				in, read = append(in, name), append(read, name)
			}
		}
	}
	return in
}

// sorted are the findings by file and line.
func (c *Report) sorted() []conf.Diagnostic {
	out := slices.Clone(c.found)
	for i := range out {
		out[i].Pos = lineOf(out[i].Pos)
	}
	slices.SortStableFunc(out, func(a, b conf.Diagnostic) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(out)
}

// lineOf takes a place apart that a room keeps as text: sip.conf:12.
func lineOf(at conf.Pos) conf.Pos {
	if i := strings.LastIndexByte(at.File, ':'); i > 0 && at.Line == 0 {
		if n, err := strconv.Atoi(at.File[i+1:]); err == nil {
			return conf.Pos{File: at.File[:i], Line: n}
		}
	}
	return at
}

func (c *Report) code() int {
	switch {
	case len(c.refused) > 0:
		return Refused
	case slices.ContainsFunc(c.found, func(d conf.Diagnostic) bool { return d.Severity >= conf.Warning }):
		return Ignored
	}
	return Clean
}

// Print writes the report for people, and returns the exit code.
func (c *Report) Print(w io.Writer) int {
	for _, d := range c.sorted() {
		fmt.Fprintln(w, d)
	}
	warnings, notes := c.Ignored()
	for _, r := range c.refused {
		fmt.Fprintln(w, "error:", r)
	}
	where := c.dirs.Config
	if where == "" {
		where = "the built-in configuration"
	}
	switch code := c.code(); code {
	case Refused:
		fmt.Fprintf(w, "%s: refused: obelus would not start with it\n", where)
		return code
	case Ignored:
		fmt.Fprintf(w, "%s: it would start; %d warning%s, %d note%s\n", where, warnings, s(warnings), notes, s(notes))
		return code
	default:
		fmt.Fprintf(w, "%s: good; %d note%s\n", where, notes, s(notes))
		return code
	}
}

func s(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// finding is a diagnostic for machines.
type finding struct {
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
}

// JSON writes the report for machines, and returns the exit code.
func (c *Report) JSON(w io.Writer) int {
	out := struct {
		Starts   bool      `json:"starts"`
		Findings []finding `json:"findings"`
	}{Starts: len(c.refused) == 0, Findings: []finding{}}
	for _, d := range c.sorted() {
		out.Findings = append(out.Findings, finding{d.File, d.Line, d.Severity.String(), d.Message, d.Hint})
	}
	for _, r := range c.refused {
		out.Findings = append(out.Findings, finding{Severity: "error", Message: r})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return Refused
	}
	return c.code()
}
