package check

import (
	"os"
	"strings"
	"testing"

	"obelus/internal/selfsigned"
)

// TestCheckTLS names certificates that can't be used at the line that names them.
func TestCheckTLS(t *testing.T) {
	pair := string(selfsigned.NewAuthority(t).Issue(t, "a"))
	for _, c := range []struct {
		what, general string
		files         map[string]string
		want          string
	}{
		{"off", "tlsenable=no\ntlscertfile=/none.pem", nil, ""},
		{"on, and there", "tlsenable=yes\ntlscertfile=own.pem\ntlscafile=own.pem", map[string]string{"own.pem": pair}, ""},
		{"on, by the original's name", "tlsenable=yes", map[string]string{"asterisk.pem": pair}, ""},
		{"on, and nothing there", "tlsenable=yes", nil, "sip.conf:4: warning: our certificate: stat DIR/asterisk.pem: no such file or directory (phones can't connect by TLS until it can be read)"},
		{"not there", "tlsenable=yes\ntlscertfile=keys/own.pem", nil, "sip.conf:5: warning: our certificate: stat DIR/keys/own.pem: no such file or directory (phones can't connect by TLS until it can be read)"},
		{"no certificate", "tlsenable=yes\ntlscertfile=own.pem", map[string]string{"own.pem": "hello"}, "sip.conf:5: warning: our certificate DIR/own.pem with the key in DIR/own.pem: tls: failed to find any PEM data in certificate input (phones can't connect by TLS until it can be read)"},
		{"believed", "tlscafile=ca.pem", nil, "sip.conf:4: warning: the certificates that are believed: stat DIR/ca.pem: no such file or directory (no other server is believed by TLS until it can be read)"},
		{"a directory", "tlscapath=keys", nil, "sip.conf:4: warning: the certificates that are believed: open DIR/keys: no such file or directory (no other server is believed by TLS until it can be read)"},
	} {
		files := map[string]string{"sip.conf": strings.Replace(goodSIP, "context=in\n", "context=in\n"+c.general+"\n", 1), "extensions.conf": "[in]\nexten => s,1,Hangup()\n"}
		for name, text := range c.files {
			files[name] = text
		}
		lines, _, _ := checked(t, files)
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

// TestTLSPage has check find nothing to say of the example of docs/tls.md but that
// its certificate is not there.
func TestTLSPage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/tls.md")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for i, part := range strings.Split(string(page), "```") {
		if name, text, ok := strings.Cut(part, "\n"); ok && i%2 == 1 {
			files[name] = text
		}
	}
	if len(files) != 2 {
		t.Fatalf("%d files in the example", len(files))
	}
	lines, _, _ := checked(t, files)
	if len(lines) != 1 || !strings.Contains(lines[0], "sip.conf:4: warning: our certificate: ") {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
}
