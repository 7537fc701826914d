package chansip

import (
	"errors"
	"fmt"
	"time"

	"obelus/call"
	"obelus/chansip/keys"
	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/sip"
	"obelus/sip/sdp"
)

// errNotRinging is returned by verbs that come too late.
var errNotRinging = errors.New("the call is not waiting for an answer")

// Ring answers 180.
func (l *leg) Ring() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.incoming || l.state != legRinging {
		return errNotRinging
	}
	l.request.Answer(180, "", l.reachedBy)
	return nil
}

// reachedBy writes what our answers to an INVITE say of us; l.mu is held.
func (l *leg) reachedBy(b *sip.Builder) {
	b.Add(sip.HeaderContact, l.contact)
	l.addConnected(b)
}

// Progress answers 183 with a description, so that sound may flow before the
// answer.
func (l *leg) Progress(with []media.Format) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.incoming || l.state != legRinging {
		return errNotRinging
	}
	if l.early || l.delayed {
		return nil
	}
	l.only(l.codecsOf("SIP_CODEC_INBOUND", "SIP_CODEC"))
	l.talk.Narrow(l.farWith(with))
	to := l.aimedEarly()
	l.request.AnswerBody(183, "Session Progress", l.reachedBy,
		sdp.ContentType, l.describe(to).Append(nil))
	l.early, l.point.told = true, to
	return nil
}

// Answer answers 200, and sends it again until the ACK has come.
func (l *leg) Answer(with []media.Format) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.incoming || l.state != legRinging {
		return errNotRinging
	}
	codecs := l.codecsOf("SIP_CODEC_INBOUND", "SIP_CODEC")
	switch {
	case l.delayed:
		if err := l.talk.Propose(l.farWith(with)); err != nil {
			return err
		}
		l.only(codecs)
	case !l.early:
		l.only(codecs)
		l.talk.Narrow(l.farWith(with))
	}
	to := l.aimedEarly()
	body := l.describe(to)
	l.state = legUp
	l.pointed(to)
	l.sendOK(l.request, body)
	l.startSession()
	return nil
}

// sendOK sends the 2xx to an INVITE until its ACK comes; l.mu is held.
func (l *leg) sendOK(r *request, body *sdp.Session) {
	b := r.Begin(200, "")
	l.reachedBy(&b.Builder)
	l.addSession(&b.Builder)
	out := r.SendAndKeep(&b, sdp.ContentType, body.Append(nil))
	cseq, _ := r.M.CSeq()
	kept := &okRepeat{b: out, seq: cseq.Seq}
	flow := r.ReplyFlow()
	kept.repeat = l.d.tx.Repeat(l.peer.T1, 4*time.Second, func() {
		if err := flow.Send(kept.b); err != nil {
			l.d.log.Debug("an answer could not be sent again", "to", flow, "why", err)
		}
	}, func() { l.unacked() })
	if l.ok != nil {
		l.ok.repeat.Stop()
	}
	l.ok = kept
}

// unacked ends a call whose answer was never acknowledged.
func (l *leg) unacked() {
	l.mu.Lock()
	if l.state == legGone {
		l.mu.Unlock()
		return
	}
	l.ch.Log().Info("no ACK came for our 200: hanging up")
	l.sayBye(call.CauseNoUserResponse)
	l.mu.Unlock()
	l.ended(call.CauseNoUserResponse)
}

// addSession writes the headers of the session timer; l.mu is held.
func (l *leg) addSession(b *sip.Builder) {
	if l.session.Interval == 0 {
		return
	}
	b.Header("Session-Expires", fmt.Sprintf("%d;refresher=%s", int(l.session.Interval.Seconds()), l.session.Refresher(true)))
	b.Header("Require", "timer")
}

// Indicate passes something else on to the phone.
func (l *leg) Indicate(i call.Indication) error {
	switch x := i.(type) {
	case call.Digit:
		return l.sendDigit(x)
	case call.Text:
		return l.sendText(x)
	case call.Tone:
		return l.tone(x)
	case call.PictureUpdate:
		return l.sendInfo("application/media_control+xml", []byte(keys.PictureUpdate), nil)
	case call.Info:
		return l.sendInfo(x.ContentType, x.Body, x.Headers)
	case call.KeyMode:
		return l.setKeyMode(x.Mode)
	case call.Fax:
		return l.toldFax(x)
	case call.Hold, call.Unhold:
		return nil // what the phone hears meanwhile is the media's business
	}
	return fmt.Errorf("a SIP phone can't be told a %T", i)
}

// tone answers busy or congestion to a call that was not answered, which ends
// it, as in the original: nobody is left to hear a tone, and the call counts no
// more against the account's limit.
func (l *leg) tone(t call.Tone) error {
	l.mu.Lock()
	if l.state == legUp {
		l.mu.Unlock()
		return call.ErrUnsupported // only in sound: the channel plays it
	}
	if !l.incoming || l.state != legRinging {
		l.mu.Unlock()
		return errNotRinging
	}
	status := 503
	if t.Cause == call.CauseUserBusy {
		status = 486
	}
	l.refuse(status, "", t.Reason)
	l.mu.Unlock()
	l.ended(t.Cause)
	return nil
}

// sendDigit sends a key in the way that the account's dtmfmode asks for.
func (l *leg) sendDigit(d call.Digit) error {
	if mode := l.dtmf(); mode == sipconf.DTMFInfo || mode == sipconf.DTMFShortInfo {
		body, kind := keys.Info(d, mode)
		return l.sendInfo(kind, body, nil)
	}
	m := l.Media()
	if m == nil {
		return call.ErrGone
	}
	return m.Digit(d)
}

// sendInfo sends an INFO within the call.
func (l *leg) sendInfo(contentType string, body []byte, headers []call.Header) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.within(sip.INFO, contentType, body, headers)
}

// sendText sends a MESSAGE within the call.
func (l *leg) sendText(t call.Text) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.noTexts {
		return call.ErrUnsupported
	}
	return l.within(sip.MESSAGE, t.ContentType, t.Body, t.Headers)
}

// within sends a request within the dialog whose answer changes nothing; l.mu is held.
func (l *leg) within(method sip.Method, contentType string, body []byte, headers []call.Header) error {
	if l.state == legGone || l.dlg.ID.Remote == "" {
		return call.ErrGone
	}
	b, branch := l.begin(l.dlg, method)
	for _, h := range headers {
		b.Header(h.Name, h.Value)
	}
	l.sendOwn(b.End(contentType, body), branch, method, ignore{})
	return nil
}
