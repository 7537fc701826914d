package main

import (
	"strings"

	"obelus/chansip"
	"obelus/cmd/obelus/settings"
	"obelus/sip/transport"
)

// loadCertificates reads those of sip.conf. What can't be read is said, and does
// not keep the server from working: as in the original it goes on without.
func (s *server) loadCertificates(g *chansip.General) {
	if err := s.certs.Load(settings.TLS(s.dirs, g, s.log)); err != nil {
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
