package sound

import (
	"fmt"
	"strconv"
	"strings"

	"obelus/conf"
)

// ReadPrivacy reads privacy.conf. f is nil where there is no file.
func ReadPrivacy(f *conf.File) (p Privacy, found []conf.Diagnostic) {
	if f == nil {
		return p, nil
	}
	s := f.Section("general")
	if s == nil {
		return p, nil
	}
	for _, e := range s.Entries {
		to := map[string]*int{"maxretries": &p.MaxRetries, "minlength": &p.MinLength}[strings.ToLower(e.Key)]
		if to == nil {
			found = append(found, conf.Diagnostic{Pos: e.Pos, Severity: conf.Warning, Message: fmt.Sprintf("privacy.conf has no option %s", e.Key)})
			continue
		}
		n, err := strconv.Atoi(e.Value)
		if err != nil || n <= 0 {
			found = append(found, conf.Diagnostic{Pos: e.Pos, Severity: conf.Warning, Message: fmt.Sprintf("%s: %q is no number", e.Key, e.Value), Hint: "the default is kept"})
			continue
		}
		*to = n
	}
	return p, found
}
