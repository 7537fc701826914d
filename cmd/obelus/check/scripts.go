package check

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"

	"obelus/agi"
	"obelus/cmd/obelus/settings"
	"obelus/conf"
	"obelus/dialplan/expand"
)

// checkScripts names the AGI scripts that the dialplan runs and that are not there,
// or can't be run.
func checkScripts(dirs settings.Dirs, c *settings.Files) (found []conf.Diagnostic) {
	var gone, plain []string
	var at [2]conf.Pos
	seen := make(map[string]bool)
	for _, context := range c.Plan.Contexts {
		for _, e := range context.Extensions {
			for _, s := range e.Priorities {
				name := scriptOf(s.App, s.Data)
				if name == "" || seen[name] {
					continue
				}
				seen[name] = true
				path, ok := agi.Find(dirs.Scripts(), name)
				switch {
				case !ok:
					if gone = append(gone, path); len(gone) == 1 {
						at[0] = s.Pos
					}
				case !executable(path):
					if plain = append(plain, path); len(plain) == 1 {
						at[1] = s.Pos
					}
				}
			}
		}
	}
	if len(gone) > 0 {
		found = append(found, conf.Diagnostic{
			Pos: at[0], Severity: conf.Note, Message: "AGI scripts that are not there: " + few(gone),
			Hint: fmt.Sprintf("AGISTATUS becomes NOTFOUND; scripts without a whole path belong into %s (astagidir of asterisk.conf)", dirs.AGI),
		})
	}
	if len(plain) > 0 {
		found = append(found, conf.Diagnostic{
			Pos: at[1], Severity: conf.Warning, Message: "AGI scripts that can't be run: " + few(plain), Hint: "chmod +x; AGISTATUS becomes FAILURE",
		})
	}
	return found
}

// scriptOf is the program that a step of AGI starts, as far as the text tells; "" for
// none.
func scriptOf(app, data string) string {
	switch strings.ToLower(app) {
	case "agi", "eagi", "deadagi":
	default:
		return ""
	}
	name := strings.TrimSpace(expand.Arg(expand.Args(data, 2), 0))
	if name == "" || strings.Contains(name, "$") || strings.Contains(name, "://") || strings.HasPrefix(strings.ToLower(name), "agi:") {
		return ""
	}
	return name
}

// executable says whether a file can be run.
func executable(path string) bool {
	info, err := os.Stat(path)
	return runtime.GOOS == "windows" || err == nil && info.Mode()&0o111 != 0
}

// shell warns of a System whose command holds what a caller chooses as he likes: it
// is carried out, whatever it says.
func (p *planChecker) shell(s *step) {
	left := guarded().ReplaceAllString(s.data, "")
	for _, open := range []string{"${CALLERID(name", "${CALLERID(all", "${SIP_HEADER(", "${MESSAGE(body", "${MESSAGE(from"} {
		if strings.Contains(left, open) {
			name := open[2:]
			p.say(s.at, conf.Warning, "write ${FILTER(a-zA-Z0-9 ,${...})}", "%s hands the shell what a caller has written: %s...)", s.app, name)
		}
	}
	if p.guests[s.context.Name] && isPattern(s.exten) && strings.ContainsAny(s.exten.Name, ".!") && strings.Contains(left, "${EXTEN") {
		p.say(s.at, conf.Warning, "write ${FILTER(0-9,${EXTEN})}, or allowguest=no in sip.conf", "%s hands the shell ${EXTEN}, which may be all that a guest writes", s.app)
	}
}

// shells warns of SHELL() as of System.
func (p *planChecker) shells(s *step) {
	for rest := s.data; ; {
		_, after, ok := strings.Cut(rest, "${SHELL(")
		if !ok {
			return
		}
		inner := *s
		inner.app, inner.data = "SHELL()", within(after)
		p.shell(&inner)
		rest = after
	}
}

// within is what comes before the parenthesis that closes.
func within(s string) string {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return s[:i]
			}
		}
	}
	return s
}

// guarded is what leaves nothing of a value that the shell could act on.
func guarded() *regexp.Regexp {
	return regexp.MustCompile(`\$\{(FILTER|LEN|MD5|SHA1|BASE64_ENCODE|URIENCODE)\([^{}]*(\$\{[^{}]*\}[^{}]*)*\)[^{}]*\}`)
}
