package sipconf

import (
	"strings"
	"testing"
	"time"

	"obelus/sip/transport"
)

func TestRegisterLine(t *testing.T) {
	for line, want := range map[string]Register{
		"user:secret@host/ext":                 {User: "user", Secret: "secret", Host: "host", Exten: "ext"},
		"user:secret@host":                     {User: "user", Secret: "secret", Host: "host"},
		"user:secret@host:5070":                {User: "user", Secret: "secret", Host: "host", Port: 5070},
		"user:secret@host/ext~600":             {User: "user", Secret: "secret", Host: "host", Exten: "ext", Expires: 600 * time.Second},
		"user@domain:secret:authuser@host/ext": {User: "user", Domain: "domain", Secret: "secret", AuthUser: "authuser", Host: "host", Exten: "ext"},
		"peer?user@host":                       {Peer: "peer", User: "user", Host: "host"},
		"tls://user:secret@host:5061/ext":      {Transport: transport.TLS, User: "user", Secret: "secret", Host: "host", Port: 5061, Exten: "ext"},
		"user@host":                            {User: "user", Host: "host"},
		"user:secret:authuser@host":            {User: "user", Secret: "secret", AuthUser: "authuser", Host: "host"},
		"user:secret:authuser@host/ext":        {User: "user", Secret: "secret", AuthUser: "authuser", Host: "host", Exten: "ext"},
		"user:secret@host:5070/ext":            {User: "user", Secret: "secret", Host: "host", Port: 5070, Exten: "ext"},
		"user@domain:secret@host/ext":          {User: "user", Domain: "domain", Secret: "secret", Host: "host", Exten: "ext"},
		// A secret that ends in a question mark, or holds other separators.
		"user:xxx?@trunk":                        {User: "user", Secret: "xxx?", Host: "trunk"},
		"user:a@b?c/d@trunk":                     {User: "user", Secret: "a@b?c/d", Host: "trunk"},
		"user:a~1@trunk":                         {User: "user", Secret: "a~1", Host: "trunk"},
		"tcp://user:xx?@trunk":                   {Transport: transport.TCP, User: "user", Secret: "xx?", Host: "trunk"},
		"peer?udp://user:s:a@host/1~60":          {Peer: "peer", Transport: transport.UDP, User: "user", Secret: "s", AuthUser: "a", Host: "host", Exten: "1", Expires: time.Minute},
		" user:secret@[2001:db8::1]:5070/2000  ": {User: "user", Secret: "secret", Host: "[2001:db8::1]", Port: 5070, Exten: "2000"},
		"user:secret@[2001:db8::1]":              {User: "user", Secret: "secret", Host: "[2001:db8::1]"},
	} {
		got, err := parseRegister(line)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", line, got, err, want)
		}
	}
	for line, want := range map[string]string{
		"":                               "it is empty",
		"host":                           "it names no user: there is no @",
		"user:secret@":                   "it names no host",
		"@host":                          "it names no user",
		":secret@host":                   "it names no user",
		"user@host:port":                 `"host:port" names no port`,
		"user@host~":                     `"" behind the ~ is no number of seconds`,
		"user@host/ext~soon":             `"soon" behind the ~ is no number of seconds`,
		"user@/ext":                      "it names no host",
		"pigeon://user:a@host":           `"pigeon" is no transport`,
		"user@host/ext~9999999999999999": `"9999999999999999" behind the ~ is no number of seconds`,
	} {
		if got, err := parseRegister(line); err == nil || err.Error() != want {
			t.Errorf("%s: got %+v, %v; want %s", line, got, err, want)
		}
	}
}

// FuzzRegisterLine: nothing panics, and what is taken has a user and a host.
func FuzzRegisterLine(f *testing.F) {
	for _, s := range []string{"user:secret@host/ext~600", "peer?tls://u@d:s:a@[::1]:5061/e", "@", "?@h", "://@h", "u:p?@h", "u@h:99999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parseRegister(s)
		if err != nil {
			return
		}
		if r.User == "" || r.Host == "" || r.Expires < 0 || !strings.Contains(s, r.Secret) {
			t.Errorf("%q gives %+v", s, r)
		}
	})
}
