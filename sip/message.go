package sip

import (
	"errors"
	"iter"
	"unsafe"
)

// Limits of a message. A request beyond them is refused, not cut short.
const (
	MaxMessage = 1 << 20 // bytes of a whole message, on any transport
	MaxHead    = 1 << 16 // bytes of the start line and all headers
	MaxLine    = 1 << 13 // bytes of one header with its folded lines, or of the start line
	MaxHeaders = 256     // headers of one message
)

// What Parse refuses: text that can't be cut into a message.
var (
	ErrEmpty       = errors.New("sip: empty message")
	ErrTooLarge    = errors.New("sip: message too large")
	ErrHeadTooLong = errors.New("sip: too many bytes of headers")
	ErrLineTooLong = errors.New("sip: line too long")
	ErrManyHeaders = errors.New("sip: too many headers")
	ErrStartLine   = errors.New("sip: start line is neither a request line nor a status line")
	ErrBareCR      = errors.New("sip: carriage return inside a line")
)

// Header is a view of one header of a message.
type Header struct {
	ID    HeaderID
	Name  string // as received
	Value string // trimmed; folded lines joined by a space
}

// Message is a request or a response. The zero Message is ready for ParseInto.
// A Message that Parse returned may be read from any goroutine.
type Message struct {
	raw  []byte
	text string // the same memory as raw

	method   Method
	uri      string
	version  string
	reason   string
	status   int
	headers  []Header
	first    [headerCount]uint16 // index+1 of the first header of each kind
	body     string
	leniency Leniency
	defect   defect
}

// Parse reads one whole message (a datagram, a WebSocket message or what Frame
// cut from a stream) and keeps its own copy of data.
func Parse(data []byte) (*Message, error) {
	m := &Message{headers: make([]Header, 0, 24)}
	if err := ParseInto(m, append([]byte(nil), data...)); err != nil {
		return nil, err
	}
	return m, nil
}

// ParseInto reads a message without copying data and, once m has been used
// before, without allocating. Everything m gives out is a view of data and dies
// with the next use of either: clone (strings.Clone, Message.Clone) what is kept.
func ParseInto(m *Message, data []byte) error {
	m.reset(data)
	return m.parse()
}

// Clone returns a message that owns its bytes.
func (m *Message) Clone() *Message {
	c, err := Parse(m.raw)
	if err != nil { // cannot happen: the same bytes were parsed before
		return &Message{}
	}
	return c
}

func (m *Message) reset(data []byte) {
	*m = Message{raw: data, text: unsafe.String(unsafe.SliceData(data), len(data)), headers: m.headers[:0]}
}

// IsRequest tells a request from a response.
func (m *Message) IsRequest() bool { return m.status == 0 }

// Method returns a request's method; for a response that of its CSeq.
func (m *Message) Method() Method {
	if m.IsRequest() {
		return m.method
	}
	cseq, err := m.CSeq()
	if err != nil {
		return ""
	}
	return cseq.Method
}

// RawURI returns the Request-URI as written.
func (m *Message) RawURI() string { return m.uri }

// RequestURI returns the Request-URI.
func (m *Message) RequestURI() (URI, error) { return ParseURI(m.uri) }

// Version returns the version of the start line, normally "SIP/2.0".
func (m *Message) Version() string { return m.version }

// StatusCode returns a response's status, 0 for a request.
func (m *Message) StatusCode() int { return m.status }

// Reason returns a response's reason phrase.
func (m *Message) Reason() string { return m.reason }

// Bytes returns the message as received. Not to be written to.
func (m *Message) Bytes() []byte { return m.raw }

// Body returns the body, as long as Content-Length says. Not to be written to.
func (m *Message) Body() []byte {
	return unsafe.Slice(unsafe.StringData(m.body), len(m.body))
}

// BodyString returns the body as a string.
func (m *Message) BodyString() string { return m.body }

// Headers yields every header in the order received.
func (m *Message) Headers() iter.Seq[Header] {
	return func(yield func(Header) bool) {
		for i := range m.headers {
			if !yield(m.headers[i]) {
				return
			}
		}
	}
}

// Has tells whether the message has such a header.
func (m *Message) Has(id HeaderID) bool { return id < headerCount && m.first[id] != 0 }

// Value returns the value of the first header of a kind, "" when there is none.
func (m *Message) Value(id HeaderID) string {
	if !m.Has(id) {
		return ""
	}
	return m.headers[m.first[id]-1].Value
}

// Values yields the value of each header of a kind, one for each line.
func (m *Message) Values(id HeaderID) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !m.Has(id) {
			return
		}
		for _, h := range m.headers[m.first[id]-1:] {
			if h.ID == id && !yield(h.Value) {
				return
			}
		}
	}
}

// Count returns how many headers (lines) of a kind there are.
func (m *Message) Count(id HeaderID) int {
	n := 0
	for range m.Values(id) {
		n++
	}
	return n
}

// Header returns the value of the first header called name: any name, in any
// case, long or compact.
func (m *Message) Header(name string) (string, bool) {
	for v := range m.HeaderValues(name) {
		return v, true
	}
	return "", false
}

// HeaderValues yields the value of each header called name.
func (m *Message) HeaderValues(name string) iter.Seq[string] {
	if id := LookupHeader(name); id != HeaderOther {
		return m.Values(id)
	}
	return func(yield func(string) bool) {
		for _, h := range m.headers {
			if h.ID == HeaderOther && equalFold(h.Name, name) && !yield(h.Value) {
				return
			}
		}
	}
}
