package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/selfsigned"
	"obelus/internal/simnet"
	"obelus/sip"
)

func overTLS(s string) string { return strings.ReplaceAll(s, "UDP", "TLS") }

// tlsHouse is a server with a certificate, and a phone that can dial it.
type tlsHouse struct {
	t      *testing.T
	ca     *selfsigned.Authority
	cert   string // the server's file
	certs  *Certificates
	log    bytes.Buffer
	server *Layer
	phone  *simnet.Host
}

const tlsServer = "192.0.2.1:5061"

func inTLSHouse(t *testing.T, o Options, f func(t *testing.T, h *tlsHouse)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(1)
		h := &tlsHouse{t: t, ca: selfsigned.NewAuthority(t), certs: NewCertificates()}
		h.cert = selfsigned.File(t, dir, "cert.pem", h.ca.Issue(t, "pbx.example.com", "192.0.2.1"))
		o.Log = slog.New(slog.NewTextHandler(&syncWriter{w: &h.log}, nil))
		if err := h.certs.Load(TLSOptions{Cert: h.cert, Log: o.Log}); err != nil {
			t.Fatal(err)
		}
		o.Certificates = h.certs
		if o.Handler == nil {
			o.Handler = echoer{}
		}
		ln, err := n.Host("pbx", netip.MustParseAddr("192.0.2.1")).Listen("tcp", tlsServer)
		if err != nil {
			t.Fatal(err)
		}
		h.phone = n.Host("phone", netip.MustParseAddr("192.0.2.9"))
		h.server = New(o)
		h.server.ServeTCP(ln, TLS)
		defer h.server.Close()
		f(t, h)
	})
}

type syncWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *syncWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(b)
}

