package settings

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obelus/internal/filetree"
)

func TestDirs(t *testing.T) {
	home := filepath.FromSlash("/srv/home")
	with := func(text string) string {
		return filetree.Write(t, map[string]string{"sip.conf": "", "asterisk.conf": text})
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
		{"no asterisk.conf", filetree.Write(t, nil), home, "", oneHome("DIR", home), "/srv/home/obelus.ctl"},
		{"-C says it all", "", "", filepath.Join(dir, "asterisk.conf"), Dirs{
			Config: "/etc/pbx", Data: "/db", AstDB: "/db", Run: "/r", Control: "pbx.ctl", Log: "/l", Spool: "/s", VarLib: "/v", DataDir: "/v", Keys: "/v",
			AGI: "/v/agi-bin", Modules: "/m", ExecIncludes: true, Options: Main{Verbose: 3, User: "pbx"}, Main: "DIR/asterisk.conf",
		}, "/r/pbx.ctl"},
		{"--config stays", dir, "", "", Dirs{
			Config: "DIR", Data: "/db", AstDB: "/db", Run: "/r", Control: "pbx.ctl", Log: "/l", Spool: "/s", VarLib: "/v", DataDir: "/v", Keys: "/v",
			AGI: "/v/agi-bin", Modules: "/m", ExecIncludes: true, Options: Main{Verbose: 3, User: "pbx"}, Main: "DIR/asterisk.conf",
		}, "/r/pbx.ctl"},
		{"--data keeps what is written", dir, home, "", Dirs{
			Config: "DIR", Data: home, AstDB: "/db", Run: home, Control: "obelus.ctl", Log: home, Spool: home, VarLib: "/v", DataDir: "/v", Keys: "/v",
			AGI: "/v/agi-bin", Modules: "/m", ExecIncludes: true, Options: Main{Verbose: 3, User: "pbx"}, Main: "DIR/asterisk.conf",
		}, "/srv/home/obelus.ctl"},
		{"the original's defaults", with("[options]\n"), "", "", Dirs{
			Config: "DIR", Data: "/var/lib/asterisk", AstDB: "/var/lib/asterisk", Run: "/var/run/asterisk", Control: "asterisk.ctl", Log: "/var/log/asterisk",
			Spool: "/var/spool/asterisk", VarLib: "/var/lib/asterisk", DataDir: "/var/lib/asterisk", Keys: "/var/lib/asterisk",
			AGI: "/var/lib/asterisk/agi-bin", Modules: "/usr/lib/asterisk/modules", Main: "DIR/asterisk.conf",
		}, "/var/run/asterisk/asterisk.ctl"},
		{"Debian's sounds", with("[directories]\nastdatadir=/usr/share/asterisk\nastvarlibdir=/var/lib/asterisk\n"), home, "", Dirs{
			Config: "DIR", Data: home, AstDB: "/var/lib/asterisk", Run: home, Control: "obelus.ctl", Log: home, Spool: home, VarLib: "/var/lib/asterisk",
			DataDir: "/usr/share/asterisk", Keys: "/var/lib/asterisk", AGI: "/usr/share/asterisk/agi-bin", Modules: home, Main: "DIR/asterisk.conf",
		}, "/srv/home/obelus.ctl"},
	} {
		got, _, err := Find(c.config, c.data, c.main)
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
	if _, _, err := Find("", "", filepath.Join(t.TempDir(), "asterisk.conf")); err == nil {
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
		"live_dangerously = yes":     "live_dangerously=yes: whoever may set and read variables from outside can run programs and read files by functions (no lets the dialplan alone do so)",
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
		dir := filetree.Write(t, map[string]string{"asterisk.conf": "[options]\n" + line + "\n"})
		_, found, err := Find(dir, "", "")
		var got []string
		for _, d := range found {
			_, text, _ := strings.Cut(d.String(), d.Severity.String()+": ")
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
