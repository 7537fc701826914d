package chansip

import (
	"fmt"
	"math/rand/v2"

	"obelus/call"
	"obelus/chansip/credential"
	"obelus/chansip/outside"
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
		r.Answer(status, "", func(b *sip.Builder) {
			if status == 500 {
				b.Header("Retry-After", fmt.Sprint(rand.IntN(10))) // RFC 3261 section 14.2
			}
		})
		return
	}
	session, tooSmall := l.policy().Answer(r.M)
	if tooSmall {
		l.mu.Unlock()
		r.Answer(422, "Session Interval Too Small", func(b *sip.Builder) { b.Number(sip.HeaderMinSE, uint64(l.peer.Timers.Min.Seconds())) })
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
		r.Answer(488, "Not acceptable here", nil)
		return
	}
	l.dlg.Refresh(r.M)
	l.follow()
	l.session = session
	l.theirs = true
	r.Answer(100, "", func(b *sip.Builder) { b.Add(sip.HeaderContact, l.contact) })
	to := l.aimed()
	var body *sdp.Session
	switch {
	case offer != nil:
		body = l.describe(to)
	case to != nil:
		l.delayed = true
		body = l.describe(to)
	default:
		l.delayed = true
		l.talk.Home()
		body = l.offerAgain()
	}
	l.obeyed(to)
	l.sendOK(r, body)
	l.startSession()
	l.mu.Unlock()
	l.tell(event)
	l.moved()
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
		l.line.Hold(true)
		l.ch.Notify(call.Event{Kind: kind, Indication: call.Hold{Class: l.peer.MusicSuggest}})
	case call.EventUnhold:
		l.line.Hold(false)
		l.ch.Notify(call.Event{Kind: kind})
	case call.EventFax:
		l.ch.Notify(call.Event{Kind: kind, Indication: call.Fax{Step: call.FaxOver}})
	}
}

// update serves an UPDATE (RFC 3311): like a re-INVITE, answered at once.
func (r *request) update() {
	l := r.legOf()
	if l == nil {
		r.Answer(481, "Call leg/transaction does not exist", nil)
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
			r.Answer(status, "", nil)
			return
		}
	}
	session, tooSmall := l.policy().Answer(r.M)
	event, agreed := call.EventKind(0), true
	if !tooSmall {
		event, agreed = l.changed(offer)
	}
	if tooSmall || !agreed {
		l.mu.Unlock()
		if tooSmall {
			r.Answer(422, "Session Interval Too Small", func(b *sip.Builder) { b.Number(sip.HeaderMinSE, uint64(l.peer.Timers.Min.Seconds())) })
		} else {
			r.Answer(488, "Not acceptable here", nil)
		}
		return
	}
	l.dlg.Refresh(r.M)
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
		to := l.aimed()
		r.AnswerBody(200, "", more, sdp.ContentType, l.describe(to).Append(nil))
		l.obeyed(to)
	} else {
		r.Answer(200, "", more)
	}
	l.mu.Unlock()
	l.tell(event)
	l.moved()
}

// prack serves a PRACK (RFC 3262). We send no reliable 1xx, so there is none to
// acknowledge.
func (r *request) prack() { r.Answer(481, "Call leg/transaction does not exist", nil) }

// reinvite is an offer of ours within a call under way: an INVITE or an UPDATE.
type reinvite struct {
	l       *leg
	client  *transaction.Client
	method  sip.Method
	to      *talk.Phone // whom it names in our place; nil for us
	refresh bool        // it is sent to say that the call lives
	proved  bool        // it has an answer to a challenge
	fax     bool        // it asks for a fax
}

