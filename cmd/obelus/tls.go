package main

import (
	"log/slog"
	"path/filepath"
	"strings"

	"obelus/chansip"
	"obelus/conf"
	"obelus/sip/transport"
)

// tlsOptions are those of sip.conf with the files where they are: a name without a
// directory is looked for beside sip.conf. Without tlscertfile the certificate is
// asterisk.pem, as in the original.
func tlsOptions(dirs Dirs, g *chansip.General, log *slog.Logger) transport.TLSOptions {
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

// loadCertificates reads those of sip.conf. What can't be read is said, and does
// not keep the server from working: as in the original it goes on without.
func (s *server) loadCertificates(g *chansip.General) {
	if err := s.certs.Load(tlsOptions(s.dirs, g, s.log)); err != nil {
		for line := range strings.Lines(err.Error()) {
			s.log.Error("TLS does not work as sip.conf wants it", "why", strings.TrimSpace(line))
		}
		if g.TLSEnable && !s.certs.HasCertificate() {
			s.log.Error("phones can't connect by TLS until the certificate can be read")
		}
	}
}

// listenTLS opens the ports of TLS. One that has no certificate yet is open too: the
// file is looked at again whenever somebody connects.
func (s *server) listenTLS(g *chansip.General) error {
	s.loadCertificates(g)
	if !g.TLSEnable {
		return nil
	}
	for _, a := range g.TLSBind {
		ln, err := s.listenTCP(g, a)
		if err != nil {
			return listenError("TLS", a, err)
		}
		s.wire.ServeTCP(ln, transport.TLS)
	}
	return nil
}

// checkTLS names certificates that can't be used, with the line that names them.
func checkTLS(dirs Dirs, set *chansip.Settings) []conf.Diagnostic {
	o := tlsOptions(dirs, &set.General, nil)
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
