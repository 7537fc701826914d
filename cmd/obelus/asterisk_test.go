package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
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
	d := Dirs{Run: "/run/a", Control: "asterisk.ctl", Options: mainOptions{Verbose: 5, User: "pbx", Quiet: true}}
	f := asteriskFlags{verbose: 2, debug: 1, control: "/tmp/other.ctl", group: "phones", execIncludes: true}
	f.change(&d)
	want := mainOptions{Verbose: 5, Debug: 1, User: "pbx", Group: "phones", Quiet: true}
	if d.Options != want || d.Socket() != filepath.FromSlash("/tmp/other.ctl") || !d.ExecIncludes {
		t.Errorf("%+v, socket %s, execincludes %v", d.Options, d.Socket(), d.ExecIncludes)
	}
}

func TestDirs(t *testing.T) {
	home := filepath.FromSlash("/srv/home")
	with := func(text string) string {
		return config(t, map[string]string{"sip.conf": "", "asterisk.conf": text})
	}
	full := "[directories](!)\nastetcdir => /never\n[directories]\nastetcdir => /etc/pbx\nastvarlibdir => /v\nastdbdir => /db\nastrundir => /r\n" +
		"astlogdir => /l\nastspooldir => /s\nastmoddir => /m\n[files]\nastctl = pbx.ctl\n[options]\nexecincludes = yes\nverbose = 3\nrunuser = pbx\n"
	dir := with(full)
	for _, c := range []struct {
		what               string
		config, data, main string
		want               Dirs
		socket             string
	}{
		{"no asterisk.conf", config(t, nil), home, "", oneHome("DIR", home), "/srv/home/obelus.ctl"},
		{"-C says it all", "", "", filepath.Join(dir, "asterisk.conf"), Dirs{
			Config: "/etc/pbx", Data: "/db", Run: "/r", Control: "pbx.ctl", Log: "/l", Spool: "/s", VarLib: "/v", DataDir: "/v", Keys: "/v",
			AGI: "/v/agi-bin", Modules: "/m", ExecIncludes: true, Options: mainOptions{Verbose: 3, User: "pbx"}, Main: "DIR/asterisk.conf",
		}, "/r/pbx.ctl"},
		{"--config stays", dir, "", "", Dirs{
			Config: "DIR", Data: "/db", Run: "/r", Control: "pbx.ctl", Log: "/l", Spool: "/s", VarLib: "/v", DataDir: "/v", Keys: "/v",
			AGI: "/v/agi-bin", Modules: "/m", ExecIncludes: true, Options: mainOptions{Verbose: 3, User: "pbx"}, Main: "DIR/asterisk.conf",
		}, "/r/pbx.ctl"},
		{"--data keeps what is written", dir, home, "", Dirs{
			Config: "DIR", Data: home, Run: home, Control: "obelus.ctl", Log: home, Spool: home, VarLib: "/v", DataDir: "/v", Keys: "/v",
			AGI: "/v/agi-bin", Modules: "/m", ExecIncludes: true, Options: mainOptions{Verbose: 3, User: "pbx"}, Main: "DIR/asterisk.conf",
		}, "/srv/home/obelus.ctl"},
		{"the original's defaults", with("[options]\n"), "", "", Dirs{
			Config: "DIR", Data: "/var/lib/asterisk", Run: "/var/run/asterisk", Control: "asterisk.ctl", Log: "/var/log/asterisk",
			Spool: "/var/spool/asterisk", VarLib: "/var/lib/asterisk", DataDir: "/var/lib/asterisk", Keys: "/var/lib/asterisk",
			AGI: "/var/lib/asterisk/agi-bin", Modules: "/usr/lib/asterisk/modules", Main: "DIR/asterisk.conf",
		}, "/var/run/asterisk/asterisk.ctl"},
		{"Debian's sounds", with("[directories]\nastdatadir=/usr/share/asterisk\nastvarlibdir=/var/lib/asterisk\n"), home, "", Dirs{
			Config: "DIR", Data: home, Run: home, Control: "obelus.ctl", Log: home, Spool: home, VarLib: "/var/lib/asterisk",
			DataDir: "/usr/share/asterisk", Keys: "/var/lib/asterisk", AGI: "/usr/share/asterisk/agi-bin", Modules: home, Main: "DIR/asterisk.conf",
		}, "/srv/home/obelus.ctl"},
	} {
		got, _, err := findDirs(c.config, c.data, c.main)
		if err != nil {
			t.Fatal(err)
		}
		at := c.config
		if at == "" {
			at = dir
		}
		got.Config = strings.Replace(got.Config, at, "DIR", 1)
		got.Main = filepath.ToSlash(strings.Replace(got.Main, at, "DIR", 1))
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.what, got, c.want)
		}
		if got := filepath.ToSlash(got.Socket()); got != c.socket {
			t.Errorf("%s: socket %s, want %s", c.what, got, c.socket)
		}
	}
	if _, _, err := findDirs("", "", filepath.Join(t.TempDir(), "asterisk.conf")); err == nil {
		t.Error("-C with a file that is not there is taken")
	}
}

