package sdp

import (
	"strconv"
	"strings"
)

// Codec is one payload type of an RTP stream: the number on the wire and the name it stands for.
type Codec struct {
	Payload  uint8  // 0 to 127
	Name     string // as written: "PCMU", "telephone-event"
	Clock    int    // hertz
	Channels int    // 1 unless given
	Fmtp     string // the format's parameters, "" when there are none
}

// Is says whether both are the same codec: name (case does not count, RFC 4855 §3), clock and channels. Payload numbers
// and parameters don't enter.
func (c Codec) Is(o Codec) bool {
	return strings.EqualFold(c.Name, o.Name) && c.Clock == o.Clock && max(c.Channels, 1) == max(o.Channels, 1)
}

// Find returns the first of list that is the same codec as c.
func Find(list []Codec, c Codec) (Codec, bool) {
	for _, l := range list {
		if l.Is(c) {
			return l, true
		}
	}
	return Codec{}, false
}

// staticCodec names the payload types that need no rtpmap (RFC 3551 §6). Like the original it also knows comfort noise by its
// old number, 19, and takes 101 for telephone-event when a phone forgot to say so.
func staticCodec(pt uint8) (Codec, bool) {
	name, clock, channels := "", 8000, 1
	switch pt {
	case 0:
		name = "PCMU"
	case 3:
		name = "GSM"
	case 4:
		name = "G723"
	case 5:
		name = "DVI4"
	case 6:
		name, clock = "DVI4", 16000
	case 7:
		name = "LPC"
	case 8:
		name = "PCMA"
	case 9:
		name = "G722"
	case 10:
		name, clock, channels = "L16", 44100, 2
	case 11:
		name, clock = "L16", 44100
	case 12:
		name = "QCELP"
	case 13, 19:
		name = "CN"
	case 14:
		name, clock = "MPA", 90000
	case 15:
		name = "G728"
	case 16:
		name, clock = "DVI4", 11025
	case 17:
		name, clock = "DVI4", 22050
	case 18:
		name = "G729"
	case 25:
		name, clock = "CelB", 90000
	case 26:
		name, clock = "JPEG", 90000
	case 28:
		name, clock = "nv", 90000
	case 31:
		name, clock = "H261", 90000
	case 32:
		name, clock = "MPV", 90000
	case 33:
		name, clock = "MP2T", 90000
	case 34:
		name, clock = "H263", 90000
	case 101:
		name = "telephone-event"
	default:
		return Codec{}, false
	}
	return Codec{Payload: pt, Name: name, Clock: clock, Channels: channels}, true
}

// Codecs lists the stream's codecs in the order of the m= line, which is the sender's order of preference. Formats without a
// name, and those named twice, are left out.
func (m *Media) Codecs() []Codec {
	if !m.IsRTP() {
		return nil
	}
	maps, fmtps := m.codecLines()
	out := make([]Codec, 0, len(m.Formats))
	var seen [128]bool
	for _, f := range m.Formats {
		pt, ok := parsePayload(f)
		if !ok || seen[pt] {
			continue
		}
		seen[pt] = true
		c := maps[pt]
		if c.Name == "" {
			if c, ok = staticCodec(pt); !ok {
				continue
			}
		}
		c.Fmtp = fmtps[pt]
		out = append(out, c)
	}
	return out
}

// codecLines reads the stream's rtpmap and fmtp lines once; the first line for a payload type counts.
func (m *Media) codecLines() (maps [128]Codec, fmtps [128]string) {
	for _, a := range m.Attributes {
		switch {
		case strings.EqualFold(a.Name, "rtpmap"):
			if c, ok := parseRtpmap(a.Value); ok && maps[c.Payload].Name == "" {
				maps[c.Payload] = c
			}
		case strings.EqualFold(a.Name, "fmtp"):
			f, params, _ := strings.Cut(a.Value, " ")
			if pt, ok := parsePayload(f); ok && fmtps[pt] == "" {
				fmtps[pt] = strings.TrimSpace(params)
			}
		}
	}
	return maps, fmtps
}

// parseRtpmap reads "8 PCMA/8000" and "111 opus/48000/2". A missing clock is 8000: some adapters leave it off.
func parseRtpmap(v string) (Codec, bool) {
	f, enc, ok := strings.Cut(v, " ")
	pt, good := parsePayload(f)
	if !ok || !good {
		return Codec{}, false
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(enc), "/")
	clock, channels, _ := strings.Cut(rest, "/")
	c := Codec{Payload: pt, Name: strings.TrimSpace(name), Clock: 8000, Channels: 1}
	if n, err := strconv.ParseUint(clock, 10, 31); err == nil && n > 0 {
		c.Clock = int(n)
	}
	if n, err := strconv.ParseUint(channels, 10, 8); err == nil && n > 0 {
		c.Channels = int(n)
	}
	return c, c.Name != ""
}

func parsePayload(s string) (uint8, bool) {
	n, err := strconv.ParseUint(s, 10, 7)
	return uint8(n), err == nil
}

// AddCodec appends a payload type to the m= line with its rtpmap and, if it has parameters, its fmtp.
func (m *Media) AddCodec(c Codec) {
	pt := strconv.Itoa(int(c.Payload))
	m.Formats = append(m.Formats, pt)
	enc := pt + " " + c.Name + "/" + strconv.Itoa(c.Clock)
	if c.Channels > 1 {
		enc += "/" + strconv.Itoa(c.Channels)
	}
	m.Add("rtpmap", enc)
	if c.Fmtp != "" {
		m.Add("fmtp", pt+" "+c.Fmtp)
	}
}
