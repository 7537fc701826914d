package sdp

import "strconv"

// Append prints the description to dst with CRLF line ends, in the order of RFC 4566 §5, which is also the order and the style of
// the original: o, s, c, b, t, attributes, then the streams. A line end inside a value is dropped, so that no value can add a line.
func (s *Session) Append(dst []byte) []byte {
	dst = append(dst, "v=0\r\n"...)
	if s.Origin != (Origin{}) {
		dst = s.Origin.append(dst)
	}
	dst = appendLine(dst, "s=", orElse(s.Name, "-"))
	dst = s.Connection.append(dst)
	dst = appendBandwidth(dst, s.Bandwidth)
	dst = appendLine(dst, "t=", orElse(s.Timing, "0 0"))
	dst = appendAttributes(dst, s.Attributes)
	dst = appendOther(dst, s.Other)
	for i := range s.Media {
		dst = s.Media[i].Append(dst)
	}
	return dst
}

// String prints the description.
func (s *Session) String() string { return string(s.Append(nil)) }

// Append prints the stream's section to dst.
func (m *Media) Append(dst []byte) []byte {
	dst = append(dst, "m="...)
	dst = appendClean(dst, m.Kind)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(m.Port), 10)
	if m.PortCount > 0 {
		dst = append(dst, '/')
		dst = strconv.AppendInt(dst, int64(m.PortCount), 10)
	}
	dst = append(dst, ' ')
	dst = appendClean(dst, m.Proto)
	for _, f := range m.Formats {
		dst = append(dst, ' ')
		dst = appendClean(dst, f)
	}
	dst = append(dst, "\r\n"...)
	dst = m.Connection.append(dst)
	dst = appendBandwidth(dst, m.Bandwidth)
	dst = appendAttributes(dst, m.Attributes)
	return appendOther(dst, m.Other)
}

func (o Origin) append(dst []byte) []byte {
	dst = append(dst, "o="...)
	for _, f := range [...]string{o.User, o.SessionID, o.Version, "IN", o.AddrType} {
		dst = append(appendClean(dst, f), ' ')
	}
	return append(appendClean(dst, o.Address), "\r\n"...)
}

func (c Connection) append(dst []byte) []byte {
	if c == (Connection{}) {
		return dst
	}
	dst = append(dst, "c=IN "...)
	dst = append(appendClean(dst, c.AddrType), ' ')
	return append(appendClean(dst, c.Address), "\r\n"...)
}

func appendBandwidth(dst []byte, bs []Bandwidth) []byte {
	for _, b := range bs {
		dst = append(dst, "b="...)
		dst = append(appendClean(dst, b.Type), ':')
		dst = strconv.AppendInt(dst, int64(b.Value), 10)
		dst = append(dst, "\r\n"...)
	}
	return dst
}

func appendAttributes(dst []byte, as []Attribute) []byte {
	for _, a := range as {
		dst = append(dst, "a="...)
		dst = appendClean(dst, a.Name)
		if a.Value != "" {
			dst = append(dst, ':')
			dst = appendClean(dst, a.Value)
		}
		dst = append(dst, "\r\n"...)
	}
	return dst
}

func appendOther(dst []byte, lines []string) []byte {
	for _, l := range lines {
		dst = appendLine(dst, "", l)
	}
	return dst
}

func appendLine(dst []byte, typ, value string) []byte {
	dst = append(dst, typ...)
	return append(appendClean(dst, value), "\r\n"...)
}

// appendClean appends s without line ends.
func appendClean(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] != '\r' && s[i] != '\n' {
			dst = append(dst, s[i])
		}
	}
	return dst
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
