package chansip

import (
	"strings"

	"obelus/call"
	"obelus/chansip/keys"
	"obelus/sip"
)

// info serves an INFO: keys in both forms that phones send, and the request for
// a key frame.
func (r *request) info() {
	l := r.legOf()
	if l == nil {
		r.Answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if !l.inOrder(r) {
		return
	}
	kind, _, _ := strings.Cut(r.M.ContentType(), ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/dtmf-relay", "application/vnd.nortelnetworks.digits", "audio/telephone-event":
		d, ok := keys.Relay(string(r.M.Body()))
		r.pressed(l, d, ok)
	case "application/dtmf":
		d, ok := keys.Short(string(r.M.Body()))
		r.pressed(l, d, ok)
	case "application/media_control+xml":
		r.Answer(200, "", nil)
		l.ch.Notify(call.Event{Kind: call.EventPicture})
	case "":
		r.Answer(200, "", nil)
	default:
		r.Answer(415, "", func(b *sip.Builder) {
			b.Add(sip.HeaderAccept, "application/dtmf-relay, application/dtmf, application/media_control+xml")
		})
	}
}

func (r *request) pressed(l *leg, d call.Digit, ok bool) {
	if !ok {
		r.Answer(400, "", nil)
		return
	}
	r.Answer(200, "", nil)
	l.ch.Notify(call.Event{Kind: call.EventDigit, Indication: d})
}