// raw opens a connection without TLS.
func (h *tlsHouse) raw() net.Conn {
	h.t.Helper()
	c, err := h.phone.DialContext(h.t.Context(), "tcp", tlsServer)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// dial opens a connection by TLS that believes the authority of the test.
func (h *tlsHouse) dial(change func(*tls.Config)) (*tls.Conn, error) {
	h.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(h.ca.PEM)
	c := &tls.Config{RootCAs: roots, ServerName: "pbx.example.com"}
	if change != nil {
		change(c)
	}
	conn := tls.Client(h.raw(), c)
	return conn, conn.Handshake()
}

// serial names the certificate that the server shows now.
func (h *tlsHouse) serial() string {
	h.t.Helper()
	c, err := h.dial(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// A phone that connects by TLS is served, is answered on its connection and keeps it open with empty lines (RFC 5626
// section 4.4.1).
func TestTLS(t *testing.T) {
	inTLSHouse(t, Options{}, func(t *testing.T, h *tlsHouse) {
		c, err := h.dial(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := talk(t, c, overTLS(options)); !strings.HasPrefix(got, "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS ") {
			t.Errorf("answered %s", got)
		}
		if got := talk(t, c, "\r\n\r\n"); got != "\r\n" {
			t.Errorf("a ping was answered %q", got)
		}
		f := onlyStream(t, h.server).flow
		if again, ok := h.server.Find(f.String()); f.Transport != TLS || !ok || again != f || !strings.HasPrefix(f.String(), "tls 192.0.2.1:5061 192.0.2.9:") {
			t.Errorf("the flow %s is found: %v %s", f, ok, again)
		}
		if err := f.Send([]byte("MESSAGE")); err != nil {
			t.Error(err)
		}
		if got := hear(t, c); got != "MESSAGE" {
			t.Errorf("heard %q", got)
		}
		c.Close()
	})
}

// Security class 40: nothing older than TLS 1.2 unless it is asked for, and never anything below 1.0.
func TestSecurity40OldVersions(t *testing.T) {
	for _, c := range []struct {
		least, spoken uint16
		ok            bool
	}{
		{0, tls.VersionTLS13, true}, {0, tls.VersionTLS12, true}, {0, tls.VersionTLS11, false}, {0, tls.VersionTLS10, false},
		{tls.VersionTLS10, tls.VersionTLS10, true}, {tls.VersionTLS11, tls.VersionTLS10, false}, {tls.VersionTLS13, tls.VersionTLS12, false},
	} {
		inTLSHouse(t, Options{}, func(t *testing.T, h *tlsHouse) {
			if err := h.certs.Load(TLSOptions{Cert: h.cert, Min: c.least}); err != nil {
				t.Fatal(err)
			}
			conn, err := h.dial(func(o *tls.Config) { o.MinVersion, o.MaxVersion = c.spoken, c.spoken })
			if (err == nil) != c.ok {
				t.Errorf("least %x, spoken %x: %v", c.least, c.spoken, err)
			}
			conn.Close()
		})
	}
}

// Security class 40: a certificate that is replaced while the server runs is shown to whoever connects from then on; those who
// are connected stay, and a broken one is not used. All at once is no race.
func TestSecurity40CertificatesChange(t *testing.T) {
	inTLSHouse(t, Options{}, func(t *testing.T, h *tlsHouse) {
		old, err := h.dial(nil)
		if err != nil {
			t.Fatal(err)
		}
		first := h.serial()
		write := func(b []byte) {
			if err := os.WriteFile(h.cert, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		good := h.ca.Issue(t, "pbx.example.com", "pbx2.example.com")
		write([]byte("no certificate"))
		time.Sleep(checkEvery)
		if got := h.serial(); got != first {
			t.Errorf("with a broken file %s is shown, not %s", got, first)
		}
		time.Sleep(checkEvery)
		h.serial()
		if n := strings.Count(h.log.String(), "can't be used"); n != 1 {
			t.Errorf("said %d times that the file is broken: %s", n, &h.log)
		}
		write(good)
		if got := h.serial(); got != first {
			t.Errorf("the file was read again at once")
		}
		time.Sleep(checkEvery)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if got := h.serial(); got == first {
					t.Errorf("the old certificate is still shown: %s", &h.log)
				}
			})
		}
		all.Wait()
		if err := h.certs.Load(TLSOptions{Cert: h.cert + "x"}); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "cert.pemx") {
			t.Errorf("a file that is not there: %v", err)
		}
		if got := h.serial(); got == first {
			t.Error("a reload without a file brought the first certificate back")
		}
		if got := talk(t, old, overTLS(options)); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Errorf("on the old connection: %s", got)
		}
		old.Close()
	})
}

// Security class 26: who connects and shakes no hands holds up nobody, is bounded in number and gone after tcpauthtimeout.
func TestSecurity26NoHandshake(t *testing.T) {
	inTLSHouse(t, Options{AuthTimeout: 10 * time.Second, AuthLimit: 3}, func(t *testing.T, h *tlsHouse) {
		silent := []net.Conn{h.raw(), h.raw()}
		c, err := h.dial(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := talk(t, c, overTLS(options)); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Errorf("beside silent connections: %s", got)
		}
		fourth := h.raw()
		if _, err := fourth.Read(make([]byte, 1)); err == nil {
			t.Error("there is room for a fourth")
		}
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if n := h.server.Counters(); n.Connections != 0 || n.RefusedConns != 1 {
			t.Errorf("%+v", n)
		}
		for _, s := range append(silent, c, fourth) {
			s.Close()
		}
	})
}

// Whoever speaks no TLS, or does not believe us, is named, and is no trouble to others.
func TestHandshakeFails(t *testing.T) {
	inTLSHouse(t, Options{}, func(t *testing.T, h *tlsHouse) {
		plain := h.raw()
		io.WriteString(plain, overTCP(options))
		io.Copy(io.Discard, plain)
		plain.Close()
		if _, err := h.dial(func(c *tls.Config) { c.RootCAs = x509.NewCertPool() }); err == nil {
			t.Error("a stranger's certificate is believed")
		}
		synctest.Wait()
		if n := h.server.Counters(); n.Connections != 0 || n.Handshakes != 2 || n.Received != 0 {
			t.Errorf("%+v", n)
		}
		for _, want := range []string{"does not speak TLS", "bad certificate"} {
			if !strings.Contains(h.log.String(), want) {
				t.Errorf("the log does not say %q: %s", want, &h.log)
			}
		}
	})
}

// A client must show a certificate where tlsverifyclient=yes asks for one.
func TestVerifyClient(t *testing.T) {
	inTLSHouse(t, Options{}, func(t *testing.T, h *tlsHouse) {
		ca := selfsigned.File(t, t.TempDir(), "ca.pem", h.ca.PEM)
		if err := h.certs.Load(TLSOptions{Cert: h.cert, CAFile: ca, VerifyClient: true}); err != nil {
			t.Fatal(err)
		}
		pair := h.ca.Issue(t, "phone.example.com")
		own, err := tls.X509KeyPair(pair, pair)
		if err != nil {
			t.Fatal(err)
		}
		c, err := h.dial(func(c *tls.Config) { c.Certificates = []tls.Certificate{own} })
		if err != nil {
			t.Fatal(err)
		}
		if got := talk(t, c, overTLS(options)); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Error(got)
		}
		c.Close()
		nobody, _ := h.dial(nil)
		if _, err := nobody.Read(make([]byte, 1)); err == nil {
			t.Error("a client without a certificate is let in")
		}
		nobody.Close()
	})
}

