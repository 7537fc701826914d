package sipconf

import (
	"errors"
	"strings"
)

// Credential is one auth= line: what we prove ourselves with to servers of a realm,
// whatever the account says.
type Credential struct {
	Realm     string
	User      string
	Secret    string
	MD5Secret string // instead of Secret: the MD5 of user:realm:secret in hex
}

// CredentialFor is what an account has for a realm: by its own auth= lines, else by
// those of [general] and [authentication]; false where none names it.
func (s *Settings) CredentialFor(p *Peer, realm string) (Credential, bool) {
	for _, list := range [][]Credential{p.Credentials, s.General.Credentials} {
		for _, c := range list {
			if strings.EqualFold(c.Realm, realm) {
				return c, true
			}
		}
	}
	return Credential{}, false
}

// parseCredential reads auth=user[:secret]@realm and auth=user#md5secret@realm. The
// realm is behind the last @: a secret may have one.
func parseCredential(v string) (Credential, error) {
	at := strings.LastIndexByte(v, '@')
	if at < 0 || strings.TrimSpace(v[at+1:]) == "" {
		return Credential{}, errors.New("it names no realm: the form is user:secret@realm, or user#md5secret@realm")
	}
	c := Credential{Realm: strings.TrimSpace(v[at+1:])}
	var plain, hashed bool
	if c.User, c.Secret, plain = strings.Cut(v[:at], ":"); !plain {
		c.User, c.MD5Secret, hashed = strings.Cut(v[:at], "#")
	}
	c.User = strings.TrimSpace(c.User)
	switch {
	case c.User == "":
		return Credential{}, errors.New("it names no user: the form is user:secret@realm, or user#md5secret@realm")
	case hashed && len(c.MD5Secret) != 32:
		return Credential{}, errors.New("what is behind the # is no MD5 of user:realm:secret")
	}
	return c, nil
}

// credentialOption adds auth= lines.
func credentialOption() option {
	add := func(list []Credential, v string) ([]Credential, error) {
		c, err := parseCredential(v)
		if err != nil {
			return list, err
		}
		return append(list[:len(list):len(list)], c), nil
	}
	return option{
		general: func(g *General, v string) (err error) { g.Credentials, err = add(g.Credentials, v); return err },
		account: func(p *Peer, v string) (err error) { p.Credentials, err = add(p.Credentials, v); return err },
	}
}
