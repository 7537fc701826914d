package manual

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"obelus/cmd/obelus/simulate"
	"obelus/cmd/obelus/switchboard"
	"obelus/conf"
	"obelus/dialplan/syntax"
	"obelus/pbx"
)

const root = "../.."

// pages are all pages of the tree, by their files.
func pages(t *testing.T) map[string]pbx.Page {
	t.Helper()
	out := make(map[string]pbx.Page)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && name != root && (strings.HasPrefix(base, ".") || base == "docs" || base == "testdata" || base == "packaging") {
			return filepath.SkipDir
		}
		if filepath.Ext(base) != ".md" || filepath.Dir(name) == root || base == "README.md" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		p, err := pbx.ParsePage(string(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		out[name] = p
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPages: every application and function has a page, and the other way round.
func TestPages(t *testing.T) {
	have := make(map[string]bool)
	check := func(kind, name, synopsis, syntax, description string) {
		have[name] = true
		switch {
		case synopsis == "" || syntax == "":
			t.Errorf("%s %s has no manual page", kind, name)
		case kind == "application" && !strings.HasPrefix(syntax, name+"("), kind == "function" && !strings.HasPrefix(syntax, name):
			t.Errorf("the syntax of %s %s begins otherwise: %s", kind, name, syntax)
		case description == "":
			t.Errorf("the page of %s %s says nothing", kind, name)
		}
	}
	for _, a := range switchboard.Applications(&switchboard.Deps{}) {
		check("application", a.Name, a.Synopsis, a.Syntax, a.Description)
	}
	for _, f := range switchboard.Functions(&switchboard.Deps{}) {
		check("function", f.Name, f.Synopsis, f.Syntax, f.Description)
	}
	for file, p := range pages(t) {
		if !have[p.Name] {
			t.Errorf("%s is the page of %s, which there is not", file, p.Name)
		}
	}
}

// TestExamples runs the examples.
func TestExamples(t *testing.T) {
	for file, p := range pages(t) {
		for i, e := range p.Examples {
			name := strings.TrimPrefix(filepath.ToSlash(file), root+"/")
			t.Run(name, func(t *testing.T) { run(t, i, e) })
		}
	}
}

func run(t *testing.T, n int, e pbx.Example) {
	setting := func(name, otherwise string) string {
		if v, ok := e.Settings[name]; ok {
			delete(e.Settings, name)
			return v
		}
		return otherwise
	}
	synctest.Test(t, func(t *testing.T) {
		var out, log bytes.Buffer
		c := simulate.Call{
			Context: setting("context", "default"), Exten: setting("exten", "s"), CallerID: setting("callerid", "100"), Keys: setting("keys", ""),
			Dial: setting("dial", "answer"), Vars: map[string]string{}, Out: &out, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
		}
		if text, ok := e.Settings["text"]; ok {
			c.Text = &text
			delete(e.Settings, "text")
		}
		for name := range e.Settings {
			t.Errorf("example %d has a setting %s, which there is not", n+1, name)
		}
		text := e.Dialplan
		if !strings.HasPrefix(strings.TrimSpace(text), "[") {
			text = "[" + c.Context + "]\n" + text
		}
		f, _, err := new(conf.Loader).Parse("extensions.conf", []byte(text))
		if err != nil {
			t.Fatalf("example %d: %v", n+1, err)
		}
		plan, found := syntax.Read(f)
		for _, d := range found {
			t.Errorf("example %d: %v", n+1, d)
		}
		c.Plan = plan
		if e.Steps == "" {
			return // it needs more than a simulation has
		}
		c.Run()
		if !fits(out.String(), e.Steps) {
			t.Errorf("example %d prints\n%s\nbut the page says\n%s\n%s", n+1, out.String(), e.Steps, log.String())
		}
	})
}

// fits says whether got is what want says; a line of three dots in want is any number
// of lines, three dots at the end of a line are the rest of it, and the hang-up in the end may be left out.
func fits(got, want string) bool {
	g, w := lines(got), lines(want)
	if len(w) > 0 && !strings.HasPrefix(w[len(w)-1], "HANGUP") && len(g) > 0 {
		g = g[:len(g)-1]
	}
	return fit(g, w)
}

func fit(got, want []string) bool {
	for i, w := range want {
		if w == "..." {
			for j := i; j <= len(got); j++ {
				if fit(got[j:], want[i+1:]) {
					return true
				}
			}
			return false
		}
		if i >= len(got) || got[i] != w && !begins(got[i], w) {
			return false
		}
	}
	return len(got) == len(want)
}

// begins says whether a line is what want says up to three dots at its end.
func begins(line, want string) bool {
	head, open := strings.CutSuffix(want, "...")
	return open && strings.HasPrefix(line, head)
}

func lines(s string) []string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// TestFits: what the comparison takes for the same.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		got, want string
		ok        bool
	}{
		{"a\nb\nHANGUP cause=16\n", "a\nb\n", true},
		{"a\nb\nHANGUP cause=16\n", "a\nb\nHANGUP cause=16\n", true},
		{"a\nb\nHANGUP cause=16\n", "a\nb\nHANGUP cause=0\n", false},
		{"a\nb\nHANGUP cause=16\n", "a\n", false},
		{"a\nb\nc\nHANGUP cause=16\n", "a\n...\nc\n", true},
		{"a\nb\nc\nHANGUP cause=16\n", "...\n", true},
		{"a\nb\nc\nHANGUP cause=16\n", "...\nb\n", false},
		{"a 17.3\nb\nHANGUP cause=16\n", "a ...\nb\n", true},
		{"  (sound x)\nHANGUP cause=16\n", "(sound x)\n", true},
	} {
		if fits(c.got, c.want) != c.ok {
			t.Errorf("%q and %q: %v", c.got, c.want, !c.ok)
		}
	}
}
