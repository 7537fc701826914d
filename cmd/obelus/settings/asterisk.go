package settings

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"obelus/conf"
)

// Main is [options] of asterisk.conf, as far as it is carried out.
type Main struct {
	Verbose, Debug int
	User, Group    string // whom to run as
	Quiet          bool   // no greeting
	Console        bool   // a console on the terminal, as -c
	DumpCore       bool
	// LiveDangerously lets whoever asks from outside the dialplan use functions that reach beyond the telephone.
	LiveDangerously bool
	// Language is what prompts are played in where nothing else is said: defaultlanguage, "" for English.
	Language string
}

// mainReader reads asterisk.conf.
type mainReader struct {
	dirs                   *Dirs
	configGiven, dataGiven bool
	found                  []conf.Diagnostic
}

// read takes asterisk.conf in. configGiven and dataGiven say that a directory
// was named on the command line, and stays.
func (d *Dirs) read(f *conf.File, configGiven, dataGiven bool) []conf.Diagnostic {
	r := &mainReader{dirs: d, configGiven: configGiven, dataGiven: dataGiven}
	readers := map[string]func(conf.Entry){
		"directories": r.directory, "options": r.option, "files": r.file, "compat": r.compat,
	}
	for _, s := range f.Sections {
		read := readers[strings.ToLower(s.Name)]
		switch {
		case s.Template && read != nil:
			r.say(s.Pos, conf.Note, "take the (!) away to have it count", "[%s](!) is a template: the defaults of the original hold", s.Name)
		case s.Template:
		case read == nil:
			r.say(s.Pos, conf.Warning, "it is ignored", "unknown section [%s]", s.Name)
		default:
			for _, e := range s.Entries {
				read(e)
			}
		}
	}
	if f.Section("directories") != nil {
		r.follow(f.Section("directories"))
	}
	return r.found
}

