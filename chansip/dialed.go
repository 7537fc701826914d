package chansip

import (
	"fmt"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/q850"
	"obelus/chansip/talk"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/sdp"
	"obelus/sip/transaction"
)

// Response takes an answer to our INVITE in.
func (l *leg) Response(c *transaction.Client, m *sip.Message) {
	status := m.StatusCode()
	l.mu.Lock()
	if c != l.client {
		l.mu.Unlock()
		return
	}
	if status > 100 {
		l.said = fmt.Sprintf("SIP %d %s", status, m.Reason())
	}
	if from := l.out.q.From; l.set.General.StoreCause && from != nil && l.state != legGone {
		from.Vars.Set("~HASH~SIP_CAUSE~"+l.ch.Name()+"~", fmt.Sprintf("SIP %d %s", status, m.Reason())) // as HASH() reads it
	}
	var events []call.Event
	var cause call.Cause
	switch {
	case status < 200:
		events = l.provisional(m)
	case status < 300:
		events, cause = l.accepted(m)
	default:
		events, cause = l.rejected(m)
	}
	if l.state != legGone && status > 100 && status < 300 {
		l.reached(m)
	}
	var seen talk.Far
	if l.from != nil && len(events) > 0 {
		seen = l.talk.Seen()
	}
	l.mu.Unlock()
	if seen.Formats() != nil {
		l.from.heard(seen)
	}
	for _, e := range events {
		l.ch.Notify(e)
	}
	if cause != call.CauseNone {
		l.ended(cause)
	}
}

// provisional takes a 1xx in; l.mu is held.
func (l *leg) provisional(m *sip.Message) []call.Event {
	if l.state != legRinging {
		return nil
	}
	if tag := m.ToTag(); tag != "" && l.out.early[tag] == nil && len(l.out.early) < maxForks {
		if d, err := l.out.half.Answered(m); err == nil {
			l.out.early[d.ID.Remote] = d
			l.dlg = d
			l.d.calls.named(d.ID, l)
		}
	}
	var events []call.Event
	switch status := m.StatusCode(); {
	case status == 100:
		return []call.Event{{Kind: call.EventProceeding}}
	case status == 180:
		events = append(events, call.Event{Kind: call.EventRinging})
	case status == 183 && len(m.Body()) == 0:
		return []call.Event{{Kind: call.EventProgress}}
	}
	if body, ok := m.Part(sdp.ContentType); ok && len(body) > 0 {
		if s, err := sdp.Parse(body); err == nil && l.takeAnswer(s) {
			events = append(events, call.Event{Kind: call.EventProgress, Formats: l.talk.Agreed()})
		}
	}
	return events
}

// maxForks is how many phones behind a fork are told apart.
const maxForks = 32

// accepted takes a 2xx in; l.mu is held.
func (l *leg) accepted(m *sip.Message) ([]call.Event, call.Cause) {
	tag := m.ToTag()
	if l.state == legUp && tag == l.dlg.ID.Remote {
		l.resendACK() // our ACK was lost
		return nil, call.CauseNone
	}
	d, err := l.dialogOf(m)
	if err != nil {
		return nil, call.CauseProtocolError
	}
	if l.state != legRinging {
		l.refuseFork(d) // another phone was first, or we had given up
		return nil, call.CauseNone
	}
	l.dlg = d
	l.d.calls.named(d.ID, l)
	l.state = legUp
	l.line.Answered()
	l.takes(m)
	l.follow()
	l.sendACK(d)
	body, ok := m.Part(sdp.ContentType)
	s, err := sdp.Parse(body)
	if !ok || err != nil || !l.takeAnswer(s) {
		l.sayBye(call.CauseBearerNotAvail)
		return nil, call.CauseBearerNotAvail
	}
	l.session = l.policy().Settle(m, l.askedSession())
	l.startSession()
	l.watchSound()
	return []call.Event{{Kind: call.EventAnswered, Formats: l.talk.Agreed()}}, call.CauseNone
}

// dialogOf is the dialog that a 2xx confirms; l.mu is held.
func (l *leg) dialogOf(m *sip.Message) (*dialog.Dialog, error) {
	if d := l.out.early[m.ToTag()]; d != nil {
		d.Confirm(m)
		return d, nil
	}
	return l.out.half.Answered(m)
}

// askedSession is how long a session our INVITE asks for, 0 for none.
func (l *leg) askedSession() time.Duration {
	if p := l.policy(); p.Originate {
		return max(p.Expires, l.out.least)
	}
	return l.out.least
}

// sendACK acknowledges a 2xx; l.mu is held.
func (l *leg) sendACK(d *dialog.Dialog) {
	b, _ := l.begin(d, sip.ACK)
	l.ack = b.End("", nil)
	l.resendACK()
}

