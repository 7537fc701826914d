// Package credential is what we prove ourselves with to other servers.
package credential

import (
	"errors"
	"strings"

	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/digest"
)

// The reasons why a challenge is left unanswered.
var (
	ErrNone    = errors.New("the account is a phone of ours or has no secret")
	ErrRefused = errors.New("the server has not accepted the password")
)

// Proof answers the challenge of an account's server: by an auth= line for its realm,
// else by remotesecret=, secret= or md5secret= of the account. Phones, which register
// here, get none: one that challenges is after a proof it can use (class 13 of the
// security classes).
func Proof(set *sipconf.Settings, p *sipconf.Peer, challenge *sip.Message, method sip.Method, uri string) (sip.HeaderID, string, error) {
	if p.Dynamic {
		return 0, "", ErrNone
	}
	a, ok := ForRealm(set, p, challenge)
	if !ok {
		a = ofAccount(p)
	}
	if a.Secret == "" && a.HA1 == "" {
		return 0, "", ErrNone
	}
	a.Method, a.URI = method, uri
	return digest.Respond(challenge, a)
}

// ForRealm is what auth= lines have for a realm that a challenge names, false where they
// have nothing.
func ForRealm(set *sipconf.Settings, p *sipconf.Peer, challenge *sip.Message) (digest.Answer, bool) {
	for _, realm := range Realms(challenge) {
		if c, ok := set.CredentialFor(p, realm); ok {
			return digest.Answer{User: c.User, Secret: c.Secret, HA1: c.MD5Secret}, true
		}
	}
	return digest.Answer{}, false
}

// ofAccount is what an account itself has.
func ofAccount(p *sipconf.Peer) digest.Answer {
	a := digest.Answer{User: p.Username, Secret: p.RemoteSecret}
	if a.User == "" {
		a.User = p.Name
	}
	if a.Secret == "" {
		a.Secret = p.Secret
	}
	if a.Secret == "" {
		a.HA1 = p.MD5Secret
	}
	return a
}

// Realms are those that a challenge names.
func Realms(challenge *sip.Message) []string {
	var out []string
	for c := range challenge.Auths(header(challenge)) {
		out = append(out, c.Get("realm"))
	}
	return out
}

func header(challenge *sip.Message) sip.HeaderID {
	if challenge.StatusCode() == 407 {
		return sip.HeaderProxyAuthenticate
	}
	return sip.HeaderWWWAuthenticate
}

// Stale says whether a challenge asks again only because its nonce was old.
func Stale(challenge *sip.Message) bool {
	for a := range challenge.Auths(header(challenge)) {
		if strings.EqualFold(a.Get("stale"), "true") {
			return true
		}
	}
	return false
}

// most is how often one request may be challenged, as in the original.
const most = 3

// Proofs are the answers that one request has given: to each realm that asked, a proxy's
// and its server's, the latest.
type Proofs struct {
	given []given
	tries int
}

type given struct {
	header sip.HeaderID
	realm  string
	value  string
}

// Take answers a challenge. A realm that has had an answer gets another only where its
// nonce was old: the same password again would be as wrong, and too many tries lock
// people out.
func (o *Proofs) Take(set *sipconf.Settings, p *sipconf.Peer, challenge *sip.Message, method sip.Method, uri string) error {
	return o.take(challenge, func() (sip.HeaderID, string, error) { return Proof(set, p, challenge, method, uri) })
}

// TakeWith is Take with an answer that is known already.
func (o *Proofs) TakeWith(challenge *sip.Message, a digest.Answer) error {
	return o.take(challenge, func() (sip.HeaderID, string, error) { return digest.Respond(challenge, a) })
}

func (o *Proofs) take(challenge *sip.Message, prove func() (sip.HeaderID, string, error)) error {
	realm := strings.Join(Realms(challenge), "\n")
	if o.tries++; o.tries > most || o.has(header(challenge), realm) && !Stale(challenge) {
		return ErrRefused
	}
	id, value, err := prove()
	if err != nil {
		return err
	}
	o.Put(id, realm, value)
	return nil
}

// answers is the header of the answer to a challenge in another.
func answers(challenge sip.HeaderID) sip.HeaderID {
	if challenge == sip.HeaderProxyAuthenticate {
		return sip.HeaderProxyAuthorization
	}
	return sip.HeaderAuthorization
}

func (o *Proofs) has(challenge sip.HeaderID, realm string) bool {
	for _, g := range o.given {
		if g.header == answers(challenge) && g.realm == realm {
			return true
		}
	}
	return false
}

// Put keeps an answer in place of an older one to the same realm.
func (o *Proofs) Put(id sip.HeaderID, realm, value string) {
	for i := range o.given {
		if g := &o.given[i]; g.header == id && g.realm == realm {
			g.value = value
			return
		}
	}
	o.given = append(o.given, given{id, realm, value})
}

// Write writes the answers into the request.
func (o *Proofs) Write(b *sip.Builder) {
	for _, g := range o.given {
		b.Add(g.header, g.value)
	}
}
