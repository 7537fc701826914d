package chansip

import (
	"obelus/call"
	"obelus/sip"
	"obelus/sip/dialog"
)

// replaces serves an INVITE with Replaces (RFC 3891): its phone takes the place of
// another in a call, or answers one that rings elsewhere, in its stead. Guests can't: the
// tags that name a call are in messages that others may have seen.
func (r *request) replaces() {
	with, err := dialog.ParseReplaces(r.M.Value(sip.HeaderReplaces))
	if err != nil || r.M.Count(sip.HeaderReplaces) > 1 {
		r.Answer(400, "Bad request", nil)
		return
	}
	if r.Peer == nil {
		r.Answer(403, "Forbidden", nil)
		return
	}
	if ch := r.d.lamps.Ringing(r.Peer.Name, with.CallID); ch != nil {
		r.takeOver(ch) // as its lamp has shown it
		return
	}
	old := r.d.calls.find(with.ID)
	if old == nil {
		r.Answer(481, "Call Leg Does Not Exist (Replaces)", nil)
		return
	}
	if with.EarlyOnly && old.ch.State() == call.StateUp {
		r.Answer(486, "Busy (Replaces early-only)", nil) // RFC 3891 section 3
		return
	}
	if old.ch.Bridge() == nil && old.incoming {
		r.Answer(481, "Call Leg Does Not Exist (Replace)", nil) // a caller who talks to nobody has no place to be taken
		return
	}
	r.takeOver(old.ch)
}

// takeOver makes the call, answers it, and has it take the place of another.
func (r *request) takeOver(old *call.Channel) {
	offer, ok := r.description()
	if !ok {
		return
	}
	l, ok := r.newLeg(offer == nil)
	if !ok || !r.open(l, offer) {
		return
	}
	exten := r.RequestUser()
	if exten == "" {
		exten = "s"
	}
	r.channel(l, exten)
	l.ch.Start(call.Await)
	if err := l.ch.Answer(nil); err != nil {
		l.ch.Hangup(call.CauseTemporaryFailure)
		return
	}
	if err := call.TakePlace(old, l.ch); err != nil {
		l.ch.Log().Info("a phone could not take another's place", "of", old.Name(), "why", err)
		l.ch.Hangup(call.CauseTemporaryFailure)
		return
	}
	l.ch.Log().Info("a phone takes another's place", "of", old.Name())
	if old.State() == call.StateUp {
		old.Hangup(call.CauseNormalClearing) // RFC 3891 section 3; one that rings is the caller's to end
	}
}