func (l *leg) resendACK() {
	if l.ack == nil {
		return
	}
	if err := l.flow.Send(l.ack); err != nil {
		l.d.log.Debug("an ACK could not be sent", "to", l.flow, "why", err)
	}
}

// refuseFork ends the dialog of a phone that answered too late: an ACK, then a
// BYE (RFC 3261 section 13.2.2.4); l.mu is held.
func (l *leg) refuseFork(d *dialog.Dialog) {
	b, _ := l.begin(d, sip.ACK)
	if err := l.flow.Send(b.End("", nil)); err != nil {
		l.d.log.Debug("an ACK could not be sent", "to", l.flow, "why", err)
	}
	bye, branch := l.begin(d, sip.BYE)
	l.sendOwn(bye.End("", nil), branch, sip.BYE, ignore{})
}

// rejected takes a final refusal in; l.mu is held.
func (l *leg) rejected(m *sip.Message) ([]call.Event, call.Cause) {
	status := m.StatusCode()
	if l.state != legRinging {
		return nil, call.CauseNone
	}
	switch {
	case status == 401 || status == 407:
		if l.authorize(m) {
			return nil, call.CauseNone
		}
	case status == 422:
		if l.longer(m) {
			return nil, call.CauseNone
		}
	case status == 430 || status == 408:
		if l.anotherFlow() {
			return nil, call.CauseNone
		}
	case status >= 300 && status < 400:
		if to := l.forwardTo(m); to != "" {
			return []call.Event{{Kind: call.EventForwarded, Forward: to}}, call.CauseNone
		}
	}
	cause := q850.Reason(m)
	if cause == call.CauseNone {
		cause = q850.Of(status)
	}
	kind := call.EventCongestion
	if status == 486 || status == 600 || status == 603 {
		kind = call.EventBusy
	}
	l.ch.Log().Info("the phone refused the call", "status", status, "reason", m.Reason())
	return []call.Event{{Kind: kind, Cause: cause}}, cause
}

// authorize answers a challenge, and only to a server that we have an account with: a
// phone that asks us for our password gets none (security class 13). l.mu is held.
func (l *leg) authorize(m *sip.Message) bool {
	if err := l.out.proofs.Take(l.set, l.peer, m, sip.INVITE, l.out.half.Target); err != nil {
		from, _ := l.out.half.Names()
		l.ch.Log().Warn("Failed to authenticate on INVITE to '"+from+"'", "why", err)
		return false
	}
	l.inviteAgain()
	return true
}

// longer asks again with the session timer that the other side insists on (RFC
// 4028 section 7.3); l.mu is held.
func (l *leg) longer(m *sip.Message) bool {
	least, ok := m.Number(sip.HeaderMinSE)
	if !ok || l.out.least > 0 || least == 0 || least > maxSession {
		return false
	}
	l.out.least = time.Duration(least) * time.Second
	l.inviteAgain()
	return true
}

// maxSession is the longest session that we let another insist on, in seconds.
const maxSession = 86400

// inviteAgain sends the INVITE again with the next number, and with what the other
// side wanted more; l.mu is held.
func (l *leg) inviteAgain() {
	l.dlg = l.out.half
	l.out.early = make(map[string]*dialog.Dialog)
	l.sendInvite(l.describe(l.point.told))
}

// forwardTo is the dial string of a 3xx: the user of its Contact in the account's
// context, or with promiscredir=yes whatever URI it names.
func (l *leg) forwardTo(m *sip.Message) string {
	c, err := m.Contact()
	if err != nil {
		return ""
	}
	u, err := c.URI()
	if err != nil {
		return ""
	}
	if l.peer.PromiscRedir {
		return "SIP/" + strings.TrimPrefix(c.Addr, "sip:")
	}
	user := u.Who()
	if user == "" || strings.ContainsAny(user, "/@&,") {
		return "" // an extension, and no more of a dial string: it would lead out of the account's context
	}
	return "Local/" + user + "@" + l.peer.Context
}

// Failed is told when our INVITE came to nothing.
func (l *leg) Failed(c *transaction.Client, err error) {
	l.mu.Lock()
	mine := c == l.client && l.state != legGone
	again := mine && l.anotherFlow()
	l.mu.Unlock()
	if again {
		return
	}
	if !mine {
		return
	}
	l.ch.Log().Info("the phone did not answer the call", "why", err)
	l.ended(call.CauseNoUserResponse)
}

// giveUp cancels our INVITE; l.mu is held. A 2xx that crosses the CANCEL is
// acknowledged and ended, see accepted. A phone that another was quicker than is
// told so, as the original does: it lists no missed call.
func (l *leg) giveUp(cause call.Cause) {
	switch {
	case l.client == nil:
	case cause == call.CauseAnsweredElsewhere:
		l.client.Cancel([2]string{"Reason", `SIP;cause=200;text="Call completed elsewhere"`})
	default:
		l.client.Cancel()
	}
}
