package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"obelus/conf"
)

// Dirs says where files are: [directories] of asterisk.conf, or one data
// directory where there is none.
type Dirs struct {
	Config       string // "" for the built-in files
	Data         string // state.db and the like
	AstDB        string // where the original's database is, also where Data is elsewhere; "" without an asterisk.conf
	Run          string // the control socket
	Control      string // its name
	Log          string
	Spool        string
	VarLib       string // sounds lie below it
	DataDir      string // astdatadir, likewise
	Keys         string
	AGI          string
	Modules      string // there are none: for those who ask the dialplan
	ExecIncludes bool
	Main         string // the asterisk.conf that was read; "" for none
	Options      Main
}

// Socket is the path of the control socket.
func (d Dirs) Socket() string { return filepath.Join(d.Run, d.Control) }

// ConsoleCommand is what a person types to attach to the server.
func (d Dirs) ConsoleCommand() string {
	switch {
	case d.Run == d.Data && d.Data == dataHome():
		return "obelus console"
	case d.Run == d.Data:
		return "obelus console --data " + d.Data
	case d.Main == "/etc/obelus/asterisk.conf" || d.Main == "/etc/asterisk/asterisk.conf":
		return "obelus -r"
	}
	return "obelus -C " + d.Main + " -r"
}

// Music are the directories that a relative directory of musiconhold.conf is below.
func (d Dirs) Music() []string {
	var out []string
	for _, dir := range []string{d.DataDir, d.VarLib, "/var/lib/asterisk", "/usr/share/asterisk"} {
		if dir != "" && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// Sounds are the directories that prompts are looked for in.
func (d Dirs) Sounds() []string {
	out := []string{filepath.Join(d.VarLib, "sounds")}
	for _, more := range []string{d.DataDir, "/var/lib/asterisk", "/usr/share/asterisk"} {
		if p := filepath.Join(more, "sounds"); more != "" && p != out[0] {
			out = append(out, p)
		}
	}
	return out
}

// Scripts are the directories that AGI scripts are looked for in: ours, and where an
// Asterisk on the same machine has its own.
func (d Dirs) Scripts() []string {
	out := []string{d.AGI}
	for _, p := range []string{"/var/lib/asterisk/agi-bin", "/usr/share/asterisk/agi-bin"} {
		if p != d.AGI {
			out = append(out, p)
		}
	}
	return out
}

// Builtins are the variables that name directories in the dialplan.
func (d Dirs) Builtins() map[string]string {
	config := d.Config
	if config == "" {
		config = d.Data
	}
	return map[string]string{
		"ASTETCDIR": config, "ASTVARLIBDIR": d.VarLib, "ASTDBDIR": d.Data, "ASTKEYDIR": d.Keys, "ASTDATADIR": d.DataDir,
		"ASTAGIDIR": d.AGI, "ASTSPOOLDIR": d.Spool, "ASTRUNDIR": d.Run, "ASTLOGDIR": d.Log, "ASTMODDIR": d.Modules,
	}
}

// dataHome is the data directory that is used where none is given.
func dataHome() string {
	switch {
	case runtime.GOOS == "windows":
		if d := os.Getenv("ProgramData"); d != "" {
			return filepath.Join(d, "obelus")
		}
	case os.Geteuid() == 0:
		return "/var/lib/obelus"
	}
	if d := os.Getenv("XDG_DATA_HOME"); d != "" {
		return filepath.Join(d, "obelus")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "obelus-data"
	}
	return filepath.Join(home, ".local", "share", "obelus")
}

// configHome is the first directory that has a sip.conf or an extensions.conf;
// "" where none has.
func configHome() string {
	for _, d := range []string{"/etc/obelus", "/etc/asterisk"} {
		for _, f := range []string{"sip.conf", "extensions.conf"} {
			if _, err := os.Stat(filepath.Join(d, f)); err == nil {
				return d
			}
		}
	}
	return ""
}

// oneHome has everything that is kept in one directory.
func oneHome(config, home string) Dirs {
	return Dirs{
		Config: config, Data: home, Run: home, Control: "obelus.ctl", Log: home, Spool: home, VarLib: home, DataDir: home, Keys: home,
		AGI: filepath.Join(home, "agi-bin"), Modules: home,
	}
}

// spreadOut has everything where the original has it when asterisk.conf does not
// say otherwise.
func (d *Dirs) spreadOut() {
	d.VarLib, d.DataDir, d.Data, d.Keys = "/var/lib/asterisk", "/var/lib/asterisk", "/var/lib/asterisk", "/var/lib/asterisk"
	d.AGI, d.Modules = "/var/lib/asterisk/agi-bin", "/usr/lib/asterisk/modules"
	d.Run, d.Control, d.Log, d.Spool = "/var/run/asterisk", "asterisk.ctl", "/var/log/asterisk", "/var/spool/asterisk"
}

// Find settles where everything is. config and data may be "", main is the
// asterisk.conf of -C, "" for the one in the configuration directory. A
// directory that is named with config stays, whatever astetcdir says; and where
// data is named, whatever the server writes is there.
func Find(config, data, main string) (Dirs, []conf.Diagnostic, error) {
	etc := config
	switch {
	case etc == "" && main != "":
		etc = filepath.Dir(main)
	case etc == "":
		etc = configHome()
	}
	home := data
	if home == "" {
		home = dataHome()
	}
	d := oneHome(etc, home)
	if etc == "" {
		return d, nil, nil
	}
	name := main
	if name == "" {
		name = filepath.Join(etc, "asterisk.conf")
	}
	l := conf.Loader{Dir: filepath.Dir(name)}
	f, found, err := l.Load(filepath.Base(name))
	if errors.Is(err, fs.ErrNotExist) && main == "" {
		return d, found, nil
	}
	if err != nil {
		return d, found, err
	}
	d.Main = name
	if data == "" && runtime.GOOS != "windows" {
		d.spreadOut()
	}
	d.AstDB = astDB(f)
	more := d.read(f, config != "", data != "")
	return d, append(found, more...), nil
}

// astDB is the astdbdir of asterisk.conf, which is the original's whatever directory we are told to work in.
func astDB(f *conf.File) string {
	if s := f.Section("directories"); s != nil && !s.Template {
		for _, key := range []string{"astdbdir", "astvarlibdir"} {
			if v, ok := s.Get(key); ok && v != "" {
				return v
			}
		}
	}
	return "/var/lib/asterisk"
}