// send sends it; l.mu is held.
func (a *reinvite) send(headers ...[2]string) {
	l := a.l
	b, branch := l.begin(l.dlg, a.method)
	if a.method == sip.INVITE {
		l.inviteSeq = l.dlg.LocalSeq()
	}
	b.Add(sip.HeaderAllow, outside.Allow)
	b.Add(sip.HeaderSupported, outside.Supported)
	if l.session.Interval > 0 {
		b.Header("Session-Expires", fmt.Sprintf("%d;refresher=%s", int(l.session.Interval.Seconds()), l.session.Refresher(false)))
		b.Number(sip.HeaderMinSE, uint64(l.peer.Timers.Min.Seconds()))
	}
	for _, h := range headers {
		b.Header(h[0], h[1])
	}
	a.client = l.sendOwn(b.End(sdp.ContentType, l.describe(a.to).Append(nil)), branch, a.method, a)
}

// refreshSession sends an INVITE that changes nothing, to say that the call
// lives (RFC 4028); l.mu is held.
func (l *leg) refreshSession() {
	if l.again != nil || l.theirs && l.ok != nil {
		return // an offer is under way, which refreshes too
	}
	l.again = &reinvite{l: l, method: sip.INVITE, to: l.point.told, refresh: true}
	l.again.send()
}

// direction is the direction of an offer of ours: a phone that holds us is not
// asked to talk.
func (l *leg) direction() sdp.Direction {
	if l.talk.Held() {
		return sdp.RecvOnly
	}
	return sdp.SendRecv
}

// Response takes an answer to the offer in.
func (a *reinvite) Response(_ *transaction.Client, m *sip.Message) {
	l, status := a.l, m.StatusCode()
	if status < 200 {
		return
	}
	l.mu.Lock()
	if l.again != a { // a 2xx that comes again
		if status < 300 && a.method == sip.INVITE {
			l.resendACK()
		}
		l.mu.Unlock()
		return
	}
	if (status == 401 || status == 407) && a.prove(m) {
		l.mu.Unlock()
		return
	}
	l.again = nil
	var over bool
	var why string
	if status < 300 {
		why = a.taken(m)
	} else {
		over, why = a.refused(status, m.Reason())
	}
	if !over {
		l.turn()
	}
	l.mu.Unlock()
	if over {
		l.ended(call.CauseNormalClearing)
		return
	}
	if why != "" {
		l.ch.Log().Warn("no direct media: " + why)
	}
	l.review()
}

// taken takes in that the phone agreed. It returns why not, where its answer is of
// no use; l.mu is held.
func (a *reinvite) taken(m *sip.Message) (why string) {
	l := a.l
	l.dlg.Refresh(m)
	l.follow()
	l.takes(m)
	if a.method == sip.INVITE {
		l.sendACK(l.dlg)
	}
	l.session = l.policy().Settle(m, l.session.Interval)
	l.startSession()
	agreed := true
	if body, ok := m.Part(sdp.ContentType); ok && len(body) > 0 {
		s, err := sdp.Parse(body)
		switch {
		case err != nil:
			agreed = false
		case a.to != nil:
			agreed = l.talk.TakeDirect(s)
		default:
			agreed = l.talk.TakeAnswer(s)
		}
	}
	l.pointed(a.to)
	if !agreed && a.to != nil {
		return l.refuses(l.ch.Name() + " answered without sound")
	}
	return ""
}

// refused takes in that the phone did not agree: nothing has changed (RFC 3261
// section 14.1), unless it has forgotten the call, which is over then; l.mu is
// held.
func (a *reinvite) refused(status int, reason string) (over bool, why string) {
	l := a.l
	if status == 481 || status == 408 {
		l.sayBye(call.CauseNormalClearing)
		return true, ""
	}
	if a.refresh {
		l.later(status)
	}
	return false, l.unpointed(a, status, reason)
}

// prove asks again with the answer to a challenge, once; l.mu is held.
func (a *reinvite) prove(m *sip.Message) bool {
	l := a.l
	if a.proved || l.state != legUp {
		return false
	}
	uri, _ := l.dlg.RequestURI()
	id, value, err := credential.Proof(l.set, l.peer, m, a.method, uri)
	if err != nil {
		return false
	}
	a.proved = true
	a.send([2]string{id.String(), value})
	return true
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
		wait = l.glare()
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
