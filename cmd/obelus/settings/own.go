package settings

import (
	"fmt"
	"slices"
	"strings"

	"obelus/conf"
	"obelus/music"
	"obelus/voicemail/mailbox"
)

// Own is what obelus.conf says: what no file of the original has a place
// for.
type Own struct {
	Store Store
	STUN  STUN
	Opus  Opus
	Media Engine
	// MP3Player is what MP3Player() runs, before the name of the file; nil for
	// mpg123.
	MP3Player []string
	Mail      mailbox.SMTP // no Host: mails go out by a program
}

// ownOption reads one option of obelus.conf. Its error says what is wrong, and
// what holds instead.
type ownOption func(c *Own, value string) error

// wrong is what an option's value is, and what holds instead.
type wrong struct{ what, instead string }

func (w wrong) Error() string { return w.what }

// ownSections are the options of obelus.conf by section.
func ownSections() map[string]map[string]ownOption {
	return map[string]map[string]ownOption{
		"store": storeOptions(),
		"stun":  stunOptions(),
		"media": engineOptions(mediaOptions()),
		"mail":  mailOptions(),
		"programs": {"mp3player": func(c *Own, v string) (err error) {
			if c.MP3Player, err = music.SplitCommand(v); err != nil {
				return wrong{"mp3player=" + v + ": " + err.Error(), "mpg123 is run"}
			}
			return nil
		}},
	}
}

// readOwn reads obelus.conf. f is nil where there is none.
func readOwn(f *conf.File) (c Own, found []conf.Diagnostic) {
	c = Own{Store: Store{Engine: SQLite}, STUN: stunDefaults()}
	if f == nil {
		return c, nil
	}
	warn := func(at conf.Pos, hint, format string, args ...any) {
		found = append(found, conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	sections := ownSections()
	for _, s := range f.Sections {
		if s.Template {
			continue
		}
		options, ok := sections[strings.ToLower(s.Name)]
		if !ok {
			warn(s.Pos, "there is ["+strings.Join(sortedKeys(sections), "], [")+"]", "unknown section [%s]", s.Name)
			continue
		}
		for _, e := range s.Entries {
			read, ok := options[strings.ToLower(e.Key)]
			if !ok {
				warn(e.Pos, "there is "+strings.Join(sortedKeys(options), "=, ")+"=", "unknown option '%s' in [%s]", e.Key, s.Name)
				continue
			}
			if err := read(&c, strings.TrimSpace(e.Value)); err != nil {
				hint := "the default is kept"
				if w, ok := err.(wrong); ok {
					hint = w.instead
				}
				warn(e.Pos, hint, "%v", err)
			}
		}
	}
	found = append(found, c.Store.settle(f)...)
	found = append(found, c.STUN.settle(f)...)
	return c, found
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
