package sip

import "strings"

// defect is what the parser met that a valid message does not have; Validate
// turns each into an answer.
type defect uint8

const (
	defectHeaderLine    defect = 1 << iota // a line without a colon or with a bad name
	defectContentLength                    // not a number, negative, or several that differ
	defectBodyShort                        // fewer bytes of body than Content-Length
	defectSpacing                          // superfluous white space in the start line
)

// parse indexes m.text.
func (m *Message) parse() error {
	s := m.text
	if len(s) > MaxMessage {
		return ErrTooLarge
	}
	// RFC 3261 section 7.5: empty lines before the start line are ignored.
	for s != "" && (s[0] == '\r' || s[0] == '\n') {
		s = s[1:]
	}
	if s == "" {
		return ErrEmpty
	}
	line, rest, err := m.cutLine(s)
	if err != nil {
		return err
	}
	if err := m.startLine(line); err != nil {
		return err
	}
	rest, err = m.parseHeaders(rest)
	if err != nil {
		return err
	}
	m.cutBody(rest)
	return nil
}

// cutLine cuts the first line off s; LF alone ends a line too (a leniency).
func (m *Message) cutLine(s string) (line, rest string, err error) {
	i := strings.IndexByte(s, '\n')
	switch {
	case i < 0:
		line = s
	case i > 0 && s[i-1] == '\r':
		line, rest = s[:i-1], s[i+1:]
	default:
		line, rest = s[:i], s[i+1:]
		m.leniency |= LenientLineEnd
	}
	if len(line) > MaxLine {
		return "", "", ErrLineTooLong
	}
	if strings.IndexByte(line, '\r') >= 0 {
		return "", "", ErrBareCR
	}
	return line, rest, nil
}

// startLine reads a request line or a status line (RFC 3261 section 7.1, 7.2).
func (m *Message) startLine(line string) error {
	if len(line) > 4 && equalFold(line[:4], "SIP/") {
		return m.statusLine(line)
	}
	if line != trim(line) {
		m.defect |= defectSpacing
		line = trim(line)
	}
	method, rest, ok := strings.Cut(line, " ")
	if !ok {
		return ErrStartLine
	}
	i := strings.LastIndexByte(rest, ' ')
	if i < 0 {
		return ErrStartLine
	}
	m.method = methodOf(method)
	m.uri, m.version = trim(rest[:i]), rest[i+1:]
	if len(m.uri) != i || strings.ContainsAny(m.uri, " \t") {
		m.defect |= defectSpacing
	}
	return nil
}

func (m *Message) statusLine(line string) error {
	version, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	n, ok := parseUint(code, 999)
	if !ok || n < 100 || len(code) != 3 {
		return ErrStartLine
	}
	m.version, m.status, m.reason = version, int(n), reason
	return nil
}

// parseHeaders indexes the headers and returns what follows the empty line.
func (m *Message) parseHeaders(s string) (string, error) {
	head := len(s)
	for s != "" {
		line, rest, err := m.headerLine(s)
		if err != nil {
			return "", err
		}
		if line == "" {
			return rest, nil
		}
		if head-len(rest) > MaxHead {
			return "", ErrHeadTooLong
		}
		if len(m.headers) == MaxHeaders {
			return "", ErrManyHeaders
		}
		m.addHeader(line)
		s = rest
	}
	m.leniency |= LenientNoEmptyLine
	return "", nil
}

// headerLine cuts one header with its continuation lines off s.
func (m *Message) headerLine(s string) (line, rest string, err error) {
	line, rest, err = m.cutLine(s)
	if err != nil || line == "" || rest == "" || !isSpace(rest[0]) {
		return line, rest, err
	}
	return m.unfold(line, rest)
}

// unfold joins a header's continuation lines with one space each (RFC 3261
// section 7.3.1). Folding is rare, and the one thing that makes the parser allocate.
func (m *Message) unfold(first, s string) (line, rest string, err error) {
	var b strings.Builder
	b.WriteString(first)
	m.leniency |= FoldedHeader
	rest = s
	for rest != "" && isSpace(rest[0]) {
		if line, rest, err = m.cutLine(rest); err != nil {
			return "", "", err
		}
		b.WriteByte(' ')
		b.WriteString(trim(line))
		if b.Len() > MaxLine {
			return "", "", ErrLineTooLong
		}
	}
	return b.String(), rest, nil
}

// splitHeader cuts a line at its colon. White space before the colon is allowed
// by the grammar (HCOLON) and never part of the name, whatever the header.
func splitHeader(line string) (h Header, ok bool) {
	i := strings.IndexByte(line, ':')
	if i < 0 {
		return h, false
	}
	name := line[:i]
	for name != "" && isSpace(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	if !isToken(name) {
		return h, false
	}
	return Header{ID: LookupHeader(name), Name: name, Value: trim(line[i+1:])}, true
}

// addHeader indexes one line; Validate answers for a line that is no header.
func (m *Message) addHeader(line string) {
	h, ok := splitHeader(line)
	if !ok {
		m.defect |= defectHeaderLine
		return
	}
	m.headers = append(m.headers, h)
	if h.ID != HeaderOther && m.first[h.ID] == 0 {
		m.first[h.ID] = uint16(len(m.headers))
	}
}

// cutBody takes the body that Content-Length describes. Bytes after it are
// dropped (RFC 3261 section 18.3).
func (m *Message) cutBody(rest string) {
	m.body = rest
	n, ok, err := m.contentLength()
	switch {
	case err != nil:
		m.defect |= defectContentLength
	case !ok:
		m.leniency |= LenientNoContentLength
	case n > len(rest):
		m.defect |= defectBodyShort
	default:
		m.body = rest[:n]
	}
}

// contentLength reads Content-Length; ok is false when there is none. Two of
// them are an error even when they agree: whoever reads the other one would see
// another message.
func (m *Message) contentLength() (n int, ok bool, err error) {
	for v := range m.Values(HeaderContentLength) {
		if ok {
			return 0, false, ErrContentLength
		}
		if n, ok = parseLength(v); !ok {
			return 0, false, ErrContentLength
		}
	}
	return n, ok, nil
}

func parseLength(s string) (int, bool) {
	n, ok := parseUint(s, MaxMessage)
	return int(n), ok
}
