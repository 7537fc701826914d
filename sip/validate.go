package sip

import "strings"

// Validate names the answer that a malformed request is owed: a status and a
// reason phrase that says what is wrong, or 0 when the message is well formed.
// For a response any status means: drop it.
//
// It judges the form of a message only. Whether a method, an extension
// (Unsupported), a body or a user is known is for those who know them.
func Validate(m *Message) (status int, reason string) {
	if status, reason = m.validateStart(); status != 0 {
		return status, reason
	}
	if reason = m.validateFraming(); reason != "" {
		return 400, reason
	}
	if reason = m.validateHeaders(); reason != "" {
		return 400, reason
	}
	return m.validateURI()
}

func (m *Message) validateStart() (int, string) {
	if !equalFold(m.version, "SIP/2.0") {
		if len(m.version) > 4 && equalFold(m.version[:4], "SIP/") {
			return 505, StatusText(505)
		}
		return 400, "Bad Request Line"
	}
	switch {
	case !m.IsRequest():
		return 0, ""
	case !isToken(string(m.method)):
		return 400, "Bad Method"
	case m.defect&defectSpacing != 0:
		return 400, "Bad Request Line"
	default:
		return 0, ""
	}
}

func (m *Message) validateFraming() string {
	switch {
	case m.defect&defectHeaderLine != 0:
		return "Bad Header Line"
	case m.defect&defectContentLength != 0:
		return "Bad Content-Length"
	case m.defect&defectBodyShort != 0:
		return "Body Shorter Than Content-Length"
	case m.hasControls():
		return "Control Character In Header"
	default:
		return ""
	}
}

// hasControls finds a control character in a header. Inside quotes a backslash
// may escape one (quoted-pair, RFC 3261 section 25.1).
func (m *Message) hasControls() bool {
	for i := range m.headers {
		v := m.headers[i].Value
		for j := 0; j < len(v); j++ {
			if isControlByte(v[j]) {
				if m.headers[i].ID == HeaderCallID || bareControl(v) {
					return true
				}
				break
			}
		}
	}
	return false
}

func isControlByte(c byte) bool { return c < 0x20 && c != '\t' || c == 0x7f }

// bareControl tells whether a control character in s is not a quoted-pair.
func bareControl(s string) bool {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case isControlByte(c):
			return true
		}
	}
	return false
}

func (m *Message) validateHeaders() string {
	if reason := m.validateOnce(); reason != "" {
		return reason
	}
	for _, err := range m.Vias() {
		if err != nil {
			return "Bad Via"
		}
	}
	if _, err := m.Via(); err != nil {
		return "Bad Via"
	}
	if from, err := m.From(); err != nil || !validAddr(from) {
		return "Bad From"
	}
	if to, err := m.To(); err != nil || !validAddr(to) {
		return "Bad To"
	}
	cseq, err := m.CSeq()
	if err != nil || m.IsRequest() && cseq.Method != m.method {
		return "Bad CSeq"
	}
	if v := m.Value(HeaderMaxForwards); m.Has(HeaderMaxForwards) {
		if _, ok := parseUint(v, 255); !ok {
			return "Bad Max-Forwards"
		}
	}
	return m.validateAddrs()
}

// validateOnce checks that the mandatory headers are there (RFC 3261 section
// 8.1.1), and those that may come once do.
func (m *Message) validateOnce() string {
	switch {
	case m.Value(HeaderVia) == "":
		return "Missing Via"
	case m.Value(HeaderFrom) == "":
		return "Missing From"
	case m.Value(HeaderTo) == "":
		return "Missing To"
	case m.Value(HeaderCallID) == "" || strings.ContainsAny(m.CallID(), " \t"):
		return "Missing Call-ID"
	case m.Value(HeaderCSeq) == "":
		return "Missing CSeq"
	}
	var seen [headerCount]bool
	for i := range m.headers {
		switch id := m.headers[i].ID; id {
		case HeaderFrom, HeaderTo, HeaderCallID, HeaderCSeq, HeaderMaxForwards, HeaderExpires,
			HeaderContentType, HeaderReferTo, HeaderEvent, HeaderSessionExpires, HeaderRAck:
			if seen[id] {
				return "Repeated Header"
			}
			seen[id] = true
		}
	}
	return ""
}

// validateAddrs checks the headers that route requests later on.
func (m *Message) validateAddrs() string {
	for a, err := range m.Addrs(HeaderContact) {
		if err != nil || !a.IsStar() && !validAddr(a) {
			return "Bad Contact"
		}
	}
	for a, err := range m.Addrs(HeaderRoute) {
		if err != nil || !validAddr(a) {
			return "Bad Route"
		}
	}
	for a, err := range m.Addrs(HeaderRecordRoute) {
		if err != nil || !validAddr(a) {
			return "Bad Record-Route"
		}
	}
	return ""
}

// validAddr takes any URI that can be read. Without angle brackets a "?" or a
// "," would leave open what belongs to the URI (RFC 3261 section 20).
func validAddr(a NameAddr) bool {
	if !a.Bracketed && strings.ContainsAny(a.Addr, "?,") {
		return false
	}
	_, err := a.URI()
	return err == nil
}

func (m *Message) validateURI() (int, string) {
	if !m.IsRequest() {
		return 0, ""
	}
	u, err := m.RequestURI()
	switch {
	case err != nil:
		return 400, "Bad Request-URI"
	case !u.IsSIP() && u.Scheme != "tel":
		return 416, StatusText(416)
	default:
		return 0, ""
	}
}

// Unsupported returns the option tags that the request requires (Require) and
// that are not in supported: with any, 420 is due and this is its Unsupported
// header (RFC 3261 section 8.2.2.3). ACK and CANCEL are never refused by it.
func (m *Message) Unsupported(supported ...string) []string {
	if m.method == ACK || m.method == CANCEL {
		return nil
	}
	var missing []string
next:
	for tag := range m.List(HeaderRequire) {
		for _, s := range supported {
			if equalFold(s, tag) {
				continue next
			}
		}
		missing = append(missing, tag)
	}
	return missing
}
