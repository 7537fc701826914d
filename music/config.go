package music

import (
	"fmt"
	"sort"
	"strings"

	"obelus/conf"
	"obelus/media"
)

// Config is what musiconhold.conf says.
type Config struct {
	PreferChannelClass bool // the channel's own class before the wish of whoever has it wait
	Classes            map[string]*Class
}

// Order is in which order the files of a class are played.
type Order int

// The orders.
const (
	Alphabetical Order = iota
	Random
	RandomStart // alphabetical, from anywhere on
)

// Class is one class of music.
type Class struct {
	Name         string
	Files        bool     // of files, not of a program
	Directory    string   // of files; below a data directory where it is relative
	Entries      []string // mode=playlist: files by their names, URLs are not played
	Order        Order
	Announcement string // a sound that is played between two pieces
	AnsweredOnly bool   // not for a channel that nobody has answered
	Command      []string
	Format       media.Format // of what the program writes
}

// Defaults is the configuration where there is no musiconhold.conf: class default of
// the files in moh below the data directory.
func Defaults() Config {
	return Config{PreferChannelClass: true, Classes: map[string]*Class{
		"default": {Name: "default", Files: true, Directory: "moh", Format: media.Slin},
	}}
}

// Read reads musiconhold.conf; f is nil where there is none.
func Read(f *conf.File) (Config, []conf.Diagnostic) {
	if f == nil {
		return Defaults(), nil
	}
	r := reader{c: Config{PreferChannelClass: true, Classes: make(map[string]*Class)}}
	for _, s := range f.Sections {
		switch {
		case s.Template:
		case strings.EqualFold(s.Name, "general"):
			r.general(s)
		case strings.EqualFold(s.Name, "classes"), strings.EqualFold(s.Name, "moh_files"):
			if len(s.Entries) > 0 {
				r.say(s.Entries[0].Pos, "["+s.Name+"] is not read, as in the original since 1.6", "write a section for each class: [default], mode=files, directory=moh")
			}
		default:
			r.class(s)
		}
	}
	return r.c, r.found
}

type reader struct {
	c     Config
	found []conf.Diagnostic
}

func (r *reader) say(at conf.Pos, what, hint string) {
	r.found = append(r.found, conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: what, Hint: hint})
}

func (r *reader) general(s *conf.Section) {
	for _, e := range s.Entries {
		switch strings.ToLower(e.Key) {
		case "preferchannelclass":
			r.c.PreferChannelClass = conf.True(e.Value)
		case "cachertclasses":
			r.found = append(r.found, conf.Diagnostic{Pos: e.Pos, Severity: conf.Note, Message: "cachertclasses has no effect", Hint: "there are no classes from a realtime database"})
		default:
			r.unknown(e, []string{"preferchannelclass", "cachertclasses"})
		}
	}
}

func (r *reader) unknown(e conf.Entry, known []string) {
	hint := "it is ignored"
	if near := conf.Nearest(e.Key, known); near != "" {
		hint += "; did you mean " + near + "?"
	}
	r.say(e.Pos, "musiconhold.conf has no option '"+e.Key+"'", hint)
}

// classOptions are those of a class.
func classOptions() []string {
	return []string{"mode", "directory", "application", "format", "sort", "random", "digit", "announcement", "answeredonly", "loop_last", "entry",
		"kill_escalation_delay", "kill_method", "chan_start_mode"}
}

func (r *reader) class(s *conf.Section) {
	c := &Class{Name: s.Name, Format: media.Slin}
	mode, application := "", ""
	var at conf.Pos
	for _, e := range s.Entries {
		at = e.Pos
		v := strings.TrimSpace(e.Value)
		switch strings.ToLower(e.Key) {
		case "mode":
			mode = strings.ToLower(v)
		case "directory":
			c.Directory = v
		case "application":
			application = v
		case "announcement":
			c.Announcement = v
		case "answeredonly":
			c.AnsweredOnly = conf.True(v)
		case "entry":
			r.entry(c, e)
		case "sort", "random":
			r.order(c, e)
		case "format":
			r.format(c, e)
		case "digit", "loop_last", "kill_escalation_delay", "kill_method", "chan_start_mode":
			r.found = append(r.found, conf.Diagnostic{Pos: e.Pos, Severity: conf.Note, Message: strings.ToLower(e.Key) + " is not supported and does nothing"})
		default:
			r.unknown(e, classOptions())
		}
	}
	if r.finish(c, mode, application, at) {
		r.c.Classes[strings.ToLower(s.Name)] = c
	}
}

