package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"obelus/cmd/obelus/settings"
	"obelus/internal/filetree"
)

func TestParseAsterisk(t *testing.T) {
	for line, want := range map[string]asteriskFlags{
		"":                                       {},
		"-rvvv":                                  {remote: true, verbose: 3},
		"-r -v -v -d":                            {remote: true, verbose: 2, debug: 1},
		"-rx|core show channels":                 {remote: true, execute: true, command: "core show channels"},
		"-f|-rxcore stop now":                    {remote: true, execute: true, command: "core stop now"},
		"-x|sip reload|-r":                       {remote: true, execute: true, command: "sip reload"},
		"-R":                                     {remote: true, reconnect: true},
		"-cvvvvvg":                               {console: true, verbose: 5, dumpCore: true},
		"-f -n -T":                               {},
		"-fC|/etc/a.conf|-U|pbx|-Gphones":        {config: "/etc/a.conf", user: "pbx", group: "phones"},
		"-C/etc/a.conf -s/run/x.ctl":             {config: "/etc/a.conf", control: "/run/x.ctl"},
		"-mqFXVh":                                {mute: true, quiet: true, fork: true, execIncludes: true, version: true, help: true},
		"-L|2 -p --":                             {without: []string{"-L 2 is not supported: calls are taken whatever the load", "-p is not supported: it runs at the priority it was started with"}},
		"-rx|-h":                                 {remote: true, execute: true, command: "-h"},
		"-rx|dialplan show 600@my|-C|/tmp/a b/c": {remote: true, execute: true, command: "dialplan show 600@my", config: "/tmp/a b/c"},
	} {
		got, err := parseAsterisk(words(line))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", line, got, err, want)
		}
	}
	for _, line := range []string{"-z", "-x", "-r -C", "console", "--remote", "-", "-- x"} {
		if f, err := parseAsterisk(words(line)); err == nil {
			t.Errorf("%s is accepted: %+v", line, f)
		}
	}
}

// words splits a command line at blanks, or at bars where there is one.
func words(line string) []string {
	if !strings.Contains(line, "|") {
		return strings.Fields(line)
	}
	var out []string
	for _, part := range strings.Split(line, "|") {
		if strings.Contains(part, " -") {
			out = append(out, strings.Fields(part)...)
		} else {
			out = append(out, part)
		}
	}
	return out
}

func FuzzParseAsterisk(f *testing.F) {
	for _, s := range []string{"-rvvv", "-rx\x00core show channels", "-C", "-\xff", "--", "-LLL"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got, err := parseAsterisk(strings.Split(line, "\x00"))
		if err == nil && got.command != "" && !got.execute {
			t.Errorf("%q: a command, and nothing to carry out: %+v", line, got)
		}
	})
}

// TestChange: the command line says more than asterisk.conf, never less.
func TestChange(t *testing.T) {
	d := settings.Dirs{Run: "/run/a", Control: "asterisk.ctl", Options: settings.Main{Verbose: 5, User: "pbx", Quiet: true}}
	f := asteriskFlags{verbose: 2, debug: 1, control: "/tmp/other.ctl", group: "phones", execIncludes: true}
	f.change(&d)
	want := settings.Main{Verbose: 5, Debug: 1, User: "pbx", Group: "phones", Quiet: true}
	if d.Options != want || d.Socket() != filepath.FromSlash("/tmp/other.ctl") || !d.ExecIncludes {
		t.Errorf("%+v, socket %s, execincludes %v", d.Options, d.Socket(), d.ExecIncludes)
	}
}

// TestRun runs the program as it is called, by its exit codes.
func TestRun(t *testing.T) {
	good := filetree.Write(t, map[string]string{"sip.conf": "[general]\nallowguest=no\ncontext=in\n[alice]\ntype=friend\nhost=dynamic\nsecret=Zu9-hal-4kwQ-mm2\ncontext=in\n", "extensions.conf": "[in]\nexten => _1X,1,Hangup(17)\n"})
	nowhere := filepath.Join(t.TempDir(), "nothing", "asterisk.conf")
	main := filepath.Join(filetree.Write(t, map[string]string{"asterisk.conf": "[directories]\nastrundir=" + t.TempDir() + "\n"}), "asterisk.conf")
	for _, c := range []struct {
		name string
		args []string
		code int
		out  string
	}{
		{"obelus", nil, 0, "obelus help COMMAND says more"},
		{"obelus", []string{"help"}, 0, "simulate"},
		{"obelus", []string{"help", "check"}, 0, "usage: obelus check [DIR] [--json]"},
		{"obelus", []string{"help", "chekc"}, 2, "did you mean check?"},
		{"obelus", []string{"--help"}, 0, "obelus help COMMAND says more"},
		{"obelus", []string{"match", "--help"}, 0, "usage: obelus match"},
		{"obelus", []string{"srve"}, 2, "there is no command 'srve'; did you mean serve?"},
		{"obelus", []string{"version"}, 0, "obelus " + version + " (go"},
		{"obelus", []string{"--version"}, 0, "obelus " + version + " (go"},
		{"obelus", []string{"-V"}, 0, "obelus " + version + "\n"},
		{"/usr/sbin/asterisk", []string{"-V"}, 0, "obelus " + version + "\n"},
		{"asterisk.exe", []string{"-h"}, 0, "-rx CMD"},
		{"asterisk", []string{"-y"}, 2, "there is no flag -y"},
		{"asterisk", []string{"-C", nowhere}, 1, nowhere},
		{"asterisk", []string{"-C", main, "-rx", "core show version"}, 1, "Unable to connect to remote asterisk (does "},
		{"rasterisk", []string{"-C", main}, 1, "asterisk.ctl exist?)"},
		{"obelus", []string{"match", "in"}, 2, "usage: obelus match"},
		{"obelus", []string{"match", "in", "12", "--config", good}, 0, "in:_1X\n"},
		{"obelus", []string{"match", "--config", good, "in", "--", "-2"}, 1, "(no match)\n"},
		{"obelus", []string{"check", good, "--json"}, 0, `"starts": true`},
		{"obelus", []string{"check", nowhere}, 2, "is no directory"},
		{"obelus", []string{"check", good, good}, 2, "usage: obelus check"},
		{"obelus", []string{"simulate", "--config", good, "in", "15"}, 0, "in,15,1:Hangup(17)\nHANGUP cause=17\n"},
		{"obelus", []string{"simulate", "--config", good, "out", "15"}, 1, "there is no context 'out'"},
		{"obelus", []string{"simulate", "--dial", "maybe", "in", "15"}, 2, "it is not one of answer"},
		{"obelus", []string{"simulate", "--set", "X", "in", "15"}, 2, "it is not of the form NAME=VALUE"},
		{"obelus", []string{"console", "--data", t.TempDir(), "-x", "sip show peers"}, 1, "Unable to connect to remote asterisk"},
		{"obelus", []string{"serve", "--config"}, 2, "usage: obelus serve"},
	} {
		code, out := captured(t, func() int { return run(c.name, c.args) })
		if code != c.code || !strings.Contains(out, c.out) {
			t.Errorf("%s %q: exit %d, want %d with %q:\n%s", c.name, c.args, code, c.code, c.out, out)
		}
	}
}

// captured runs f with what it writes going to a file.
func captured(t *testing.T, f func() int) (code int, out string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	code = f()
	b, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, string(b)
}