func (r *mainReader) say(at conf.Pos, severity conf.Severity, hint, format string, args ...any) {
	r.found = append(r.found, conf.Diagnostic{Pos: at, Severity: severity, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// unknown names the nearest option to one that is none.
func (r *mainReader) unknown(e conf.Entry, known []string) {
	slices.Sort(known)
	hint := "it is ignored"
	if near := conf.Nearest(e.Key, known); near != "" {
		hint += "; did you mean " + near + "?"
	}
	r.say(e.Pos, conf.Warning, hint, "unknown option '%s'", e.Key)
}

// directory takes one line of [directories].
func (r *mainReader) directory(e conf.Entry) {
	d := r.dirs
	read := map[string]*string{"astvarlibdir": &d.VarLib, "astdatadir": &d.DataDir, "astkeydir": &d.Keys, "astagidir": &d.AGI, "astmoddir": &d.Modules}
	written := map[string]*string{"astdbdir": &d.Data, "astrundir": &d.Run, "astlogdir": &d.Log, "astspooldir": &d.Spool, "astspoollogdir": new(string)}
	key := strings.ToLower(e.Key)
	switch {
	case e.Value == "":
		r.say(e.Pos, conf.Warning, "the default is kept", "%s names no directory", e.Key)
	case key == "astetcdir":
		if !r.configGiven {
			d.Config = e.Value
		} else if filepath.Clean(e.Value) != filepath.Clean(d.Config) {
			r.say(e.Pos, conf.Note, d.Config+" was named and is read", "astetcdir is %s", e.Value)
		}
	case read[key] != nil:
		*read[key] = e.Value
	case written[key] != nil:
		if !r.dataGiven {
			*written[key] = e.Value
		}
	case key == "astcachedir" || key == "astsbindir":
		// Nothing is cached in files, and nothing looks for its own program.
	default:
		known := []string{"astetcdir", "astcachedir", "astsbindir"}
		for _, m := range []map[string]*string{read, written} {
			for k := range m {
				known = append(known, k)
			}
		}
		r.unknown(e, known)
	}
}

// follow has the directories move along that lie below another unless they are
// named themselves, as in the original.
func (r *mainReader) follow(s *conf.Section) {
	named := func(key string) bool { v, ok := s.Get(key); return ok && v != "" }
	d := r.dirs
	if named("astvarlibdir") {
		if !named("astdatadir") {
			d.DataDir = d.VarLib
		}
		if !named("astkeydir") {
			d.Keys = d.VarLib
		}
		if !named("astdbdir") && !r.dataGiven {
			d.Data = d.VarLib
		}
	}
	if (named("astdatadir") || named("astvarlibdir")) && !named("astagidir") {
		d.AGI = filepath.Join(d.DataDir, "agi-bin")
	}
}

// file takes one line of [files].
func (r *mainReader) file(e conf.Entry) {
	switch strings.ToLower(e.Key) {
	case "astctl":
		if !r.dataGiven && e.Value != "" {
			r.dirs.Control = filepath.Base(e.Value)
		}
	case "astctlpermissions", "astctlowner", "astctlgroup":
		r.say(e.Pos, conf.Warning, "the console's socket is open to the server's user alone", "%s is not supported", e.Key)
	default:
		r.unknown(e, []string{"astctl", "astctlpermissions", "astctlowner", "astctlgroup"})
	}
}

// compat takes one line of [compat]: only the ways of 1.6 and later are known.
func (r *mainReader) compat(e conf.Entry) {
	switch strings.ToLower(e.Key) {
	case "app_set", "pbx_realtime", "res_agi":
		if strings.HasPrefix(e.Value, "1.2") || strings.HasPrefix(e.Value, "1.4") {
			r.say(e.Pos, conf.Warning, "the way of 1.6 and later holds", "%s=%s is not supported", e.Key, e.Value)
		}
	default:
		r.unknown(e, []string{"app_set", "pbx_realtime", "res_agi"})
	}
}

// option takes one line of [options].
func (r *mainReader) option(e conf.Entry) {
	o := &r.dirs.Options
	flags := map[string]*bool{"execincludes": &r.dirs.ExecIncludes, "quiet": &o.Quiet, "dumpcore": &o.DumpCore, "console": &o.Console, "live_dangerously": &o.LiveDangerously}
	texts := map[string]*string{"runuser": &o.User, "rungroup": &o.Group, "defaultlanguage": &o.Language}
	levels := map[string]*int{"verbose": &o.Verbose, "debug": &o.Debug}
	later := laterMainOptions()
	key := strings.ToLower(e.Key)
	why, known := later[key]
	switch {
	case flags[key] != nil:
		*flags[key] = conf.True(e.Value)
		if o.LiveDangerously && key == "live_dangerously" {
			r.say(e.Pos, conf.Note, "no lets the dialplan alone do so", "live_dangerously=yes: whoever may set and read variables from outside can run programs and read files by functions")
		}
	case texts[key] != nil:
		*texts[key] = e.Value
	case levels[key] != nil:
		*levels[key] = r.level(e)
	case known:
		if why != "" && !conf.False(e.Value) {
			r.say(e.Pos, conf.Warning, why, "%s is not supported", e.Key)
		}
	default:
		names := []string{"execincludes", "quiet", "dumpcore", "console", "live_dangerously", "runuser", "rungroup", "defaultlanguage", "verbose", "debug"}
		for k := range later {
			names = append(names, k)
		}
		r.unknown(e, names)
	}
}

// level reads verbose= and debug=: a number, or yes for 1.
func (r *mainReader) level(e conf.Entry) int {
	if n, err := strconv.Atoi(strings.TrimSpace(e.Value)); err == nil && n >= 0 {
		return n
	}
	if conf.True(e.Value) {
		return 1
	}
	if !conf.False(e.Value) {
		r.say(e.Pos, conf.Warning, "0 is taken", "%s: %q is no level", e.Key, e.Value)
	}
	return 0
}

// laterMainOptions are options of [options] that are known and not carried out,
// and what happens instead; "" where nothing is lost.
func laterMainOptions() map[string]string {
	return map[string]string{
		"nofork": "", "timestamp": "", "nocolor": "", "dontwarn": "", "internal_timing": "", "forceblackbackground": "", "lightbackground": "",
		"forcewhitebackground": "", "documentation_language": "", "transmit_silence": "", "transmit_silence_during_record": "", "transcode_via_sln": "",
		"stdexten": "", "rtp_use_dynamic": "", "rtp_pt_dynamic": "", "hideconnect": "", "lockconfdir": "", "sendfullybooted": "",
		"languageprefix": "", "entityid": "", "cache_media_frames": "",
		"alwaysfork": "it stays in the foreground", "highpriority": "it runs at the priority it was started with",
		"initcrypto": "keys with a passphrase are not read", "minmemfree": "calls are taken whatever memory is free",
		"maxcalls": "calls are not counted", "maxload": "calls are taken whatever the load", "maxfiles": "the limit of the system holds",
		"systemname": "unique IDs have no prefix", "autosystemname": "unique IDs have no prefix",
		"record_cache_dir": "nothing is recorded", "cache_record_files": "nothing is recorded", "phoneprov": "phones are not provisioned",
		"mindtmfduration": "keys are passed on as long as they were pressed", "astcachedir": "nothing is cached",
	}
}
