package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"obelus/conf"
)

// Dirs says where files are: [directories] of asterisk.conf, or one data
// directory where there is none.
type Dirs struct {
	Config       string // "" for the built-in files
	Data         string // state.db and the like
	Run          string // the control socket
	Control      string // its name
	Log          string
	Spool        string
	VarLib       string // sounds lie below it
	DataDir      string // astdatadir, likewise
	ExecIncludes bool
	Asterisk     bool // asterisk.conf was read
}

// Socket is the path of the control socket.
func (d Dirs) Socket() string { return filepath.Join(d.Run, d.Control) }

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

// Builtins are the variables that name directories in the dialplan.
func (d Dirs) Builtins() map[string]string {
	config := d.Config
	if config == "" {
		config = d.Data
	}
	return map[string]string{
		"ASTETCDIR": config, "ASTVARLIBDIR": d.VarLib, "ASTDBDIR": d.Data, "ASTKEYDIR": d.VarLib, "ASTDATADIR": d.DataDir,
		"ASTAGIDIR": filepath.Join(d.DataDir, "agi-bin"), "ASTSPOOLDIR": d.Spool, "ASTRUNDIR": d.Run, "ASTLOGDIR": d.Log, "ASTMODDIR": "",
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

// findDirs settles where everything is. config and data may be "", main is the
// asterisk.conf of -C, "" for the one in the configuration directory.
func findDirs(config, data, main string) (Dirs, []conf.Diagnostic, error) {
	if config == "" && main != "" {
		config = filepath.Dir(main)
	}
	if config == "" {
		config = configHome()
	}
	home := data
	if home == "" {
		home = dataHome()
	}
	d := Dirs{Config: config, Data: home, Run: home, Control: "obelus.ctl", Log: home, Spool: home, VarLib: home, DataDir: home}
	if config == "" && main == "" {
		return d, nil, nil
	}
	name := main
	if name == "" {
		name = filepath.Join(config, "asterisk.conf")
	}
	l := conf.Loader{Dir: filepath.Dir(name)}
	f, found, err := l.Load(filepath.Base(name))
	if errors.Is(err, fs.ErrNotExist) && main == "" {
		return d, found, nil
	}
	if err != nil {
		return d, found, err
	}
	d.read(f, data != "")
	return d, found, nil
}

// read takes [directories], [files] and [options] of asterisk.conf. Where --data
// was given, what the server writes stays there.
func (d *Dirs) read(f *conf.File, dataGiven bool) {
	d.Asterisk = true
	if s := f.Section("directories"); s != nil {
		set := func(key string, at *string) {
			if v, ok := s.Get(key); ok && v != "" {
				*at = v
			}
		}
		set("astetcdir", &d.Config)
		set("astvarlibdir", &d.VarLib)
		d.DataDir = d.VarLib
		set("astdatadir", &d.DataDir)
		if !dataGiven {
			set("astdbdir", &d.Data)
			set("astrundir", &d.Run)
			set("astlogdir", &d.Log)
			set("astspooldir", &d.Spool)
			d.Control = "asterisk.ctl"
		}
	}
	if s := f.Section("files"); s != nil && !dataGiven {
		if v, ok := s.Get("astctl"); ok {
			d.Control = filepath.Base(v)
		}
	}
	if s := f.Section("options"); s != nil {
		v, _ := s.Get("execincludes")
		d.ExecIncludes = conf.True(strings.TrimSpace(v))
	}
}
