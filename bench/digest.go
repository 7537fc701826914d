package main

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// challenge is what a WWW-Authenticate or Proxy-Authenticate header asks
// (RFC 2617 section 3.2.1).
type challenge struct {
	realm, nonce, opaque string
	qop                  bool // auth is offered
}

// parseChallenge reads the value of the header.
func parseChallenge(value string) (challenge, error) {
	var c challenge
	rest, ok := strings.CutPrefix(strings.TrimSpace(value), "Digest ")
	if !ok {
		return c, fmt.Errorf("not a digest challenge: %q", value)
	}
	for rest != "" {
		name, after, ok := strings.Cut(rest, "=")
		if !ok {
			return c, fmt.Errorf("a parameter without a value: %q", value)
		}
		var v string
		if quoted, found := strings.CutPrefix(after, `"`); found {
			if v, rest, ok = strings.Cut(quoted, `"`); !ok {
				return c, fmt.Errorf("an open quote: %q", value)
			}
			_, rest, _ = strings.Cut(rest, ",")
		} else {
			v, rest, _ = strings.Cut(after, ",")
		}
		if err := c.set(strings.ToLower(strings.TrimSpace(name)), v); err != nil {
			return c, err
		}
	}
	if c.realm == "" || c.nonce == "" {
		return c, errors.New("a challenge without realm or nonce")
	}
	return c, nil
}

func (c *challenge) set(name, v string) error {
	switch name {
	case "realm":
		c.realm = v
	case "nonce":
		c.nonce = v
	case "opaque":
		c.opaque = v
	case "qop":
		for one := range strings.SplitSeq(v, ",") {
			c.qop = c.qop || strings.TrimSpace(one) == "auth"
		}
	case "algorithm":
		if !strings.EqualFold(strings.TrimSpace(v), "MD5") {
			return fmt.Errorf("algorithm %q; the generator knows MD5", v)
		}
	}
	return nil
}

// credentials are an account's; HA1 is worked out once for a realm, so
// that the generator is cheap.
type credentials struct {
	user, secret string
	realm, ha1   string
}

const cnonce = "0a4f113b"

// answer makes the value of the Authorization header for a request. Each
// nonce is used once, so the nonce count is always 1.
func (c *credentials) answer(ch challenge, method, uri string) string {
	if c.realm != ch.realm || c.ha1 == "" {
		c.realm, c.ha1 = ch.realm, hash(c.user+":"+ch.realm+":"+c.secret)
	}
	ha2 := hash(method + ":" + uri)
	middle, params := "", ""
	if ch.qop {
		middle = ":00000001:" + cnonce + ":auth"
		params = `, qop=auth, nc=00000001, cnonce="` + cnonce + `"`
	}
	if ch.opaque != "" {
		params += `, opaque="` + ch.opaque + `"`
	}
	return `Digest username="` + c.user + `", realm="` + ch.realm + `", nonce="` + ch.nonce + `", uri="` + uri +
		`", response="` + hash(c.ha1+":"+ch.nonce+middle+":"+ha2) + `", algorithm=MD5` + params
}

func hash(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}
