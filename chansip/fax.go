package chansip

import (
	"errors"
	"fmt"
	"time"

	"obelus/call"
	"obelus/chansip/outside"
	"obelus/media"
	"obelus/sip"
	"obelus/sip/sdp"
	"obelus/sip/transaction"
)

// errNoFax is returned where a phone can't be asked for a fax.
var errNoFax = errors.New("the phone can't be asked for T.38")

// faxWait is how long the other phone has to agree to a fax, as in the original.
const faxWait = 5 * time.Second

// faxAsk is an INVITE of the phone that wants the call to turn into a fax, while
// the other phone is asked.
type faxAsk struct {
	r     *request
	offer *sdp.Session
	timer transaction.Timer
}

// wantsFax takes an offer of T.38 in mid-call. It is false for any other offer;
// else the INVITE is answered or will be, and what it returns is to be told to
// the channel. l.mu is held.
func (l *leg) wantsFax(r *request, offer *sdp.Session) (call.Event, bool) {
	if offer == nil {
		return call.Event{}, false
	}
	params, asks := l.talk.AsksFax(offer)
	if !asks {
		return call.Event{}, false
	}
	l.dlg.Refresh(r.M)
	l.follow()
	r.Answer(100, "", func(b *sip.Builder) { b.Add(sip.HeaderContact, l.contact) })
	l.fax.r, l.fax.offer = r, offer
	if l.talk.Faxing() { // a refresh, or a machine that has moved
		l.agreeFax(l.talk.FaxAs())
		return call.Event{}, true
	}
	l.d.tx.Wheel().Set(&l.fax.timer, (*faxClock)(l), faxWait)
	return call.Event{Kind: call.EventFax, Indication: call.Fax{Step: call.FaxAsked, Params: params}}, true
}

// toldFax takes what the other leg says of a fax.
func (l *leg) toldFax(x call.Fax) error {
	l.mu.Lock()
	agreed, err := true, error(nil)
	switch {
	case x.Step == call.FaxAsked:
		err = l.askFax(x)
	case x.Step == call.FaxAgreed && l.fax.r != nil:
		agreed = l.agreeFax(x.Params)
	case x.Step == call.FaxAgreed:
		agreed = l.talk.Faxing() // else it is too late
	case x.Step == call.FaxRefused:
		l.refuseFax()
	case x.Step == call.FaxOver && l.talk.Faxing():
		l.endFax()
		l.soundAgain()
	}
	l.mu.Unlock()
	l.review()
	if !agreed {
		l.ch.Notify(call.Event{Kind: call.EventFax, Indication: call.Fax{Step: call.FaxOver}})
	}
	return err
}

// agreeFax answers the phone's INVITE: the other machine has agreed. It is false
// where there will be no fax all the same. l.mu is held.
func (l *leg) agreeFax(params []media.FaxParameter) bool {
	r, offer := l.fax.r, l.fax.offer
	if err := l.talk.TakeFaxOffer(offer); err != nil {
		l.ch.Log().Warn("no port for a fax", "why", err)
		l.refuseFax()
		return false
	}
	l.forgetFax()
	l.theirs = true
	l.pointed(nil)
	l.sendOK(r, l.talk.AnswerFax(offer, params))
	l.pointed(nil)
	l.startSession()
	return true
}

// refuseFax answers the phone's INVITE where there will be no fax: the sound goes
// on. l.mu is held.
func (l *leg) refuseFax() {
	if r := l.fax.r; r != nil {
		l.forgetFax()
		r.Answer(488, "Not acceptable here", nil)
		l.turn()
	}
}

func (l *leg) forgetFax() {
	l.d.tx.Wheel().Stop(&l.fax.timer)
	l.fax.r, l.fax.offer = nil, nil
}

// endFax has what was agreed on about sound hold again; l.mu is held.
func (l *leg) endFax() {
	if err := l.talk.EndFax(); err != nil {
		l.ch.Log().Debug("the port of a fax could not be closed", "why", err)
	}
}

