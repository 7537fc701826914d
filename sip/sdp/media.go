package sdp

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// IsRTP says whether the stream is RTP of any profile.
func (m *Media) IsRTP() bool { return strings.Contains(strings.ToUpper(m.Proto), "RTP/") }

// Secure says whether the stream asks for SRTP.
func (m *Media) Secure() bool { return strings.Contains(strings.ToUpper(m.Proto), "RTP/SAVP") }

// Is says whether the stream is of that kind; case does not count.
func (m *Media) Is(kind string) bool { return strings.EqualFold(m.Kind, kind) }

// IsT38 says whether the stream is fax over UDPTL.
func (m *Media) IsT38() bool {
	return m.Is("image") && strings.EqualFold(m.Proto, "udptl") && len(m.Formats) > 0 && strings.EqualFold(m.Formats[0], "t38")
}

// Rejected says whether the stream is off: port 0, unless it shares another stream's port (RFC 8843 §6).
func (m *Media) Rejected() bool {
	_, bundled := m.Attr("bundle-only")
	return m.Port == 0 && !bundled
}

// Ptime is the packet length the sender of the description would like to receive, 0 when it does not say.
func (m *Media) Ptime() time.Duration { return m.milliseconds("ptime") }

// MaxPtime is the longest packet the sender of the description takes, 0 when it does not say.
func (m *Media) MaxPtime() time.Duration { return m.milliseconds("maxptime") }

func (m *Media) milliseconds(name string) time.Duration {
	v, _ := m.Attr(name)
	n, err := strconv.ParseUint(v, 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// RTCPMux says whether RTCP comes on the RTP port (RFC 5761).
func (m *Media) RTCPMux() bool {
	_, ok := m.Attr("rtcp-mux")
	return ok
}

// rtcp reads "a=rtcp:port [IN IP4 address]" (RFC 3605).
func (m *Media) rtcp() (port uint16, addr netip.Addr) {
	v, _ := m.Attr("rtcp")
	f := strings.Fields(v)
	if len(f) == 0 {
		return 0, netip.Addr{}
	}
	n, err := strconv.ParseUint(f[0], 10, 16)
	if err != nil {
		return 0, netip.Addr{}
	}
	if len(f) > 3 {
		addr, _ = Connection{Address: f[3]}.IP()
	}
	return uint16(n), addr
}
