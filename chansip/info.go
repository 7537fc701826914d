package chansip

import (
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/sip"
)

// info serves an INFO: keys in both forms that phones send, and the request for
// a key frame.
func (r *request) info() {
	l := r.legOf()
	if l == nil {
		r.answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if !l.inOrder(r) {
		return
	}
	kind, _, _ := strings.Cut(r.m.ContentType(), ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/dtmf-relay", "application/vnd.nortelnetworks.digits", "audio/telephone-event":
		d, ok := digitOf(string(r.m.Body()))
		r.pressed(l, d, ok)
	case "application/dtmf":
		d, ok := shortDigit(string(r.m.Body()))
		r.pressed(l, d, ok)
	case "application/media_control+xml":
		r.answer(200, "", nil)
		l.ch.Notify(call.Event{Kind: call.EventPicture})
	case "":
		r.answer(200, "", nil)
	default:
		r.answer(415, "", func(b *sip.Builder) {
			b.Add(sip.HeaderAccept, "application/dtmf-relay, application/dtmf, application/media_control+xml")
		})
	}
}

func (r *request) pressed(l *leg, d call.Digit, ok bool) {
	if !ok {
		r.answer(400, "", nil)
		return
	}
	r.answer(200, "", nil)
	l.ch.Notify(call.Event{Kind: call.EventDigit, Indication: d})
}

// digitOf reads Signal=5 and Duration=250 of an application/dtmf-relay body.
func digitOf(body string) (call.Digit, bool) {
	d := call.Digit{Duration: 250 * time.Millisecond}
	for _, line := range strings.FieldsFunc(body, func(c rune) bool { return c == '\r' || c == '\n' }) {
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			key, ok := shortDigit(value)
			if !ok {
				return d, false
			}
			d.Key = key.Key
		case "duration":
			if ms, err := strconv.Atoi(value); err == nil && ms > 0 && ms < 10_000 {
				d.Duration = time.Duration(ms) * time.Millisecond
			}
		}
	}
	return d, d.Key != 0
}

// shortDigit reads a key alone: itself, or its number in RFC 4733 from 10 on.
func shortDigit(s string) (call.Digit, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	d := call.Digit{Duration: 100 * time.Millisecond}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < 16 {
		d.Key = "0123456789*#ABCD"[n]
		return d, true
	}
	if len(s) == 1 && strings.Contains("*#ABCD", s) {
		d.Key = s[0]
		return d, true
	}
	return d, false
}
