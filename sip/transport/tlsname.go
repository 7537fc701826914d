package transport

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"obelus/sip"
)

// verify checks whom a server's certificate stands for: signed by somebody we believe, and for the domain that was to be
// reached, or for its address where that is all that is known.
func verify(chain []*x509.Certificate, roots *x509.CertPool, p peer) error {
	if len(chain) == 0 {
		return errors.New("the server has no certificate")
	}
	o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, c := range chain[1:] {
		o.Intermediates.AddCert(c)
	}
	if _, err := chain[0].Verify(o); err != nil {
		return err
	}
	names := identities(chain[0])
	want := p.name
	if want == "" {
		want = p.remote.Addr().Unmap().String()
	}
	if !slices.ContainsFunc(names, func(n string) bool { return sameHost(n, want) }) {
		return fmt.Errorf("its certificate is for %s, not for %s (tlsdontverifyserver=yes takes any)", strings.Join(names, ", "), want)
	}
	return nil
}

// identities lists whom a certificate stands for (RFC 5922 section 7.1): the SIP URIs that name a domain, else its DNS names and
// addresses, and only where there is none of these its common name, which is all that old ones have.
func identities(c *x509.Certificate) []string {
	var out []string
	for _, u := range c.URIs {
		if uri, err := sip.ParseURI(u.String()); err == nil && uri.IsSIP() && uri.User == "" {
			out = append(out, uri.Host)
		}
	}
	if len(out) > 0 {
		return out
	}
	out = append(out, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		if a, ok := netip.AddrFromSlice(ip); ok {
			out = append(out, a.Unmap().String())
		}
	}
	if len(out) == 0 && c.Subject.CommonName != "" {
		out = append(out, c.Subject.CommonName)
	}
	return out
}

// sameHost compares as DNS does. Wildcards match nothing (RFC 5922 section 7.2).
func sameHost(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}
