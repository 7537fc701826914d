package waiting

import (
	"strings"

	"obelus/message"
	"obelus/store"
)

// What is kept of a message beside its headers has a name that no header can have.
const (
	heldMark    = ":" // before a datum's name: it is for the dialplan only, and not sent along
	saidMark    = "=" // before a datum's name: the dialplan has written it, and it is sent along
	markContext = "/context"
	markExten   = "/exten"
	markSilent  = "/silent"
	markRequest = "/request"
	markOf      = "/of"
)

// headMost is how much of a message beside its body is kept on the shelf, in bytes: the
// bounds on bytes are of bodies.
const headMost = 8 << 10

// headSize is how much of a record is not its body.
func headSize(r *store.Message) int {
	n := len(r.From) + len(r.To) + len(r.ContentType)
	for _, h := range r.Headers {
		n += len(h.Name) + len(h.Value)
	}
	return n
}

// record is a message as the store has it. Its account, ID and times are for the
// caller to say.
func record(m *message.Message) store.Message {
	r := store.Message{
		ID: m.ID, From: m.From, To: m.To, ContentType: m.ContentType, Body: m.Body, Peer: m.Peer, At: m.At,
	}
	mark := func(name, value string) {
		if value != "" {
			r.Headers = append(r.Headers, store.Header{Name: name, Value: value})
		}
	}
	mark(markContext, m.Context)
	mark(markExten, m.Exten)
	mark(markRequest, m.Request)
	mark(markOf, m.Of)
	if m.Silent {
		mark(markSilent, "yes")
	}
	for _, d := range m.AllData() {
		name := d.Name
		switch {
		case !d.Outgoing:
			name = heldMark + name
		case d.Written:
			name = saidMark + name
		}
		r.Headers = append(r.Headers, store.Header{Name: name, Value: d.Value})
	}
	return r
}

// restored is the message of a record.
func restored(r *store.Message) *message.Message {
	m := &message.Message{
		ID: r.ID, From: r.From, To: r.To, ContentType: r.ContentType, Body: r.Body, Peer: r.Peer, At: r.At,
	}
	for _, h := range r.Headers {
		switch {
		case strings.HasPrefix(h.Name, heldMark):
			m.SetData(h.Name[len(heldMark):], h.Value, false)
		case strings.HasPrefix(h.Name, saidMark):
			m.Write(h.Name[len(saidMark):], h.Value)
		case h.Name == markContext:
			m.Context = h.Value
		case h.Name == markExten:
			m.Exten = h.Value
		case h.Name == markOf:
			m.Of = h.Value
		case h.Name == markRequest:
			m.Request = h.Value
		case h.Name == markSilent:
			m.Silent = true
		default:
			m.SetData(h.Name, h.Value, true)
		}
	}
	return m
}
