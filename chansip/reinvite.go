package chansip

import (
	"fmt"
	"math/rand/v2"
	"time"

	"obelus/call"
	"obelus/chansip/talk"
	"obelus/sip"
	"obelus/sip/sdp"
	"obelus/sip/transaction"
)

// reinvited serves an INVITE within a call: hold, resume, another address, a
// refresh of the session.
func (l *leg) reinvited(r *request) {
	if !l.inOrder(r) {
		return
	}
	offer, ok := r.description()
	if !ok {
		return
	}
	l.mu.Lock()
	if status := l.busy(); status != 0 {
		l.mu.Unlock()
		r.answer(status, "", func(b *sip.Builder) {
			if status == 500 {
				b.Header("Retry-After", fmt.Sprint(rand.IntN(10))) // RFC 3261 section 14.2
			}
		})
		return
	}
	session, tooSmall := l.policy().Answer(r.m)
	if tooSmall {
		l.mu.Unlock()
		r.answer(422, "Session Interval Too Small", func(b *sip.Builder) { b.Number(sip.HeaderMinSE, uint64(l.peer.Timers.Min.Seconds())) })
		return
	}
	if tell, fax := l.wantsFax(r, offer); fax {
		l.session = session
		l.mu.Unlock()
		if tell.Kind != 0 {
			l.ch.Notify(tell)
		}
		return
	}
	event, agreed := l.changed(offer)
	if !agreed {
		l.mu.Unlock()
		r.answer(488, "Not acceptable here", nil)
		return
	}
	l.dlg.Refresh(r.m)
	l.follow()
	l.session = session
	l.theirs = true
	r.answer(100, "", func(b *sip.Builder) { b.Add(sip.HeaderContact, l.contact) })
	var body *sdp.Session
	if offer == nil {
		l.delayed = true
		body = l.offerAgain()
	} else {
		body = l.talk.Answer()
	}
	l.sendOK(r, body)
	l.startSession()
	l.mu.Unlock()
	l.tell(event)
}

// offerAgain is our offer to a phone that asks for one within a call; l.mu is
// held.
func (l *leg) offerAgain() *sdp.Session {
	if err := l.talk.Propose(talk.Far{}); err != nil {
		l.ch.Log().Info("an offer within the call has no sound", "why", err)
	}
	return l.talk.Describe(sdp.SendRecv)
}

// busy is the answer owed where an offer can't be taken now: 491 while ours is
// under way, 500 while theirs is (RFC 3261 section 14.2); l.mu is held.
func (l *leg) busy() int {
	switch {
	case l.again != nil, !l.incoming && l.state == legRinging:
		return 491
	case l.incoming && l.state == legRinging, l.theirs && l.ok != nil, l.fax.r != nil:
		return 500
	case l.state == legGone:
		return 481
	}
	return 0
}

// changed takes an offer within a call in, and says what the channel is to be
// told; l.mu is held. An offer of a version that we have seen changes nothing,
// unless ignoresdpversion=yes.
func (l *leg) changed(offer *sdp.Session) (event call.EventKind, ok bool) {
	if offer == nil {
		return 0, true
	}
	was := l.talk.Held()
	if err := l.talk.TakeOffer(offer); err != nil {
		l.ch.Log().Info("an offer within the call is refused", "why", err)
		return 0, false
	}
	switch {
	case l.talk.Faxing():
		l.endFax()
		return call.EventFax, true
	case l.talk.Held() && !was:
		return call.EventHold, true
	case was && !l.talk.Held():
		return call.EventUnhold, true
	}
	return 0, true
}

func (l *leg) tell(kind call.EventKind) {
	switch kind {
	case call.EventHold:
		l.ch.Notify(call.Event{Kind: kind, Indication: call.Hold{Class: l.peer.MusicSuggest}})
	case call.EventUnhold:
		l.ch.Notify(call.Event{Kind: kind})
	case call.EventFax:
		l.ch.Notify(call.Event{Kind: kind, Indication: call.Fax{Step: call.FaxOver}})
	}
}

