package sdp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What a description may hold at most. The limits are far above what phones and browsers send; they keep one packet from buying
// much work.
const (
	MaxSize    = 64 << 10 // bytes
	MaxMedia   = 64       // m= lines
	MaxFormats = 256      // formats on one m= line
)

// Why a description is refused. An offer refused for its size gets 488 like one that shares no codec.
var (
	ErrNotSDP         = errors.New("sdp: not a session description")
	ErrTooLarge       = errors.New("sdp: description too large")
	ErrTooManyMedia   = errors.New("sdp: too many media lines")
	ErrTooManyFormats = errors.New("sdp: too many formats on a media line")
)

// Parse reads a description. Lines may end in CRLF, LF or CR, and the last one may not end at all. The result holds no reference
// to body.
func Parse(body []byte) (*Session, error) {
	if len(body) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(body), MaxSize)
	}
	p := parser{s: new(Session)}
	rest := string(body)
	for n := 1; rest != ""; n++ {
		var line string
		line, rest = cutLine(rest)
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("%w (line %d)", err, n)
		}
	}
	if !p.known {
		return nil, ErrNotSDP
	}
	return p.s, nil
}

// cutLine takes one line off text: up to CRLF, LF, CR or the end.
func cutLine(text string) (line, rest string) {
	i := strings.IndexAny(text, "\r\n")
	if i < 0 {
		return text, ""
	}
	line, rest = text[:i], text[i+1:]
	if text[i] == '\r' && strings.HasPrefix(rest, "\n") {
		rest = rest[1:]
	}
	return line, rest
}

type parser struct {
	s     *Session
	known bool // a line only a session description has was seen
}

// line sorts one line into the session or into the latest stream.
func (p *parser) line(l string) error {
	l = strings.TrimRight(l, " \t")
	if l == "" {
		return nil
	}
	if len(l) < 2 || l[1] != '=' {
		p.keep(l)
		return nil
	}
	typ, value := l[0], strings.TrimLeft(l[2:], " \t")
	if typ == 'm' {
		return p.media(value)
	}
	if !p.field(typ, value) {
		p.keep(l)
	}
	return nil
}

// field reads a line that may stand in both places; false means that it is to be kept as it is.
func (p *parser) field(typ byte, value string) bool {
	switch typ {
	case 'c':
		return p.connection(value)
	case 'b':
		return p.bandwidth(value)
	case 'a':
		return p.attribute(value)
	}
	return len(p.s.Media) == 0 && p.head(typ, value)
}

// head reads a line of the session part alone. Of a line that may stand once the first counts; v= says nothing that is used.
func (p *parser) head(typ byte, value string) bool {
	switch {
	case typ == 'v':
		p.known = true
		return true
	case typ == 'o' && p.s.Origin == Origin{}:
		p.known = true
		p.s.Origin = parseOrigin(value)
		return true
	case typ == 's' && p.s.Name == "":
		if value != "-" {
			p.s.Name = value
		}
		return true
	case typ == 't' && p.s.Timing == "":
		if value != "0 0" {
			p.s.Timing = value
		}
		return true
	}
	return false
}

// keep stores a line that is not understood where it was met.
func (p *parser) keep(l string) {
	if m := p.last(); m != nil {
		m.Other = append(m.Other, l)
		return
	}
	p.s.Other = append(p.s.Other, l)
}

// last is the stream being read, nil before the first.
func (p *parser) last() *Media {
	if n := len(p.s.Media); n > 0 {
		return &p.s.Media[n-1]
	}
	return nil
}

// media begins a stream. A line whose port can't be read counts as rejected: the answer must have as many lines as the offer
// (RFC 3264 §6), so no line may be dropped.
func (p *parser) media(value string) error {
	f := strings.Fields(value)
	if len(f) == 0 {
		p.keep("m=")
		return nil
	}
	switch {
	case len(p.s.Media) == MaxMedia:
		return fmt.Errorf("%w: at most %d", ErrTooManyMedia, MaxMedia)
	case len(f)-3 > MaxFormats:
		return fmt.Errorf("%w: %d, at most %d", ErrTooManyFormats, len(f)-3, MaxFormats)
	}
	p.known = true
	m := Media{Kind: f[0], Proto: "RTP/AVP"}
	if len(f) > 1 {
		m.Port, m.PortCount = parsePort(f[1])
	}
	if len(f) > 2 {
		m.Proto = f[2]
	}
	if len(f) > 3 {
		m.Formats = f[3:]
	}
	p.s.Media = append(p.s.Media, m)
	return nil
}

// parsePort reads "port" or "port/count"; nonsense is port 0.
func parsePort(s string) (port, count int) {
	s, n, _ := strings.Cut(s, "/")
	v, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, 0
	}
	c, err := strconv.ParseUint(n, 10, 16)
	if err != nil {
		c = 0
	}
	return int(v), int(c)
}

// parseOrigin reads an o= line, filling in what is missing so that it can be printed again.
func parseOrigin(value string) Origin {
	f := append(strings.Fields(value), make([]string, 6)...)
	or := func(s, def string) string {
		if s == "" {
			return def
		}
		return s
	}
	return Origin{User: or(f[0], "-"), SessionID: or(f[1], "0"), Version: or(f[2], "0"),
		AddrType: or(f[4], "IP4"), Address: or(f[5], "0.0.0.0")}
}

// connection reads "IN IP4 address", and the bare address that some gateways send.
func (p *parser) connection(value string) bool {
	c := &p.s.Connection
	if m := p.last(); m != nil {
		c = &m.Connection
	}
	f := strings.Fields(value)
	if *c != (Connection{}) || len(f) != 1 && len(f) != 3 {
		return false
	}
	got := Connection{AddrType: "IP4", Address: f[len(f)-1]}
	if len(f) == 3 {
		got.AddrType = f[1]
	} else if a, ok := got.IP(); ok {
		got = ConnectionTo(a)
	} else {
		return false
	}
	*c = got
	return true
}

// bandwidth reads "type:value"; anything else is kept unread.
func (p *parser) bandwidth(value string) bool {
	typ, n, ok := strings.Cut(value, ":")
	v, err := strconv.ParseUint(n, 10, 31)
	if !ok || typ == "" || err != nil {
		return false
	}
	b := Bandwidth{Type: typ, Value: int(v)}
	if m := p.last(); m != nil {
		m.Bandwidth = append(m.Bandwidth, b)
	} else {
		p.s.Bandwidth = append(p.s.Bandwidth, b)
	}
	return true
}

// attribute reads "name" or "name:value".
func (p *parser) attribute(value string) bool {
	name, v, _ := strings.Cut(value, ":")
	a := Attribute{Name: strings.TrimRight(name, " \t"), Value: strings.TrimLeft(v, " \t")}
	if a.Name == "" {
		return false
	}
	if m := p.last(); m != nil {
		m.Attributes = append(m.Attributes, a)
	} else {
		p.s.Attributes = append(p.s.Attributes, a)
	}
	return true
}