// askFax asks the phone to turn to a fax; l.mu is held.
func (l *leg) askFax(x call.Fax) error {
	switch why := l.talk.WhyNoFax(); {
	case why != "":
		return fmt.Errorf("%w: for %s %s", errNoFax, l.name, why)
	case l.state != legUp || l.busy() != 0 || l.talk.Faxing():
		return fmt.Errorf("%w now", errNoFax)
	}
	offer, err := l.talk.OfferFax(x.Params)
	if err != nil {
		return err
	}
	l.inviteFax(offer, false)
	return nil
}

// soundAgain asks the phone back to sound; l.mu is held.
func (l *leg) soundAgain() {
	if l.state == legUp && l.busy() == 0 {
		l.inviteFax(l.talk.Describe(l.direction()), true)
	}
}

// inviteFax sends a re-INVITE to a fax, or back to sound; l.mu is held.
func (l *leg) inviteFax(offer *sdp.Session, back bool) {
	b, branch := l.begin(l.dlg, sip.INVITE)
	l.inviteSeq = l.dlg.LocalSeq()
	b.Add(sip.HeaderAllow, outside.Allow)
	b.Add(sip.HeaderSupported, outside.Supported)
	if l.session.Interval > 0 {
		b.Header("Session-Expires", fmt.Sprintf("%d;refresher=uac", int(l.session.Interval.Seconds())))
		b.Number(sip.HeaderMinSE, uint64(l.peer.Timers.Min.Seconds()))
	}
	l.again = &reinvite{l: l, fax: !back}
	l.again.client = l.sendOwn(b.End(sdp.ContentType, offer.Append(nil)), branch, sip.INVITE, &faxInvite{l.again, back})
}

// faxInvite is such a re-INVITE.
type faxInvite struct {
	*reinvite
	back bool // to sound
}

// Response takes the phone's answer in.
func (a *faxInvite) Response(_ *transaction.Client, m *sip.Message) {
	l, status := a.l, m.StatusCode()
	if status < 200 {
		return
	}
	l.mu.Lock()
	if l.again != a.reinvite {
		if status < 300 {
			l.resendACK()
		}
		l.mu.Unlock()
		return
	}
	l.again = nil
	tell, over := a.settled(m)
	if over {
		l.sayBye(call.CauseNormalClearing)
	}
	l.mu.Unlock()
	l.review()
	if tell.Kind != 0 {
		l.ch.Notify(tell)
	}
	if over {
		l.ended(call.CauseNormalClearing)
		return
	}
	l.review()
}

// settled takes the final answer in, and says what the channel is to be told;
// over means that the phone knows of no call. l.mu is held.
func (a *faxInvite) settled(m *sip.Message) (tell call.Event, over bool) {
	l, status := a.l, m.StatusCode()
	var their *sdp.Session
	if status < 300 {
		l.dlg.Refresh(m)
		l.follow()
		l.sendACK(l.dlg)
		l.pointed(nil) // a fax goes by way of us, and so does the sound behind it at first
		if body, ok := m.Part(sdp.ContentType); ok && len(body) > 0 {
			their, _ = sdp.Parse(body)
		}
		l.session = l.policy().Settle(m, l.session.Interval)
		l.startSession()
		l.pointed(nil)
	}
	if a.back {
		if their == nil || !l.talk.TakeAnswer(their) {
			l.ch.Log().Info("the phone does not come back from a fax to sound", "status", status)
		}
		return tell, status == 481 || status == 408
	}
	if their != nil {
		if params, ok := l.talk.TakeFaxAnswer(their); ok {
			return call.Event{Kind: call.EventFax, Indication: call.Fax{Step: call.FaxAgreed, Params: params}}, false
		}
	}
	l.ch.Log().Info("the phone refuses a fax over T.38", "status", status)
	l.endFax()
	if status < 300 {
		l.soundAgain()
	}
	return call.Event{Kind: call.EventFax, Indication: call.Fax{Step: call.FaxRefused}}, status == 481 || status == 408
}

// faxClock is a leg as the wheel sees it while the other phone is asked.
type faxClock leg

// Ring is called by the wheel when nobody has agreed to the fax.
func (c *faxClock) Ring(t *transaction.Timer, turn uint32) {
	l := (*leg)(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.Due(turn) && l.fax.r != nil {
		l.ch.Log().Info("nobody agrees to a fax over T.38: the sound goes on")
		l.refuseFax()
	}
}
