package settings

import (
	"log/slog"
	"path/filepath"

	"obelus/chansip/sipconf"
	"obelus/sip/transport"
)

// TLS are the options of TLS of sip.conf with the files where they are: a name without a
// directory is looked for beside sip.conf. Without tlscertfile the certificate is
// asterisk.pem, as in the original.
func TLS(dirs Dirs, g *sipconf.General, log *slog.Logger) transport.TLSOptions {
	o := g.TLS
	o.Log = log
	switch {
	case !g.TLSEnable:
		o.Cert, o.Key = "", ""
	case o.Cert == "":
		o.Cert = "asterisk.pem"
	}
	for _, f := range []*string{&o.Cert, &o.Key, &o.CAFile, &o.CADir} {
		if *f != "" && !filepath.IsAbs(*f) {
			*f = filepath.Join(dirs.Config, *f)
		}
	}
	return o
}
