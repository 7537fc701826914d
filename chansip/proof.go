package chansip

import (
	"errors"

	"obelus/sip"
	"obelus/sip/digest"
)

// errNoProof is why a challenge is left unanswered.
var errNoProof = errors.New("the account is a phone of ours or has no secret")

// proof answers the challenge of the account's server. Phones, which register
// here, get none: one that challenges is after a proof it can use (class 13 of
// the security classes).
func proof(p *Peer, challenge *sip.Message, method sip.Method, uri string) (sip.HeaderID, string, error) {
	a := digest.Answer{User: p.Username, Secret: p.RemoteSecret, Method: method, URI: uri}
	if a.User == "" {
		a.User = p.Name
	}
	if a.Secret == "" {
		a.Secret = p.Secret
	}
	if p.Dynamic || a.Secret == "" {
		return 0, "", errNoProof
	}
	return digest.Respond(challenge, a)
}
