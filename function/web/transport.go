package web

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"obelus/function/argument"
)

// transport is the connection of one request, as the options want it.
func (s settings) transport(dial Dialer) (*http.Transport, error) {
	security, err := s.security()
	if err != nil {
		return nil, err
	}
	through, err := s.proxy()
	if err != nil {
		return nil, err
	}
	within := s.duration("conntimeout", connectTime) + s.duration("dnstimeout", 0)
	return &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: security, Proxy: through, TLSHandshakeTimeout: within, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, within)
			defer cancel()
			return dial(ctx, network, address)
		},
	}, nil
}

// proxy is whom requests go through: proxy, proxyport, proxytype and proxyuserpwd; by default what the environment says.
func (s settings) proxy() (func(*http.Request) (*url.URL, error), error) {
	host := s.text("proxy")
	if host == "" {
		return http.ProxyFromEnvironment, nil
	}
	u, err := url.Parse(host)
	if err != nil || u.Host == "" {
		u, err = url.Parse(cmp.Or(s.text("proxytype"), "http") + "://" + host)
	}
	if err != nil || u.Host == "" {
		return nil, argument.Complain("CURLOPT(proxy): '%s' is no host", host)
	}
	if port := s.number("proxyport", 0); port > 0 && u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(port))
	} else if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), "1080") // curl's default
	}
	if user := s.text("proxyuserpwd"); user != "" {
		u.User = userInfo(user)
	}
	return http.ProxyURL(u), nil
}

// userInfo reads name:password.
func userInfo(s string) *url.Userinfo {
	for i := range len(s) {
		if s[i] == ':' {
			return url.UserPassword(s[:i], s[i+1:])
		}
	}
	return url.User(s)
}

// security is how TLS is spoken: the options ssl_...
func (s settings) security() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if err := s.authorities(c); err != nil {
		return nil, err
	}
	if cert := s.text("ssl_cert"); cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, cmp.Or(s.text("ssl_key"), cert))
		if err != nil {
			return nil, fmt.Errorf("CURLOPT(ssl_cert): %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	switch peer, host := s.is("ssl_verifypeer", true), s.is("ssl_verifyhost", true); {
	case !peer:
		c.InsecureSkipVerify = true // the dialplan says so
	case !host:
		c.InsecureSkipVerify = true // the name is not to be looked at; the rest is, here
		c.VerifyConnection = func(state tls.ConnectionState) error {
			o := x509.VerifyOptions{Roots: c.RootCAs, Intermediates: x509.NewCertPool()}
			for _, cert := range state.PeerCertificates[1:] {
				o.Intermediates.AddCert(cert)
			}
			_, err := state.PeerCertificates[0].Verify(o)
			return err
		}
	}
	return c, nil
}

// authorities reads ssl_cainfo and ssl_capath.
func (s settings) authorities(c *tls.Config) error {
	var files []string
	if file := s.text("ssl_cainfo"); file != "" {
		files = append(files, file)
	}
	if dir := s.text("ssl_capath"); dir != "" {
		in, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			return fmt.Errorf("CURLOPT(ssl_capath): %w", err)
		}
		files = append(files, in...)
	}
	for _, file := range files {
		pem, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("CURLOPT(ssl_cainfo): %w", err)
		}
		if c.RootCAs == nil {
			c.RootCAs = x509.NewCertPool()
		}
		c.RootCAs.AppendCertsFromPEM(pem)
	}
	return nil
}
