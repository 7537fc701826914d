package check

import (
	"obelus/chansip/sipconf"
	"obelus/cmd/obelus/settings"
	"obelus/conf"
	"obelus/sip/transport"
)

// checkTLS names certificates that can't be used, with the line that names them.
func checkTLS(dirs settings.Dirs, set *sipconf.Settings) []conf.Diagnostic {
	o := settings.TLS(dirs, &set.General, nil)
	var found []conf.Diagnostic
	for _, c := range []struct {
		part  transport.TLSOptions
		hint  string
		lines []string
	}{
		{transport.TLSOptions{Cert: o.Cert, Key: o.Key}, "phones can't connect by TLS until it can be read", []string{"tlscertfile", "tlsprivatekey", "tlsenable"}},
		{transport.TLSOptions{CAFile: o.CAFile}, "no other server is believed by TLS until it can be read", []string{"tlscafile"}},
		{transport.TLSOptions{CADir: o.CADir}, "no other server is believed by TLS until it can be read", []string{"tlscapath", "tlscadir"}},
	} {
		if err := c.part.Check(); err != nil {
			found = append(found, conf.Diagnostic{Pos: conf.Pos{File: set.Line(c.lines...)}, Severity: conf.Warning, Message: err.Error(), Hint: c.hint})
		}
	}
	return found
}
