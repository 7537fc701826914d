package check

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"obelus/cmd/obelus/settings"
	"obelus/conf"
	"obelus/dialplan/expand"
	"obelus/media/sound"
)

// coreSounds are the names of the sounds that the original's own set has, in every
// language.
//
//go:embed coresounds.txt
var coreSounds string

// playing says where in its arguments an application names sounds.
func playing() map[string]int {
	return map[string]int{"playback": 0, "background": 0, "controlplayback": 0, "read": 1, "readexten": 1, "authenticate": 3}
}

// played is the sounds of a plan, each with the step that plays it first.
func played(c *settings.Files) (names []string, at map[string]conf.Pos) {
	at = make(map[string]conf.Pos)
	where := playing()
	for _, context := range c.Plan.Contexts {
		for _, e := range context.Extensions {
			for _, s := range e.Priorities {
				i, ok := where[strings.ToLower(s.App)]
				if !ok {
					continue
				}
				for _, name := range soundsOf(strings.ToLower(s.App), s.Data, i) {
					if _, known := at[name]; !known {
						at[name] = s.Pos
						names = append(names, name)
					}
				}
			}
		}
	}
	return names, at
}

// soundsOf is the sounds that a step names, without those that are read from
// variables, tones, and what is said by say.conf.
func soundsOf(app, data string, argument int) (names []string) {
	args := expand.RawArgs(data, 8)
	options := strings.ToLower(expand.Arg(args, 1))
	if app == "playback" && strings.Contains(options, "say") {
		return nil
	}
	if app == "read" || app == "readexten" {
		if strings.Contains(expand.Arg(args, 3), "i") {
			return nil
		}
	}
	for _, name := range strings.Split(expand.Arg(args, argument), "&") {
		name = strings.TrimSpace(name)
		if name == "" || strings.ContainsAny(name, "$:\"") {
			continue
		}
		names = append(names, name)
	}
	return names
}

// checkSounds names the sounds that the dialplan plays and that are not there: the
// call goes on without them, as the original's would.
func checkSounds(dirs settings.Dirs, c *settings.Files) (found []conf.Diagnostic) {
	language := c.SIP.General.Default.Language
	if language == "" {
		language = dirs.Options.Language
	}
	if language == "" {
		language = "en"
	}
	library := sound.Library{Dirs: dirs.Sounds()}
	found = languages(library, c, language)
	names, at := played(c)
	var core, own []string
	known := strings.Fields(coreSounds)
	for _, name := range names {
		switch {
		case library.Exists(name, language):
		case slices.Contains(known, strings.TrimPrefix(name, language+"/")):
			core = append(core, name)
		default:
			own = append(own, name)
		}
	}
	if len(core) > 0 {
		found = append(found, conf.Diagnostic{
			Pos: at[core[0]], Severity: conf.Note, Message: "sounds of Asterisk's own that are not installed: " + few(core), Hint: debian(language),
		})
	}
	if len(own) > 0 {
		found = append(found, conf.Diagnostic{
			Pos: at[own[0]], Severity: conf.Note, Message: "sounds that are not there: " + few(own),
			Hint: fmt.Sprintf("they belong below %s, as NAME.wav, .gsm, .ulaw, .alaw, .sln or .g722", dirs.Sounds()[0]),
		})
	}
	return found
}

// languages names those of accounts that have no sounds at all: prompts are played in
// none then.
func languages(library sound.Library, c *settings.Files, house string) (found []conf.Diagnostic) {
	said := map[string]bool{"": true, strings.ToLower(house): true}
	for _, p := range c.SIP.Peers {
		if l := strings.ToLower(p.Language); said[l] {
			continue
		}
		said[strings.ToLower(p.Language)] = true
		if !library.Exists("vm-goodbye", p.Language) && !library.Exists("digits/1", p.Language) {
			found = append(found, conf.Diagnostic{
				Pos: conf.Pos{File: p.Line}, Severity: conf.Note, Message: fmt.Sprintf("there are no sounds of language '%s', which account '%s' has", p.Language, p.Name), Hint: debian(p.Language),
			})
		}
	}
	return found
}

// few names some, and how many there are beside them.
func few(names []string) string {
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + fmt.Sprintf(" and %d more", len(names)-8)
	}
	return strings.Join(names, ", ")
}

// debian is how the sounds of a language are installed.
func debian(language string) string {
	word, _, _ := strings.Cut(strings.ToLower(language), "_")
	switch word {
	case "en", "es", "fr", "it", "ru":
		return "apt install asterisk-core-sounds-" + word + "-wav"
	}
	return "Debian has no sounds of language " + language + ": put them below sounds/" + language
}
