package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"obelus/conf"
)

// The exit codes of check.
const (
	checkClean   = 0 // it would start, and nothing is ignored
	checkIgnored = 1 // it would start, and something is ignored
	checkRefused = 2 // it would not start
)

func runCheck(args []string) int {
	set := flags("check")
	asJSON := set.Bool("json", false, "for machines")
	words, code, ok := parse(set, args, 0, 1)
	if !ok {
		return code
	}
	dir := ""
	if len(words) == 1 {
		dir = words[0]
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			fmt.Fprintf(os.Stderr, "obelus: %s is no directory\n", dir)
			return checkRefused
		}
	}
	c := checkDirectory(dir)
	if *asJSON {
		return c.json(os.Stdout)
	}
	return c.print(os.Stdout)
}

// checkDirectory checks a directory, "" for the one that serve would find.
func checkDirectory(dir string) *checker {
	dirs, found, err := findDirs(dir, "", "")
	c := &checker{dirs: dirs, found: found}
	if err != nil {
		c.refuse(err)
	} else {
		c.check()
	}
	return c
}

// checker reads a configuration as the server would, and looks closer.
type checker struct {
	dirs    Dirs
	found   []conf.Diagnostic
	refused []string
}

func (c *checker) refuse(err error) {
	c.refused = append(c.refused, strings.Split(err.Error(), "\n")...)
}

func (c *checker) check() {
	config, found, err := readConfig(c.dirs)
	c.found = append(c.found, found...)
	if err != nil {
		c.refuse(err)
		return
	}
	c.found = append(c.found, config.sip.Lint()...)
	c.found = append(c.found, checkTLS(c.dirs, config.sip)...)
	c.found = append(c.found, checkPlan(config)...)
	c.others()
}

// others names files of the directory that are not read.
func (c *checker) others() {
	if c.dirs.Config == "" {
		return
	}
	entries, err := os.ReadDir(c.dirs.Config)
	if err != nil {
		return
	}
	read := []string{"sip.conf", "extensions.conf", "rtp.conf", "acl.conf", "asterisk.conf", "obelus.conf"}
	var more []string
	for _, e := range entries {
		name := e.Name()
		if slices.Contains([]string{".conf", ".ael", ".lua"}, filepath.Ext(name)) && !slices.Contains(read, name) && !c.included(name) {
			more = append(more, name)
		}
	}
	if len(more) > 0 {
		c.found = append(c.found, conf.Diagnostic{
			Pos: conf.Pos{File: c.dirs.Config}, Severity: conf.Note, Message: "files that are not read: " + strings.Join(more, ", "),
			Hint: "docs/asterisk.md says what is supported",
		})
	}
}

// included says whether a file is read because another includes it.
func (c *checker) included(name string) bool {
	for _, f := range []string{"sip.conf", "extensions.conf", "rtp.conf"} {
		b, err := os.ReadFile(filepath.Join(c.dirs.Config, f))
		if err == nil && strings.Contains(string(b), name) {
			return true
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return false
}

// sorted are the findings by file and line.
func (c *checker) sorted() []conf.Diagnostic {
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

func (c *checker) code() int {
	switch {
	case len(c.refused) > 0:
		return checkRefused
	case slices.ContainsFunc(c.found, func(d conf.Diagnostic) bool { return d.Severity >= conf.Warning }):
		return checkIgnored
	}
	return checkClean
}

func (c *checker) print(w io.Writer) int {
	warnings, notes := 0, 0
	for _, d := range c.sorted() {
		fmt.Fprintln(w, d)
		if d.Severity == conf.Note {
			notes++
		} else {
			warnings++
		}
	}
	for _, r := range c.refused {
		fmt.Fprintln(w, "error:", r)
	}
	where := c.dirs.Config
	if where == "" {
		where = "the built-in configuration"
	}
	switch code := c.code(); code {
	case checkRefused:
		fmt.Fprintf(w, "%s: refused: obelus would not start with it\n", where)
		return code
	case checkIgnored:
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

func (c *checker) json(w io.Writer) int {
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
		return checkRefused
	}
	return c.code()
}
