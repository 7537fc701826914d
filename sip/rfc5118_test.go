package sip

import "testing"

var rfc5118 = []torture{
	{"ipv6-good", 0, func(t *testing.T, m *Message) {
		u, _ := m.RequestURI()
		v, _ := m.Via()
		expect(t, u.Host, "2001:db8::10", u.Port, uint16(0), v.Host, "2001:db8::9:1", v.Port, uint16(0))
	}},
	{"ipv6-bad", 400, nil},
	{"port-ambiguous", 0, func(t *testing.T, m *Message) {
		u, _ := m.RequestURI()
		expect(t, u.Host, "2001:db8::10:5070", u.Port, uint16(0))
	}},
	{"port-unambiguous", 0, func(t *testing.T, m *Message) {
		u, _ := m.RequestURI()
		expect(t, u.Host, "2001:db8::10", u.Port, uint16(5070))
	}},
	{"via-received-param-with-delim", 0, checkReceived6},
	{"via-received-param-no-delim", 0, checkReceived6},
	{"ipv6-in-sdp", 0, func(t *testing.T, m *Message) {
		_, contact := mustAddr(t, m, HeaderContact)
		expect(t, contact.Host, "2001:db8::20", contact.String(), "sip:caller@[2001:db8::20]")
	}},
	{"mult-ip-in-header", 0, func(t *testing.T, m *Message) {
		v, _ := m.Via()
		expect(t, m.Count(HeaderVia), 3, v.Host, "2001:db8::9:1", v.Port, uint16(6050))
	}},
	{"mult-ip-in-sdp", 0, nil},
	{"ipv4-mapped-ipv6", 0, func(t *testing.T, m *Message) {
		v, _ := m.Via()
		expect(t, v.Host, "::ffff:192.0.2.10", v.Port, uint16(19823))
	}},
	// The grammar of RFC 3261 makes this address, which is none: three colons.
	{"ipv6-bug-abnf-3-colons", 400, nil},
}

func checkReceived6(t *testing.T, m *Message) {
	v, err := m.Via()
	expect(t, err, nil, v.Received(), "2001:db8::9:255")
}

func TestRFC5118(t *testing.T) { runTorture(t, "rfc5118", rfc5118, 11) }
