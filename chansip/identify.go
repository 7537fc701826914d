package chansip

import (
	"errors"

	"obelus/chansip/sipconf"
	"obelus/event"
	"obelus/sip"
	"obelus/sip/digest"
	"obelus/sip/transport"
)

// verdict is what became of finding out whose a request is.
type verdict uint8

const (
	known      verdict = iota // r.peer is set, and has proved it where it must
	guest                     // nobody of ours; allowguest lets it in
	challenged                // answered 401
	refused                   // answered 403 or the like
)

// identify finds out whose a request is, and has it proved: as chan_sip does, by
// the user in From among those that may call in, then by the address it came
// from among peers, then as a guest. insecure=invite spares INVITEs and texts.
// Unless it returns known or guest the request has been answered.
func (r *request) identify() verdict {
	peer := r.account()
	if peer == nil {
		if r.set.General.AllowGuest {
			return guest
		}
		return r.unknown()
	}
	if !peer.ACL.Allows(r.flow.Remote.Addr()) {
		return r.turnAway(403, peer.Name, "the address is not permitted")
	}
	r.peer = peer
	if peer.Secret == "" && peer.MD5Secret == "" || peer.Insecure.Invite && exempt(r.m.Method()) {
		r.d.tp.Authenticated(r.flow)
		return known
	}
	return r.prove(peer.Name, peer.Secret, peer.MD5Secret)
}

// exempt says what insecure=invite leaves unproved.
func exempt(m sip.Method) bool { return m == sip.INVITE || m == sip.MESSAGE || m == sip.SUBSCRIBE }

// account finds the account that a request claims to come from.
func (r *request) account() *Peer {
	if r.set.General.MatchAuthUsername {
		for a := range r.m.Auths(sip.HeaderAuthorization) {
			if p := r.set.Peer(a.Get("username")); p != nil && p.Type&sipconf.TypeUser != 0 {
				return p
			}
		}
	}
	if p := r.set.Peer(r.fromUser()); p != nil && p.Type&sipconf.TypeUser != 0 {
		return p
	}
	return r.d.reach.ByAddr(r.set, r.flow)
}

// unknown answers somebody whom no account fits. With alwaysauthreject it is
// the same, step by step, as a wrong password (security class 11).
func (r *request) unknown() verdict {
	return r.turnAway(403, r.fromUser(), "no such account")
}

// turnAway answers somebody who may not do this whatever they prove. With
// alwaysauthreject it is the same as a wrong password.
func (r *request) turnAway(status int, name, why string) verdict {
	if r.set.General.AlwaysAuthReject {
		return r.rejectAsWrong(name, why)
	}
	r.failed(name, why)
	r.answer(status, "", nil)
	return refused
}

// rejectAsWrong turns somebody away as if the password were wrong.
func (r *request) rejectAsWrong(name, why string) verdict {
	switch r.verify("", r.d.dummy(), "") {
	case digest.Missing:
		r.challenge(false)
		return challenged
	case digest.Stale:
		r.challenge(true)
		return challenged
	}
	r.failed(name, why)
	return r.forbid()
}

// dummy is the secret of those who have none: nobody knows it.
func (d *Driver) dummy() string { return d.auth.Dummy() }

// prove asks for a proof, or checks the one that is there.
func (r *request) prove(account, secret, md5secret string) verdict {
	switch r.verify(account, secret, md5secret) {
	case digest.Good:
		if account != "" {
			r.d.tp.Authenticated(r.flow)
			return known
		}
	case digest.Missing:
		r.challenge(false)
		return challenged
	case digest.Stale:
		r.challenge(true)
		return challenged
	}
	name := account
	if name == "" {
		name = r.fromUser()
	}
	r.failed(name, "wrong password")
	return r.forbid()
}

func (r *request) verify(account, secret, md5secret string) digest.Result {
	return r.d.auth.Verify(digest.Check{
		Message: r.m, Source: transport.Unmap(r.flow.Remote),
		Realm: r.set.General.Realm, User: account, Secret: secret, HA1: md5secret, Now: now(),
	})
}

// challenge answers 401. To a request outside of a dialog nothing is kept of
// it: who has proved nothing gets no memory of ours.
func (r *request) challenge(stale bool) {
	buf := r.d.buffers.Get().(*[]byte)
	b := sip.NewBuilder(*buf)
	r.begin(&b, 401, "")
	b.Add(sip.HeaderWWWAuthenticate, r.d.auth.Challenge(r.set.General.Realm, stale, now()))
	r.sendStateless(401, b.End("", nil))
	*buf = b.Bytes()[:0]
	r.d.buffers.Put(buf)
}

// sendStateless sends an answer and keeps nothing.
func (r *request) sendStateless(status int, b []byte) {
	if r.tx == nil {
		r.send(status, b)
		return
	}
	r.tx.SetReplyTo(r.replyFlow())
	if err := r.tx.ReplyStateless(b); err != nil {
		r.d.log.Debug("an answer could not be sent", "method", r.m.Method(), "status", status, "to", r.flow, "why", err)
	}
}

func (r *request) forbid() verdict {
	r.answer(403, "", nil)
	return refused
}

// failed tells observers that somebody did not prove who they are.
func (r *request) failed(account, reason string) {
	event.Publish(r.d.cfg.Bus, event.AuthFailed{
		Account: account, Addr: transport.Unmap(r.flow.Remote), Transport: r.flow.Transport.String(), Method: string(r.m.Method()), Reason: reason,
	})
	r.d.log.Info("authentication failed", "account", account, "from", r.flow.Remote, "method", r.m.Method(), "why", reason)
}

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