func (r *reader) entry(c *Class, e conf.Entry) {
	if strings.Contains(e.Value, "://") {
		r.say(e.Pos, "an entry that is a URL is not supported", "fetch it into a file")
		return
	}
	c.Entries = append(c.Entries, strings.TrimSpace(e.Value))
}

func (r *reader) order(c *Class, e conf.Entry) {
	switch v := strings.ToLower(strings.TrimSpace(e.Value)); {
	case strings.EqualFold(e.Key, "random"):
		if conf.True(v) {
			c.Order = Random
		}
	case v == "alpha":
		c.Order = Alphabetical
	case v == "random":
		c.Order = Random
	case v == "randstart":
		c.Order = RandomStart
	default:
		r.say(e.Pos, fmt.Sprintf("sort=%s is not known", e.Value), "it is one of alpha, random, randstart")
	}
}

func (r *reader) format(c *Class, e conf.Entry) {
	f, ok := media.ByName(e.Value)
	if !ok || f.Kind() != media.Audio {
		r.say(e.Pos, fmt.Sprintf("format=%s is not known", e.Value), "slin is taken")
		return
	}
	c.Format = f
}

// finish settles what the class plays; false where that is nothing.
func (r *reader) finish(c *Class, mode, application string, at conf.Pos) bool {
	switch mode {
	case "files", "":
		if mode == "" && application != "" {
			return r.program(c, application, at)
		}
		c.Files = true
		if c.Directory == "" {
			r.say(at, "class '"+c.Name+"' names no directory", "it is left out")
			return false
		}
	case "playlist":
		c.Files = true
		if len(c.Entries) == 0 {
			r.say(at, "class '"+c.Name+"' has no entry", "it is left out")
			return false
		}
	case "custom":
		if application == "" {
			r.say(at, "class '"+c.Name+"' names no application", "it is left out")
			return false
		}
		return r.program(c, application, at)
	case "quietmp3", "quietmp3nb", "mp3", "mp3nb", "httpmp3":
		mpg123(c, mode)
	default:
		r.say(at, fmt.Sprintf("mode=%s is not known", mode), "class '"+c.Name+"' is left out; it is one of files, playlist, custom, quietmp3, mp3")
		return false
	}
	return true
}

func (r *reader) program(c *Class, line string, at conf.Pos) bool {
	words, err := SplitCommand(line)
	if err != nil || len(words) == 0 {
		r.say(at, fmt.Sprintf("class '%s': application=%s: %v", c.Name, line, err), "it is left out")
		return false
	}
	c.Command = words
	return true
}

// mpg123 is what the original's old modes run: all MP3 files of the directory, as
// slin of 8,000 samples a second; the quiet ones at a quarter of the loudness.
func mpg123(c *Class, mode string) {
	scale := "32768"
	if strings.HasPrefix(mode, "quiet") {
		scale = "8192"
	}
	c.Command = []string{"mpg123", "-q", "-s", "--mono", "-r", "8000", "-f", scale, "--loop", "-1"}
	if strings.Contains(c.Directory, "://") {
		c.Command = append(c.Command, c.Directory)
		c.Directory = ""
	}
}

// SplitCommand splits a command line at blanks; quotes keep words together. No shell
// is asked.
func SplitCommand(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	in, quote := false, byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, in = c, true
		case c == ' ' || c == '\t':
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote %c is not closed", quote)
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}

// Names lists the classes.
func (c *Config) Names() []string {
	var out []string
	for _, x := range c.Classes {
		out = append(out, x.Name)
	}
	sort.Strings(out)
	return out
}
