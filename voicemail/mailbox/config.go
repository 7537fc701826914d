package mailbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"obelus/conf"
)

// Read reads voicemail.conf, nil for none: then there is no mailbox.
func Read(f *conf.File) (*Settings, []conf.Diagnostic) {
	r := &reader{s: Defaults(), set: options()}
	if f == nil {
		return r.s, nil
	}
	for _, sec := range f.Sections {
		if !sec.Template && sec.Name == "general" {
			r.general(sec)
		}
	}
	for _, sec := range f.Sections {
		switch {
		case sec.Template, sec.Name == "general":
		case sec.Name == "zonemessages":
			r.zones(sec)
		case r.s.General.AliasContext != "" && sec.Name == r.s.General.AliasContext:
			r.aliases(sec)
		default:
			r.boxes(sec)
		}
	}
	r.look()
	return r.s, r.found
}

// reader reads a voicemail.conf.
type reader struct {
	s     *Settings
	set   map[string]setter
	found []conf.Diagnostic
	zoned []zoned
}

// zoned is where a zone is named.
type zoned struct {
	name string
	at   conf.Pos
}

func (r *reader) say(at conf.Pos, how conf.Severity, hint, format string, a ...any) {
	r.found = append(r.found, conf.Diagnostic{Pos: at, Severity: how, Message: fmt.Sprintf(format, a...), Hint: hint})
}

func (r *reader) general(sec *conf.Section) {
	known := generalOptions()
	for _, e := range sec.Entries {
		key := strings.ToLower(e.Key)
		var err error
		switch put, own := known[key], r.set[key]; {
		case put != nil:
			err = put(&r.s.General, e.Value)
		case key == "delete" || key == "deletevoicemail" || key == "hidefromdir":
			r.say(e.Pos, conf.Warning, "it does nothing in [general], as with the original", "%s belongs to a mailbox", e.Key)
			continue
		case own != nil:
			err = own(&r.s.General.Options, e.Value)
		case unsupported(key) != "":
			r.say(e.Pos, conf.Warning, "it does nothing", "%s is not supported: %s", e.Key, unsupported(key))
			continue
		default:
			r.unknown(e, known)
			continue
		}
		if err != nil {
			r.say(e.Pos, conf.Warning, "the default stays", "%s: %v", e.Key, err)
		}
		if key == "tz" {
			r.zoned = append(r.zoned, zoned{e.Value, e.Pos})
		}
	}
}

func (r *reader) unknown(e conf.Entry, known map[string]func(*General, string) error) {
	var names []string
	for k := range known {
		names = append(names, k)
	}
	for k := range r.set {
		names = append(names, k)
	}
	slices.Sort(names)
	hint := "it does nothing"
	if near := conf.Nearest(e.Key, names); near != "" {
		hint += "; did you mean " + near + "?"
	}
	r.say(e.Pos, conf.Warning, hint, "there is no option '%s'", e.Key)
}

func (r *reader) zones(sec *conf.Section) {
	for _, e := range sec.Entries {
		location, format, ok := strings.Cut(e.Value, "|")
		if !ok {
			r.say(e.Pos, conf.Warning, "there is no such zone", "Invalid timezone definition at line %d", e.Pos.Line)
			continue
		}
		z := Zone{Name: e.Key, Location: strings.TrimSpace(location), Format: strings.TrimSpace(format)}
		if _, err := time.LoadLocation(z.Location); err != nil {
			r.say(e.Pos, conf.Warning, "UTC is said", "zone %s: %v", z.Name, err)
		}
		r.s.Zones = append(r.s.Zones, z)
	}
}

func (r *reader) aliases(sec *conf.Section) {
	if r.s.alias == nil {
		r.s.alias = make(map[string]*Alias)
	}
	for _, e := range sec.Entries {
		a := Alias{e.Key, e.Value}
		for _, name := range []*string{&a.Name, &a.To} {
			if !strings.Contains(*name, "@") {
				*name += "@default"
			}
		}
		r.s.Aliases = append(r.s.Aliases, a)
		r.s.alias[strings.ToLower(a.Name)] = &a
	}
}

func (r *reader) boxes(sec *conf.Section) {
	for _, e := range sec.Entries {
		if !fileName(e.Key) || !fileName(sec.Name) {
			r.say(e.Pos, conf.Warning, "there is no such mailbox", "mailbox '%s@%s' can't be the name of a folder", e.Key, sec.Name)
			continue
		}
		b := r.s.parseBox(sec.Name, e.Key, e.Value, r.set, func(format string, a ...any) { r.say(e.Pos, conf.Warning, "", format, a...) })
		b.file, b.line = e.Pos.File, e.Pos.Line
		if b.TZ != r.s.General.TZ {
			r.zoned = append(r.zoned, zoned{b.TZ, e.Pos})
		}
		if r.s.byName[strings.ToLower(b.ID())] != nil {
			r.say(e.Pos, conf.Warning, "the later line holds", "mailbox %s is there twice", b.ID())
		}
		r.s.add(b)
	}
}

// shownWeak is how many mailboxes with a weak password are named.
const shownWeak = 5

// look looks at what can be known once all is read.
func (r *reader) look() {
	var weak []string
	locales := map[string]bool{}
	for _, b := range r.s.Boxes {
		if !locales[b.Locale] && !knownLocale(b.Locale) {
			r.say(conf.Pos{File: b.file, Line: b.line}, conf.Warning, "dates in mails are in English", "the names of days of locale %s are not known", b.Locale)
		}
		locales[b.Locale] = true
		if secret := strings.TrimPrefix(b.Password, "-"); !b.SecretInSpool && (secret == "" || secret == b.Name) {
			weak = append(weak, b.ID())
		}
		b.location = time.Local
		if z, ok := r.s.Zone(b.TZ); ok {
			b.location = time.UTC
			if l, err := time.LoadLocation(z.Location); err == nil {
				b.location = l
			}
		}
	}
	if len(weak) > 0 {
		more := ""
		if len(weak) > shownWeak {
			weak, more = weak[:shownWeak], fmt.Sprintf(" and %d more", len(weak)-shownWeak)
		}
		r.say(conf.Pos{File: "voicemail.conf"}, conf.Note, "whoever can dial VoiceMailMain hears their messages", "mailboxes with no password, or their own number: %s%s", strings.Join(weak, ", "), more)
	}
	for _, z := range r.zoned {
		if _, ok := r.s.Zone(z.name); !ok && z.name != "" {
			r.say(z.at, conf.Warning, "dates are said as without one", "there is no zone '%s' in [zonemessages]", z.name)
		}
	}
	for _, a := range r.s.Aliases {
		if r.s.byName[strings.ToLower(a.To)] == nil {
			r.say(conf.Pos{File: "voicemail.conf"}, conf.Warning, "", "alias %s is of no mailbox: %s", a.Name, a.To)
		}
	}
}
