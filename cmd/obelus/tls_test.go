package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/cmd/obelus/settings"
	"obelus/internal/selfsigned"
	"obelus/sip/transport"
)

// TestLoadCertificates goes on without a certificate, as the original does, and has
// it as soon as the file is there.
func TestLoadCertificates(t *testing.T) {
	dir := t.TempDir()
	var log strings.Builder
	s := &server{dirs: settings.Dirs{Config: dir}, log: slog.New(slog.NewTextHandler(&log, nil)), certs: transport.NewCertificates()}
	g := &sipconf.General{TLSEnable: true, TLS: transport.TLSOptions{Cert: "own.pem"}}
	s.loadCertificates(g)
	if s.certs.HasCertificate() || !strings.Contains(log.String(), "own.pem") || !strings.Contains(log.String(), "phones can't connect by TLS") {
		t.Errorf("without a file: %s", &log)
	}
	if err := os.WriteFile(filepath.Join(dir, "own.pem"), selfsigned.NewAuthority(t).Issue(t, "a"), 0o600); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	s.loadCertificates(g)
	if !s.certs.HasCertificate() || log.Len() > 0 {
		t.Errorf("with a file: %s", &log)
	}
}
