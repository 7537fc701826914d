package sip

import (
	"net/netip"
	"strconv"
)

// Builder writes a message by appending to a buffer. The zero Builder is ready;
// hand it a buffer to reuse one. It allocates only when the buffer must grow.
//
// Begin with Request or Response, add headers, close with End.
type Builder struct {
	buf []byte
}

// NewBuilder returns a Builder that appends to buf[:0].
func NewBuilder(buf []byte) Builder { return Builder{buf[:0]} }

// Reset begins anew in the same memory.
func (b *Builder) Reset() { b.buf = b.buf[:0] }

// Bytes returns what has been written so far.
func (b *Builder) Bytes() []byte { return b.buf }

// Request begins a request.
func (b *Builder) Request(method Method, uri string) {
	b.text(string(method))
	b.buf = append(b.buf, ' ')
	b.text(uri)
	b.buf = append(b.buf, " SIP/2.0\r\n"...)
}

// Status begins a response without copying anything from a request.
func (b *Builder) Status(status int, reason string) {
	b.buf = append(b.buf, "SIP/2.0 "...)
	b.buf = strconv.AppendInt(b.buf, int64(status), 10)
	b.buf = append(b.buf, ' ')
	b.text(reason)
	b.crlf()
}

// Header adds a header by name. Line ends and NULs in the value turn into
// spaces: a value can't smuggle a header in.
func (b *Builder) Header(name, value string) {
	b.text(name)
	b.buf = append(b.buf, ": "...)
	b.text(value)
	b.crlf()
}

// Add adds a known header.
func (b *Builder) Add(id HeaderID, value string) { b.Header(id.String(), value) }

// Number adds a known header whose value is a number.
func (b *Builder) Number(id HeaderID, n uint64) {
	b.name(id)
	b.buf = strconv.AppendUint(b.buf, n, 10)
	b.crlf()
}

// Addr adds an address header; tag, when not empty, is added as its tag.
func (b *Builder) Addr(id HeaderID, a NameAddr, tag string) {
	b.name(id)
	from := len(b.buf)
	b.buf = a.Append(b.buf)
	if tag != "" {
		b.buf = append(append(b.buf, ";tag="...), tag...)
	}
	mask(b.buf[from:])
	b.crlf()
}

// CSeq adds the CSeq header.
func (b *Builder) CSeq(seq uint32, method Method) {
	b.name(HeaderCSeq)
	b.buf = strconv.AppendUint(b.buf, uint64(seq), 10)
	b.buf = append(b.buf, ' ')
	b.text(string(method))
	b.crlf()
}

// Via adds a Via of ours. With rport it asks for the answer to come back to
// the port that the request left from (RFC 3581 section 3).
func (b *Builder) Via(transport, host string, port uint16, branch string, rport bool) {
	b.name(HeaderVia)
	b.buf = append(b.buf, "SIP/2.0/"...)
	b.text(transport)
	b.buf = append(b.buf, ' ')
	b.buf = AppendHostPort(b.buf, host, port)
	b.buf = append(b.buf, ";branch="...)
	b.text(branch)
	if rport {
		b.buf = append(b.buf, ";rport"...)
	}
	b.crlf()
}

// CopyAll copies every header of a kind from a message, a line for a line.
func (b *Builder) CopyAll(m *Message, id HeaderID) {
	for v := range m.Values(id) {
		b.name(id)
		b.buf = append(b.buf, v...)
		b.crlf()
	}
}

// End closes the message: Content-Type when there is a body, Content-Length,
// the empty line, the body. It returns the whole message.
func (b *Builder) End(contentType string, body []byte) []byte {
	if contentType != "" && len(body) > 0 {
		b.Add(HeaderContentType, contentType)
	}
	b.Number(HeaderContentLength, uint64(len(body)))
	b.crlf()
	b.buf = append(b.buf, body...)
	return b.buf
}

func (b *Builder) name(id HeaderID) {
	b.buf = append(append(b.buf, id.String()...), ": "...)
}

func (b *Builder) crlf() { b.buf = append(b.buf, '\r', '\n') }

func (b *Builder) text(s string) {
	from := len(b.buf)
	b.buf = append(b.buf, s...)
	mask(b.buf[from:])
}

// mask overwrites what would end a line.
func mask(b []byte) {
	for i, c := range b {
		if c == '\r' || c == '\n' || c == 0 {
			b[i] = ' '
		}
	}
}

// Return says what the top Via of a response learns about the request's source
// (RFC 3261 section 18.2.1 and RFC 3581 section 4). What the request itself
// claimed as received or rport is dropped when the field is set.
type Return struct {
	Received netip.Addr // invalid: no received parameter
	RPort    uint16     // 0: no value for rport
}

// Response begins the response to a request: the status line, then Via (all,
// in order), Record-Route (on 1xx and 2xx), From, To with toTag when it has no
// tag yet, Call-ID and CSeq (RFC 3261 section 8.2.6.2), in the order in which
// Asterisk writes them. An empty reason stands for the standard one.
func (b *Builder) Response(req *Message, status int, reason string, ret Return, toTag string) {
	if reason == "" {
		reason = StatusText(status)
	}
	b.Status(status, reason)
	b.copyVias(req, ret)
	if status < 300 {
		b.CopyAll(req, HeaderRecordRoute)
	}
	b.copyOne(req, HeaderFrom)
	b.copyTo(req, toTag)
	b.copyOne(req, HeaderCallID)
	b.copyOne(req, HeaderCSeq)
}

func (b *Builder) copyOne(m *Message, id HeaderID) {
	if m.Has(id) {
		b.name(id)
		b.buf = append(b.buf, m.Value(id)...)
		b.crlf()
	}
}

func (b *Builder) copyTo(req *Message, toTag string) {
	if !req.Has(HeaderTo) {
		return
	}
	b.name(HeaderTo)
	b.buf = append(b.buf, req.Value(HeaderTo)...)
	if toTag != "" && req.ToTag() == "" {
		b.buf = append(b.buf, ";tag="...)
		b.text(toTag)
	}
	b.crlf()
}

// copyVias copies the Via headers. The top one keeps its bytes but for
// received and rport, which go to its end as in Asterisk's answers.
func (b *Builder) copyVias(req *Message, ret Return) {
	top := true
	for v := range req.Values(HeaderVia) {
		b.name(HeaderVia)
		if top {
			item, rest, more := nextItem(v)
			b.topVia(item, ret)
			if v = ""; more {
				v = rest
				b.buf = append(b.buf, ',')
			}
			top = false
		}
		b.buf = append(b.buf, v...)
		b.crlf()
	}
}

func (b *Builder) topVia(s string, ret Return) {
	head, params, _ := cutBefore(s, ';')
	b.buf = append(b.buf, trim(head)...)
	for name, value := range Params(params).All() {
		if ret.Received.IsValid() && equalFold(name, "received") || ret.RPort != 0 && equalFold(name, "rport") {
			continue
		}
		b.buf = append(append(b.buf, ';'), name...)
		if value != "" {
			b.buf = append(append(b.buf, '='), value...)
		}
	}
	if ret.Received.IsValid() {
		b.buf = append(b.buf, ";received="...)
		b.buf = ret.Received.Unmap().WithZone("").AppendTo(b.buf)
	}
	if ret.RPort != 0 {
		b.buf = append(b.buf, ";rport="...)
		b.buf = strconv.AppendUint(b.buf, uint64(ret.RPort), 10)
	}
}
