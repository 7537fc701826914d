package digest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"obelus/sip"
)

// ErrChallenge says that a challenge can't be answered.
var ErrChallenge = errors.New("the challenge can't be answered")

// Answer is what a client proves itself with.
type Answer struct {
	User, Secret string
	HA1          string // instead of Secret: the MD5 of user:realm:secret in hex; answers MD5 only
	Method       sip.Method
	URI          string // the request's first line
}

// Respond makes the value of an Authorization or Proxy-Authorization header from
// a 401 or 407. Of several challenges the strongest that is known is answered
// (RFC 8760). auth-int is not: a challenge that has nothing else can't be.
func Respond(resp *sip.Message, a Answer) (id sip.HeaderID, value string, err error) {
	from, to := sip.HeaderWWWAuthenticate, sip.HeaderAuthorization
	if resp.StatusCode() == 407 {
		from, to = sip.HeaderProxyAuthenticate, sip.HeaderProxyAuthorization
	}
	best := ""
	for c := range resp.Auths(from) {
		value, strength := answerTo(c, a)
		if value != "" && (best == "" || strength) {
			best = value
		}
	}
	if best == "" {
		return 0, "", fmt.Errorf("%w: %s", ErrChallenge, resp.Value(from))
	}
	return to, best, nil
}

func answerTo(c sip.AuthParams, a Answer) (value string, strong bool) {
	if !c.IsDigest() {
		return "", false
	}
	q := question{user: a.User, realm: c.Get("realm"), secret: a.Secret, ha1: a.HA1, nonce: c.Get("nonce"), method: string(a.Method), uri: a.URI}
	name := c.Get("algorithm")
	base, session := strings.CutSuffix(strings.ToUpper(name), "-SESS")
	var ok bool
	if q.sha256, ok = algorithm(base); !ok || q.sha256 && a.HA1 != "" {
		return "", false
	}
	q.session = session
	if offered := c.Get("qop"); offered != "" {
		if !hasAuth(offered) {
			return "", false
		}
		q.qop, q.nc = "auth", "00000001"
	}
	if q.qop != "" || q.session {
		var r [8]byte
		rand.Read(r[:])
		q.cnonce = hex.EncodeToString(r[:])
	}
	var resp [2 * sha256.Size]byte
	n := q.answer(resp[:])
	b := append([]byte(nil), "Digest username="...)
	b = sip.AppendQuoted(b, q.user)
	for _, p := range [][2]string{{"realm", q.realm}, {"nonce", q.nonce}, {"uri", q.uri}, {"response", string(resp[:n])}} {
		b = append(b, ", "+p[0]+"="...)
		b = sip.AppendQuoted(b, p[1])
	}
	if name != "" {
		b = append(b, ", algorithm="+name...)
	}
	if opaque := c.Get("opaque"); opaque != "" {
		b = append(b, ", opaque="...)
		b = sip.AppendQuoted(b, opaque)
	}
	if q.cnonce != "" {
		b = append(b, `, cnonce="`+q.cnonce+`"`...)
	}
	if q.qop != "" {
		b = append(b, ", qop=auth, nc="+q.nc...)
	}
	return string(b), q.sha256
}

// hasAuth says whether a list of qop values has auth.
func hasAuth(list string) bool {
	for _, v := range strings.Split(list, ",") {
		if strings.EqualFold(strings.TrimSpace(v), "auth") {
			return true
		}
	}
	return false
}
