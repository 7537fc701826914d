package sipconf

import (
	"crypto/tls"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"obelus/sip/transport"
)

func TestTLSOptions(t *testing.T) {
	for _, c := range []struct {
		text string
		want transport.TLSOptions
		said string
	}{
		{"", transport.TLSOptions{}, ""},
		{"tlscertfile = /a/b.pem \ntlsprivatekey=/a/b.key\ntlscafile=/a/ca.pem\ntlscapath=/a/ca", transport.TLSOptions{Cert: "/a/b.pem", Key: "/a/b.key", CAFile: "/a/ca.pem", CADir: "/a/ca"}, ""},
		{"tlscadir=/x\ntlsdontverifyserver=yes\ntlsverifyclient=yes", transport.TLSOptions{CADir: "/x", AnyServer: true, VerifyClient: true}, ""},
		{"tlsdontverifyserver=no\ntlsservercipherorder=yes", transport.TLSOptions{}, ""},
		{"tlsservercipherorder=no", transport.TLSOptions{}, "tlsservercipherorder=no is not supported yet (the server's own order counts)"},
		{"tlsdisablev1=yes\ntlsdisablev11=yes", transport.TLSOptions{Min: tls.VersionTLS12}, ""},
		{"tlsdisablev12=yes", transport.TLSOptions{Min: tls.VersionTLS13}, ""},
		{"tlsdisablev1=no", transport.TLSOptions{Min: tls.VersionTLS10}, ""},
		{"tlsdisablev11=no", transport.TLSOptions{Min: tls.VersionTLS11}, ""},
		{"tlsdisablev1=no\ntlsdisablev11=yes", transport.TLSOptions{Min: tls.VersionTLS12}, ""},
		{"tlsclientmethod=tlsv1", transport.TLSOptions{ClientMin: tls.VersionTLS10}, ""},
		{"tlsclientmethod=TLSv1_1", transport.TLSOptions{ClientMin: tls.VersionTLS11}, ""},
		{"tlsclientmethod=tlsv1_2", transport.TLSOptions{ClientMin: tls.VersionTLS12}, ""},
		{"tlsclientmethod=tlsv1_3", transport.TLSOptions{ClientMin: tls.VersionTLS13}, ""},
		{"tlsclientmethod=sslv3", transport.TLSOptions{ClientMin: tls.VersionTLS10}, "SSL is broken"},
		{"tlsclientmethod=best", transport.TLSOptions{}, "it is none of"},
		{"tlscipher=HIGH:!aNULL:!RC4:@STRENGTH", transport.TLSOptions{}, ""},
		{"tlscipher=AES256-SHA", transport.TLSOptions{Suites: []uint16{tls.TLS_RSA_WITH_AES_256_CBC_SHA}}, ""},
		{"tlscipher=AES128-SHA,RC4-SHA", transport.TLSOptions{Suites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}, `"RC4-SHA" is not known or not safe`},
	} {
		set, found := read(t, "[general]\n"+c.text+"\n")
		if got := set.General.TLS; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v", c.text, got)
		}
		if all := strings.Join(found, "\n"); (c.said == "") != (all == "") || !strings.Contains(all, c.said) {
			t.Errorf("%q: said %q", c.text, all)
		}
	}
}

// TestCiphersAll has ALL mean those of old phones too, but no broken one, and HIGH
// add the safe ones to those that are named.
func TestCiphersAll(t *testing.T) {
	all, err := parseCiphers("ALL")
	if err != nil || !slices.Contains(all, tls.TLS_RSA_WITH_AES_128_CBC_SHA) || slices.Contains(all, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA) ||
		slices.Contains(all, tls.TLS_RSA_WITH_RC4_128_SHA) {
		t.Errorf("%x %v", all, err)
	}
	mixed, err := parseCiphers("HIGH:AES128-SHA")
	if err != nil || !slices.Contains(mixed, tls.TLS_RSA_WITH_AES_128_CBC_SHA) || !slices.Contains(mixed, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256) {
		t.Errorf("%x %v", mixed, err)
	}
}

func TestTLSBind(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "0.0.0.0:5061",
		"udpbindaddr=192.0.2.1:5070":      "192.0.2.1:5061",
		"tlsbindaddr=192.0.2.2":           "192.0.2.2:5061",
		"tlsbindaddr=[2001:db8::1]:6061":  "[2001:db8::1]:6061",
		"bindport=5080\nbindaddr=0.0.0.0": "0.0.0.0:5061",
	} {
		set, found := read(t, "[general]\ntlsenable=yes\n"+text+"\n")
		if g := &set.General; !g.TLSEnable || !slices.Equal(g.TLSBind, []netip.AddrPort{netip.MustParseAddrPort(want)}) || len(found) != 0 {
			t.Errorf("%q: %v %v %q", text, g.TLSEnable, g.TLSBind, found)
		}
	}
}

func TestEncryption(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  Encryption
		short bool
		said  string
	}{
		{"", EncryptNo, false, ""},
		{"encryption=yes", EncryptYes, false, ""},
		{"encryption=no", EncryptNo, false, ""},
		{"encryption=Try", EncryptTry, false, ""},
		{"encryption=sdes", EncryptNo, false, "it is neither yes nor no"},
		{"encryption=yes\nencryption_taglen=32", EncryptYes, true, ""},
		{"encryption=yes\nencryption_taglen=80", EncryptYes, false, ""},
		{"encryption_taglen=64", EncryptNo, false, "it is neither 80 nor 32"},
	} {
		p, found := peer(t, c.text+"\n")
		if p.Encryption != c.want || p.ShortTag != c.short || (c.said == "") != (len(found) == 0) || !strings.Contains(strings.Join(found, " "), c.said) {
			t.Errorf("%q: %v %v %q", c.text, p.Encryption, p.ShortTag, found)
		}
		// In [general] it is what accounts begin with.
		set, _ := read(t, "[general]\n"+c.text+"\n[b]\ntype=friend\nhost=dynamic\n")
		if b := set.Peer("b"); b.Encryption != c.want || b.ShortTag != c.short {
			t.Errorf("%q in [general]: %v %v", c.text, b.Encryption, b.ShortTag)
		}
	}
}

func FuzzCiphers(f *testing.F) {
	for _, s := range []string{"ALL:!ADH:@STRENGTH", "HIGH:AES128-SHA", "x,y;z", "-ALL:+RSA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, _ := parseCiphers(s)
		if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("%q: %x", s, list)
		}
	})
}