func TestBuiltinVariables(t *testing.T) {
	vars := oneHome("", "/srv/home").Builtins()
	for _, name := range []string{"ASTETCDIR", "ASTVARLIBDIR", "ASTDBDIR", "ASTKEYDIR", "ASTDATADIR", "ASTAGIDIR", "ASTSPOOLDIR", "ASTRUNDIR", "ASTLOGDIR", "ASTMODDIR"} {
		if vars[name] == "" {
			t.Errorf("%s reads as nothing", name)
		}
	}
}

func TestMainOptions(t *testing.T) {
	for line, want := range map[string]string{
		"verbose = 3":                "",
		"debug = yes":                "",
		"verbose = much":             "verbose: \"much\" is no level (0 is taken)",
		"live_dangerously = no":      "",
		"live_dangerously = yes":     "live_dangerously is not supported (functions that run programs are not there)",
		"maxfiles = 1000":            "maxfiles is not supported (the limit of the system holds)",
		"runusr = pbx":               "unknown option 'runusr' (it is ignored; did you mean runuser?)",
		"timestamp = yes":            "",
		"[files]\nastctlgroup = pbx": "astctlgroup is not supported (the console's socket is open to the server's user alone)",
		"[files]\nastct = pbx":       "unknown option 'astct' (it is ignored; did you mean astctl?)",
		"[compat]\napp_set = 1.4":    "app_set=1.4 is not supported (the way of 1.6 and later holds)",
		"[compat]\napp_set = 1.6":    "",
		"[compat]\nppp = 1.6":        "unknown option 'ppp' (it is ignored)",
		"[modules]":                  "unknown section [modules] (it is ignored)",
		"[directories]\nastlogdi=/l": "unknown option 'astlogdi' (it is ignored; did you mean astlogdir?)",
		"[directories]\nastlogdir=":  "astlogdir names no directory (the default is kept)",
	} {
		dir := config(t, map[string]string{"asterisk.conf": "[options]\n" + line + "\n"})
		_, found, err := findDirs(dir, "", "")
		var got []string
		for _, d := range found {
			_, text, _ := strings.Cut(d.String(), "warning: ")
			got = append(got, text)
		}
		var all []string
		if want != "" {
			all = []string{want}
		}
		if err != nil || !slices.Equal(got, all) {
			t.Errorf("%s: %q, %v; want %q", line, got, err, want)
		}
	}
}

// TestRun runs the program as it is called, by its exit codes.
func TestRun(t *testing.T) {
	good := config(t, map[string]string{"sip.conf": goodSIP, "extensions.conf": "[in]\nexten => _1X,1,Hangup(17)\n"})
	nowhere := filepath.Join(t.TempDir(), "nothing", "asterisk.conf")
	main := filepath.Join(config(t, map[string]string{"asterisk.conf": "[directories]\nastrundir=" + t.TempDir() + "\n"}), "asterisk.conf")
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