// update serves an UPDATE (RFC 3311): like a re-INVITE, answered at once.
func (r *request) update() {
	l := r.legOf()
	if l == nil {
		r.answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if !l.inOrder(r) {
		return
	}
	offer, ok := r.description()
	if !ok {
		return
	}
	l.mu.Lock()
	if offer != nil {
		if status := l.busy(); status != 0 {
			l.mu.Unlock()
			r.answer(status, "", nil)
			return
		}
	}
	session, tooSmall := l.policy().Answer(r.m)
	event, agreed := call.EventKind(0), true
	if !tooSmall {
		event, agreed = l.changed(offer)
	}
	if tooSmall || !agreed {
		l.mu.Unlock()
		if tooSmall {
			r.answer(422, "Session Interval Too Small", func(b *sip.Builder) { b.Number(sip.HeaderMinSE, uint64(l.peer.Timers.Min.Seconds())) })
		} else {
			r.answer(488, "Not acceptable here", nil)
		}
		return
	}
	l.dlg.Refresh(r.m)
	l.follow()
	if session.Interval > 0 {
		l.session = session
		l.startSession()
	}
	more := func(b *sip.Builder) {
		b.Add(sip.HeaderContact, l.contact)
		l.addSession(b)
	}
	if offer != nil {
		r.answerBody(200, "", more, sdp.ContentType, l.talk.Answer().Append(nil))
	} else {
		r.answer(200, "", more)
	}
	l.mu.Unlock()
	l.tell(event)
}

// prack serves a PRACK (RFC 3262). We send no reliable 1xx, so there is none to
// acknowledge.
func (r *request) prack() { r.answer(481, "Call leg/transaction does not exist", nil) }

// reinvite is an INVITE of ours within a call under way.
type reinvite struct {
	l      *leg
	client *transaction.Client
}

// refreshSession sends an INVITE that changes nothing, to say that the call
// lives (RFC 4028); l.mu is held.
func (l *leg) refreshSession() {
	if l.again != nil || l.theirs && l.ok != nil {
		return // an offer is under way, which refreshes too
	}
	b, branch := l.begin(l.dlg, sip.INVITE)
	l.inviteSeq = l.dlg.LocalSeq()
	b.Add(sip.HeaderAllow, allowed)
	b.Add(sip.HeaderSupported, supported)
	b.Header("Session-Expires", fmt.Sprintf("%d;refresher=uac", int(l.session.Interval.Seconds())))
	b.Number(sip.HeaderMinSE, uint64(l.peer.Timers.Min.Seconds()))
	l.again = &reinvite{l: l}
	l.again.client = l.sendOwn(b.End(sdp.ContentType, l.talk.Describe(l.direction()).Append(nil)), branch, sip.INVITE, l.again)
}

// direction is the direction of an offer of ours: a phone that holds us is not
// asked to talk.
func (l *leg) direction() sdp.Direction {
	if l.talk.Held() {
		return sdp.RecvOnly
	}
	return sdp.SendRecv
}

// Response takes an answer to the re-INVITE in.
func (a *reinvite) Response(_ *transaction.Client, m *sip.Message) {
	l, status := a.l, m.StatusCode()
	if status < 200 {
		return
	}
	l.mu.Lock()
	if status < 300 {
		if l.again == nil {
			l.resendACK()
			l.mu.Unlock()
			return
		}
		l.dlg.Refresh(m)
		l.follow()
		l.sendACK(l.dlg)
		if body, ok := sdpOf(m); ok && len(body) > 0 {
			if s, err := sdp.Parse(body); err == nil {
				l.talk.TakeAnswer(s)
			}
		}
		l.session = l.policy().Settle(m, l.session.Interval)
		l.startSession()
	}
	l.again = nil
	over := status == 481 || status == 408
	if over {
		l.sayBye(call.CauseNormalClearing)
	} else if status >= 300 {
		l.later(status)
	}
	l.mu.Unlock()
	if over {
		l.ended(call.CauseNormalClearing)
	}
}

// Failed is told when the phone did not answer the re-INVITE: the call is lost
// (RFC 3261 section 12.2.1.2).
func (a *reinvite) Failed(_ *transaction.Client, err error) {
	l := a.l
	l.mu.Lock()
	l.again = nil
	gone := l.state == legGone
	if !gone {
		l.ch.Log().Info("the phone did not answer within the call: hanging up", "why", err)
		l.sayBye(call.CauseNoUserResponse)
	}
	l.mu.Unlock()
	if !gone {
		l.ended(call.CauseNoUserResponse)
	}
}

// later tries a refresh that was refused again: after glare as RFC 3261 section
// 14.1 says, longer for the one who made the Call-ID; l.mu is held.
func (l *leg) later(status int) {
	if l.session.Interval == 0 {
		return
	}
	wait := l.session.Interval / 10
	if status == 491 {
		wait = time.Duration(rand.IntN(200)) * 10 * time.Millisecond
		if !l.incoming {
			wait = 2100*time.Millisecond + time.Duration(rand.IntN(190))*10*time.Millisecond
		}
	}
	l.d.tx.Wheel().Set(&l.refresh, (*sessionClock)(l), wait)
}

// startSession sets the clock of the session timer; l.mu is held.
func (l *leg) startSession() {
	w := l.d.tx.Wheel()
	switch {
	case l.session.Interval == 0 || l.state != legUp:
		w.Stop(&l.refresh)
	case l.session.We:
		w.Set(&l.refresh, (*sessionClock)(l), l.session.Refresh())
	default:
		w.Set(&l.refresh, (*sessionClock)(l), l.session.Deadline())
	}
}

// sessionClock is a leg as the wheel sees it.
type sessionClock leg

// Ring is called by the wheel when the session is to be refreshed, or was not.
func (c *sessionClock) Ring(t *transaction.Timer, turn uint32) {
	l := (*leg)(c)
	l.mu.Lock()
	if !t.Due(turn) || l.state != legUp {
		l.mu.Unlock()
		return
	}
	if l.session.We {
		l.refreshSession()
		l.mu.Unlock()
		return
	}
	l.ch.Log().Info("the phone has not refreshed its session: hanging up", "interval", l.session.Interval)
	l.sayBye(call.CauseTimerExpired)
	l.mu.Unlock()
	l.ended(call.CauseTimerExpired)
}
