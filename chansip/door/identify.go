package door

import (
	"fmt"
	"time"

	"obelus/chansip/sipconf"
	"obelus/event"
	"obelus/sip"
	"obelus/sip/digest"
	"obelus/sip/transport"
)

// Verdict is what became of finding out whose a request is.
type Verdict uint8

// The verdicts. After the last two the request has been answered.
const (
	Known      Verdict = iota // Peer is set, and has proved it where it must
	Guest                     // nobody of ours; allowguest lets it in
	Challenged                // answered 401
	Refused                   // answered 403 or the like
)

// Identify finds out whose a request is, and has it proved: as chan_sip does, by
// the user in From among those that may call in, then by the address it came
// from among peers, then as a guest. insecure=invite spares INVITEs and texts.
// Unless it returns Known or Guest the request has been answered.
func (r *Request) Identify() Verdict {
	peer := r.Account()
	if peer == nil {
		if r.Set.General.AllowGuest {
			return Guest
		}
		return r.unknown()
	}
	if !peer.ACL.Allows(r.Flow.Remote.Addr()) {
		return r.TurnAway(403, peer.Name, "the address is not permitted")
	}
	r.Peer = peer
	if peer.Secret == "" && peer.MD5Secret == "" || peer.Insecure.Invite && exempt(r.M.Method()) {
		r.Trust()
		return Known
	}
	return r.Prove(peer.Name, peer.Secret, peer.MD5Secret)
}

// Trust has it known that whoever sends by the request's flow has proved who they
// are, or need not.
func (r *Request) Trust() { r.d.c.Proved(r.Flow) }

// exempt says what insecure=invite leaves unproved.
func exempt(m sip.Method) bool { return m == sip.INVITE || m == sip.MESSAGE || m == sip.SUBSCRIBE }

// Account finds the account that a request claims to come from.
func (r *Request) Account() *sipconf.Peer {
	if r.Set.General.MatchAuthUsername {
		for a := range r.M.Auths(sip.HeaderAuthorization) {
			if p := r.Set.Peer(a.Get("username")); p != nil && p.Type&sipconf.TypeUser != 0 {
				return p
			}
		}
	}
	// As in the original who subscribes is known by name whatever the type: a phone of
	// type=peer watches lamps, too.
	if p := r.Set.Peer(r.FromUser()); p != nil && (p.Type&sipconf.TypeUser != 0 || r.M.Method() == sip.SUBSCRIBE) {
		return p
	}
	return r.d.c.ByAddr(r.Set, r.Flow, r.RequestUser())
}

// unknown answers somebody whom no account fits. With alwaysauthreject it is
// the same, step by step, as a wrong password (security class 11).
func (r *Request) unknown() Verdict {
	return r.TurnAway(403, r.FromUser(), "no such account")
}

// TurnAway answers somebody who may not do this whatever they prove. With
// alwaysauthreject it is the same as a wrong password.
func (r *Request) TurnAway(status int, name, why string) Verdict {
	if r.Set.General.AlwaysAuthReject {
		return r.rejectAsWrong(name, why)
	}
	r.failed(name, why)
	r.Answer(status, "", nil)
	return Refused
}

// rejectAsWrong turns somebody away as if the password were wrong.
func (r *Request) rejectAsWrong(name, why string) Verdict {
	switch r.verify("", r.d.auth.Dummy(), "") {
	case digest.Missing:
		r.challenge(false)
		return Challenged
	case digest.Stale:
		r.challenge(true)
		return Challenged
	}
	r.failed(name, why)
	return r.forbid()
}

// Prove asks for a proof, or checks the one that is there.
func (r *Request) Prove(account, secret, md5secret string) Verdict {
	switch r.verify(account, secret, md5secret) {
	case digest.Good:
		if account != "" {
			r.Trust()
			return Known
		}
	case digest.Missing:
		r.challenge(false)
		return Challenged
	case digest.Stale:
		r.challenge(true)
		return Challenged
	}
	name := account
	if name == "" {
		name = r.FromUser()
	}
	r.failed(name, "wrong password")
	return r.forbid()
}

func (r *Request) verify(account, secret, md5secret string) digest.Result {
	return r.d.auth.Verify(digest.Check{
		Message: r.M, Source: transport.Unmap(r.Flow.Remote),
		Realm: r.realm(), User: account, Secret: secret, HA1: md5secret, Now: time.Now(),
	})
}

// challenge answers 401. To a request outside of a dialog nothing is kept of
// it: who has proved nothing gets no memory of ours.
func (r *Request) challenge(stale bool) {
	b := r.Begin(401, "")
	b.Add(sip.HeaderWWWAuthenticate, r.d.auth.Challenge(r.realm(), stale, time.Now()))
	r.sendStateless(401, b.End("", nil))
	r.free(&b)
}

// sendStateless sends an answer and keeps nothing.
func (r *Request) sendStateless(status int, b []byte) {
	if r.Tx == nil {
		r.send(status, b)
		return
	}
	r.Tx.SetReplyTo(r.ReplyFlow())
	if err := r.Tx.ReplyStateless(b); err != nil {
		r.d.c.Log.Debug("an answer could not be sent", "method", r.M.Method(), "status", status, "to", r.Flow, "why", err)
	}
}

func (r *Request) forbid() Verdict {
	r.Answer(403, "", nil)
	return Refused
}

// failed tells observers that somebody did not prove who they are.
func (r *Request) failed(account, reason string) {
	event.Publish(r.d.c.Bus, event.AuthFailed{
		Account: account, Addr: transport.Unmap(r.Flow.Remote), Transport: r.Flow.Transport.String(), Method: string(r.M.Method()), Reason: reason,
	})
	r.d.c.Log.Info(r.complaint(reason), "account", account, "why", reason)
}

// complaint is what the original logs of somebody who is not believed: those who keep
// such addresses out read it.
func (r *Request) complaint(reason string) string {
	if r.M.Method() != sip.REGISTER {
		return fmt.Sprintf("Failed to authenticate device %s for %s, code = -1", r.M.Value(sip.HeaderFrom), r.M.Method())
	}
	word := map[string]string{
		"no such account": "No matching peer found", "unknown domain": "Not a local domain", "the address is not permitted": "Device does not match ACL",
		"the account is not host=dynamic": "Peer is not supposed to register",
	}[reason]
	if word == "" {
		word = "Wrong password"
	}
	return fmt.Sprintf("Registration from '%s' failed for '%s' - %s", r.M.Value(sip.HeaderTo), transport.Unmap(r.Flow.Remote), word)
}
