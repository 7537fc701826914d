// Package selfsigned makes certificates for tests: an authority of their own, and
// what it signs. No key is ever kept in the tree.
package selfsigned

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Authority signs certificates.
type Authority struct {
	PEM  []byte // its own certificate
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Life is how long what is made here is good.
const Life = 24 * time.Hour

// NewAuthority makes one; its certificate is good from an hour ago.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	key := newKey(t)
	c := template("the authority of a test")
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return &Authority{PEM: block("CERTIFICATE", der), cert: c, key: key}
}

// Issue makes a certificate and its key in PEM, one behind the other. A name may be
// a domain, an address, a URI with its scheme, CN= and a common name, or DNS= and
// what is to be taken for a domain.
func (a *Authority) Issue(t testing.TB, names ...string) []byte {
	return a.IssueUntil(t, time.Now().Add(Life), names...)
}

// IssueUntil is Issue with the time at which the certificate runs out.
func (a *Authority) IssueUntil(t testing.TB, until time.Time, names ...string) []byte {
	t.Helper()
	key := newKey(t)
	c := template("")
	c.NotAfter = until
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, n := range names {
		cn, isCN := strings.CutPrefix(n, "CN=")
		dns, isDNS := strings.CutPrefix(n, "DNS=")
		switch ip := net.ParseIP(n); {
		case isCN:
			c.Subject.CommonName = cn
		case isDNS:
			c.DNSNames = append(c.DNSNames, dns)
		case ip != nil:
			c.IPAddresses = append(c.IPAddresses, ip)
		case strings.Contains(n, ":"):
			u, err := url.Parse(n)
			if err != nil {
				t.Fatal(err)
			}
			c.URIs = append(c.URIs, u)
		default:
			c.DNSNames = append(c.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(block("CERTIFICATE", der), block("PRIVATE KEY", secret)...)
}

// File writes bytes into a file of the test's own directory and returns its path.
func File(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func template(name string) *x509.Certificate {
	number, _ := rand.Int(rand.Reader, big.NewInt(1<<62)) // can't fail
	return &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(Life), KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func block(kind string, b []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b})
}
