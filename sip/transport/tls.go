package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// TLSOptions is what connections are encrypted with. The zero value is a client that believes the certificates that the system
// believes.
type TLSOptions struct {
	// Cert is a PEM file with our certificate and those that lead from it to its issuer; Key one with its key, "" where Cert has
	// it too. Without Cert nobody can connect to us.
	Cert, Key string
	// CAFile is a PEM file, and CADir a directory of them, with the certificates that we believe; both "": the system's.
	CAFile, CADir string
	// AnyServer takes whatever certificate a server has (tlsdontverifyserver=yes).
	AnyServer bool
	// VerifyClient wants a certificate of whoever connects (tlsverifyclient=yes).
	VerifyClient bool
	// Min is the oldest version that may be spoken to us, ClientMin the oldest that we speak to others; 0 for TLS 1.2.
	Min, ClientMin uint16
	// Suites are the cipher suites up to TLS 1.2; nil for those that are thought safe. TLS 1.3 has its own.
	Suites []uint16
	// Log hears that files changed, and that new ones can't be used; nil for nobody.
	Log *slog.Logger
}

// ErrNoCertificate says that nobody can connect to us by TLS.
var ErrNoCertificate = errors.New("there is no certificate")

// Certificates are what connections are encrypted with. They are read again where their files change, which is looked at when somebody connects, and by
// Load; a connection keeps those that it began with. New files that can't be used leave the old certificates at work. Its
// methods may be called from any goroutine.
type Certificates struct {
	mu      sync.Mutex
	o       TLSOptions
	now     loaded
	stamp   string // of the files last read, whether they could be used or not
	checked time.Time
}

// loaded is what is at work.
type loaded struct {
	own    *tls.Certificate // nil where there is none
	roots  *x509.CertPool   // nil for the system's
	anyone bool             // every server is believed
	server *tls.Config      // nil without a certificate
	client *tls.Config
}

// NewCertificates has none until Load, and believes those that the system does.
func NewCertificates() *Certificates {
	t := &Certificates{}
	t.use(nil, nil)
	return t
}

// Load reads the files. Where one can't be used the error says which, and what it held before stays; a list of whom to believe
// that never could be read believes nobody.
func (t *Certificates) Load(o TLSOptions) error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.o = o
	t.stamp, t.checked = o.stamp(), time.Now()
	return t.load()
}

// load reads the files of t.o; t.mu is held.
func (t *Certificates) load() error {
	own, err := t.o.readCert()
	if err != nil {
		own = t.now.own
	}
	roots, err2 := t.o.readRoots()
	if err2 != nil {
		if roots = t.now.roots; roots == nil {
			roots = x509.NewCertPool()
		}
	}
	t.use(own, roots)
	return errors.Join(err, err2)
}

// use puts certificates to work; t.mu is held.
func (t *Certificates) use(own *tls.Certificate, roots *x509.CertPool) {
	now := loaded{own: own, roots: roots, anyone: t.o.AnyServer}
	// Whom a connection that we open leads to is checked by [verify].
	now.client = &tls.Config{MinVersion: orTLS12(t.o.ClientMin), CipherSuites: t.o.Suites, InsecureSkipVerify: true}
	if own != nil {
		now.client.Certificates = []tls.Certificate{*own}
		now.server = &tls.Config{Certificates: now.client.Certificates, MinVersion: orTLS12(t.o.Min), CipherSuites: t.o.Suites}
		if t.o.VerifyClient {
			now.server.ClientAuth, now.server.ClientCAs = tls.RequireAndVerifyClientCert, roots
		}
	}
	t.now = now
}

// checkEvery is how often files are looked at, at most.
const checkEvery = time.Second

// current is what is at work, after a look at the files.
func (t *Certificates) current() loaded {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); t.o.Log != nil && now.Sub(t.checked) >= checkEvery {
		t.checked = now
		if stamp := t.o.stamp(); stamp != t.stamp {
			t.stamp = stamp
			if err := t.load(); err != nil {
				t.o.Log.Error("new certificates can't be used: those of before stay at work", "why", err)
			} else {
				t.o.Log.Info("new certificates are at work", "file", t.o.Cert)
			}
		}
	}
	return t.now
}

func orTLS12(v uint16) uint16 {
	if v == 0 {
		return tls.VersionTLS12
	}
	return v
}

// forClients is the configuration of a listener: each who connects gets the certificates that are at work then.
func (t *Certificates) forClients() *tls.Config {
	return &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if c := t.current().server; c != nil {
			return c, nil
		}
		return nil, ErrNoCertificate
	}}
}

// forServer is the configuration of a connection that we open to a peer.
func (t *Certificates) forServer(p peer) *tls.Config {
	now := t.current()
	c := now.client.Clone()
	c.ServerName = p.name // an empty one, for an address, sends none
	if !now.anyone {
		c.VerifyConnection = func(s tls.ConnectionState) error { return verify(s.PeerCertificates, now.roots, p) }
	}
	return c
}

// HasCertificate says whether others can connect to us.
func (t *Certificates) HasCertificate() bool { return t.current().server != nil }

// inWords says what a failed handshake means to who runs the server.
func inWords(err error) error {
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &record):
		return fmt.Errorf("the other side does not speak TLS: %w", err)
	case errors.As(err, &unknown):
		return fmt.Errorf("its certificate is signed by nobody we believe (tlscafile names who is believed; tlsdontverifyserver=yes takes any): %w", err)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("its certificate is not good today: %w", err)
	}
	return err
}
