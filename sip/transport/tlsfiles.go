package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Check reads the files as they would be used, and says what is wrong with them.
func (o TLSOptions) Check() error {
	_, err := o.readCert()
	_, err2 := o.readRoots()
	return errors.Join(err, err2)
}

// Files are those that the certificates are read from.
func (o TLSOptions) Files() []string {
	var out []string
	for _, f := range []string{o.Cert, o.Key, o.CAFile, o.CADir} {
		if f != "" {
			out = append(out, f)
		}
	}
	return out
}

// stamp changes when one of the files does.
func (o TLSOptions) stamp() string {
	var b strings.Builder
	for _, f := range o.Files() {
		if s, err := os.Stat(f); err == nil {
			fmt.Fprintln(&b, f, s.Size(), s.ModTime().UnixNano())
		}
	}
	return b.String()
}

// readCert reads our certificate with its key; nil where none is named.
func (o TLSOptions) readCert() (*tls.Certificate, error) {
	if o.Cert == "" {
		return nil, nil
	}
	key := o.Key
	if key == "" {
		key = o.Cert
	}
	chain, err := readPEM(o.Cert)
	if err != nil {
		return nil, fmt.Errorf("our certificate: %w", err)
	}
	secret, err := readPEM(key)
	if err != nil {
		return nil, fmt.Errorf("the key of our certificate: %w", err)
	}
	own, err := tls.X509KeyPair(chain, secret)
	if err != nil {
		return nil, fmt.Errorf("our certificate %s with the key in %s: %w", o.Cert, key, err)
	}
	if end := own.Leaf.NotAfter; o.Log != nil && time.Now().After(end) {
		o.Log.Warn("our certificate has run out: phones may refuse it", "file", o.Cert, "on", end.Format(time.DateOnly))
	}
	return &own, nil
}

// readRoots reads the certificates that are believed; nil where none are named.
func (o TLSOptions) readRoots() (*x509.CertPool, error) {
	if o.CAFile == "" && o.CADir == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if o.CAFile != "" {
		b, err := readPEM(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("the certificates that are believed: %w", err)
		}
		if !pool.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("the certificates that are believed: %s has none (PEM is read)", o.CAFile)
		}
	}
	if o.CADir == "" {
		return pool, nil
	}
	return pool, addDir(pool, o.CADir)
}

// maxCerts bounds the files that are read of a directory.
const maxCerts = 10_000

// addDir takes the certificates of a directory; what in it is none is left aside.
func addDir(pool *x509.CertPool, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("the certificates that are believed: %w", err)
	}
	found := 0
	for _, e := range entries[:min(len(entries), maxCerts)] {
		if b, err := readPEM(filepath.Join(dir, e.Name())); err == nil && pool.AppendCertsFromPEM(b) {
			found++
		}
	}
	if found == 0 {
		return fmt.Errorf("the certificates that are believed: no file in %s has one (PEM is read)", dir)
	}
	return nil
}

// maxPEM bounds a file of certificates: the system's whole list has 200 KB.
const maxPEM = 4 << 20

// readPEM reads a file, unless it is too big or no file.
func readPEM(name string) ([]byte, error) {
	s, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !s.Mode().IsRegular() || s.Size() > maxPEM {
		return nil, fmt.Errorf("%s is no file of certificates", name)
	}
	return os.ReadFile(name)
}
