package message

import "strings"

// PlainText is the type of a body that the dialplan writes, as the original says it.
const PlainText = "text/plain;charset=UTF-8"

// Carried says whether a header of a message goes along when the message is passed
// on, without the dialplan asking for it. That is what says how to read the body, what
// tells the receiver about the text, and what has phones put it into the right
// conversation. What speaks for the sender's identity, or of what the sender's phone
// can do, is not among them: the From is the dialplan's to choose.
func Carried(name string) bool {
	switch strings.ToLower(name) {
	case "content-encoding", "content-disposition", "content-language", "content-id", "mime-version", // RFC 3261, RFC 8262
		"date", "subject", "priority", "in-reply-to", "expires", // RFC 3428 has them all
		"conversation-id", "contribution-id", "inreplyto-contribution-id", "accept-contact": // RCS: GSMA RCC.07
		return true
	case "call-id": // a notification that is not in CPIM names its text by it
		return true
	}
	return false
}

// SetBody gives the message another body, which the dialplan has written. What belonged
// to the one that came does not go along any more.
func (m *Message) SetBody(text string) {
	m.Body, m.ContentType = []byte(text), PlainText
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, d := range m.data {
		if Carried(d.Name) && !d.Written {
			m.data[i].Outgoing = false
		}
	}
}

// Said is the value that the dialplan has written under a name, "" where it has not.
func (m *Message) Said(name string) string {
	for _, d := range m.AllData() {
		if d.Written && strings.EqualFold(d.Name, name) {
			return d.Value
		}
	}
	return ""
}

// Write gives a name the value that the dialplan says, and has it sent along.
func (m *Message) Write(name, value string) {
	m.set(Datum{Name: name, Value: value, Outgoing: true, Written: true})
}

// MarkAll has everything that came with the message sent along.
func (m *Message) MarkAll() { m.mark(true) }

// ClearAll has nothing sent along but what belongs to the body.
func (m *Message) ClearAll() { m.mark(false) }

func (m *Message) mark(outgoing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, d := range m.data {
		m.data[i].Outgoing = outgoing || !d.Written && d.Outgoing && (Carried(d.Name) || strings.EqualFold(d.Name, "Max-Forwards"))
	}
}

// Onward is the message as it is sent on to a destination. from is who the receiver
// sees, "" for who wrote it; receiver is its To, "" for the address that the receiver has
// in this conversation: phones tell by it which of theirs is meant.
func (m *Message) Onward(to, from, receiver string) *Message {
	out := &Message{To: to, From: m.From, ContentType: m.ContentType, Body: m.Body, Peer: m.Peer, At: m.At, Of: m.ID, Again: m.Again}
	if from != "" {
		out.From = from
	}
	for _, d := range m.AllData() {
		if d.Outgoing {
			out.set(d)
		}
	}
	if receiver != "" {
		out.Write("To", receiver)
		return out
	}
	if _, said := out.Data("To"); said {
		return out
	}
	for _, known := range []string{m.To, addr(m.From)} {
		if strings.Contains(known, "@") && userOf(known) == userOf(to) {
			out.SetData("To", known, true)
			break
		}
	}
	return out
}

// addr is the URI of "Name" <uri>.
func addr(s string) string {
	if _, rest, ok := strings.Cut(s, "<"); ok {
		s, _, _ = strings.Cut(rest, ">")
	}
	return s
}

// userOf is the user of an address: 1002 of sip:1002@host, SIP/1002 and 1002.
func userOf(address string) string {
	s := addr(address)
	if i := strings.IndexAny(s, ":/"); i >= 0 {
		s = s[i+1:]
	}
	s, _, _ = strings.Cut(s, "@")
	s, _, _ = strings.Cut(s, ";")
	return s
}