// An empty list of names has Connect check the address.
func TestConnectTLS(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		what   string
		cert   []string // of the server
		name   string   // asked for
		change func(*TLSOptions)
		old    bool // it has run out
		want   string
	}{
		{"its DNS name", []string{"pbx.example.com"}, "PBX.example.com", nil, false, ""},
		{"its SIP URI", []string{"sip:example.com", "other.example.com"}, "example.com", nil, false, ""},
		{"a URI counts before a DNS name", []string{"sip:example.com", "pbx.example.com"}, "pbx.example.com", nil, false, "for example.com, not for pbx.example.com"},
		{"a URI of one user is none", []string{"sip:bob@example.com", "pbx.example.com"}, "example.com", nil, false, "for pbx.example.com, not"},
		{"its common name", []string{"CN=pbx.example.com"}, "pbx.example.com", nil, false, ""},
		{"a common name beside another", []string{"CN=pbx.example.com", "x.example.com"}, "pbx.example.com", nil, false, "for x.example.com, not"},
		{"a wildcard", []string{"*.example.com"}, "pbx.example.com", nil, false, "not for pbx.example.com"},
		{"another name", []string{"other.example.com"}, "pbx.example.com", nil, false, "not for pbx.example.com"},
		{"its address", []string{"192.0.2.1"}, "", nil, false, ""},
		{"another address", []string{"192.0.2.7"}, "", nil, false, "not for 192.0.2.1"},
		{"it has run out", []string{"pbx.example.com"}, "pbx.example.com", nil, true, "not good today"},
		{"a stranger", []string{"pbx.example.com"}, "pbx.example.com", func(o *TLSOptions) { o.CAFile = "" }, false, "nobody we believe"},
		{"a directory", []string{"pbx.example.com"}, "pbx.example.com", func(o *TLSOptions) { o.CAFile, o.CADir = "", dir }, false, ""},
		{"anybody", []string{"x"}, "pbx.example.com", func(o *TLSOptions) { o.CAFile, o.AnyServer = "", true }, true, ""},
		{"too old", []string{"pbx.example.com"}, "pbx.example.com", func(o *TLSOptions) { o.ClientMin = tls.VersionTLS13 + 1 }, false, "no supported versions"},
	} {
		inTLSHouse(t, Options{}, func(t *testing.T, h *tlsHouse) {
			until := time.Now().Add(selfsigned.Life)
			if c.old {
				until = time.Now().Add(-time.Minute)
			}
			cert := selfsigned.File(t, dir, "own.pem", h.ca.IssueUntil(t, until, c.cert...))
			if err := h.certs.Load(TLSOptions{Cert: cert}); err != nil {
				t.Fatal(err)
			}
			o := TLSOptions{CAFile: selfsigned.File(t, dir, "ca.pem", h.ca.PEM)}
			if c.change != nil {
				c.change(&o)
			}
			believed := NewCertificates()
			if err := believed.Load(o); err != nil {
				t.Fatal(err)
			}
			heard := make(chan string, 1)
			us := New(Options{Handler: listener(func(m *sip.Message, _ Flow) { heard <- m.Reason() }), Log: quiet(), Dial: h.phone.DialContext, Certificates: believed})
			defer us.Close()
			to := Target{Transport: TLS, Addr: netip.MustParseAddrPort(tlsServer), Name: c.name}
			f, err := us.Connect(t.Context(), to)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: %v", c.what, err)
				}
				return
			}
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
				return
			}
			if err := f.Send([]byte(overTLS(options))); err != nil {
				t.Error(err)
			}
			if got := <-heard; got != "OK" {
				t.Errorf("%s: answered %s", c.what, got)
			}
			if again, err := us.Connect(t.Context(), to); err != nil || again != f {
				t.Errorf("%s: a second connection %s beside %s, %v", c.what, again, f, err)
			}
			to.Name = "another.example.com"
			if other, err := us.Connect(t.Context(), to); other == f {
				t.Errorf("%s: another domain goes over the same connection, %v", c.what, err)
			}
		})
	}
}

// A server that never answers the handshake is given up with whoever asked.
func TestConnectTLSGivesUp(t *testing.T) {
	inTLSHouse(t, Options{}, func(t *testing.T, h *tlsHouse) {
		ln, err := h.phone.Listen("tcp", "192.0.2.9:5061")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		us := New(Options{Handler: echoer{}, Log: quiet(), Dial: h.phone.DialContext})
		defer us.Close()
		if _, err := us.Connect(ctx, Target{Transport: TLS, Addr: netip.MustParseAddrPort("192.0.2.9:5061")}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

// What is wrong with files is said with their names.
func TestTLSFiles(t *testing.T) {
	dir := t.TempDir()
	ca := selfsigned.NewAuthority(t)
	pair := ca.Issue(t, "a")
	file := func(name string, b []byte) string { return selfsigned.File(t, dir, name, b) }
	both, other := file("both.pem", pair), file("other.pem", ca.Issue(t, "b"))
	half, empty := file("half.pem", pair[:bytes.Index(pair, []byte("-----BEGIN PRIVATE"))]), file("empty.pem", nil)
	for _, c := range []struct {
		what string
		o    TLSOptions
		want string
	}{
		{"nothing", TLSOptions{}, ""},
		{"both in one", TLSOptions{Cert: both}, ""},
		{"in two", TLSOptions{Cert: half, Key: both}, ""},
		{"no key", TLSOptions{Cert: half}, "half.pem"},
		{"another's key", TLSOptions{Cert: half, Key: other}, "other.pem"},
		{"not there", TLSOptions{Cert: dir + "/none.pem"}, "none.pem"},
		{"key not there", TLSOptions{Cert: both, Key: dir + "/none.pem"}, "the key of our certificate"},
		{"a directory", TLSOptions{Cert: dir}, "is no file of certificates"},
		{"believed not there", TLSOptions{CAFile: dir + "/none.pem"}, "none.pem"},
		{"believed without one", TLSOptions{CAFile: empty}, "empty.pem has none"},
		{"a directory of them", TLSOptions{CADir: dir}, ""},
		{"a directory without one", TLSOptions{CADir: t.TempDir()}, "no file in"},
		{"a directory not there", TLSOptions{CADir: dir + "/none"}, "none"},
	} {
		err := c.o.Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.what, err)
		}
		if got := NewCertificates().Load(c.o); (got == nil) != (err == nil) {
			t.Errorf("%s: Load says %v, Check %v", c.what, got, err)
		}
	}
}

// A list of whom to believe that can't be read believes nobody, not everybody that the system does.
func TestBrokenListBelievesNobody(t *testing.T) {
	certs := NewCertificates()
	if err := certs.Load(TLSOptions{CAFile: "/does/not/exist.pem"}); err == nil {
		t.Fatal("the file is there")
	}
	if roots := certs.current().roots; roots == nil || !roots.Equal(x509.NewCertPool()) {
		t.Error("somebody is believed")
	}
}

// Without a certificate nobody gets in, and the log says why.
func TestNoCertificate(t *testing.T) {
	inTLSHouse(t, Options{}, func(t *testing.T, h *tlsHouse) {
		h.certs.now.server = nil
		if c, err := h.dial(nil); err == nil {
			t.Error("a connection came about")
			c.Close()
		}
		synctest.Wait()
		if !strings.Contains(h.log.String(), ErrNoCertificate.Error()) || h.certs.HasCertificate() {
			t.Error(h.log.String())
		}
	})
}
