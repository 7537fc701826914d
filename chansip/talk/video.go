package talk

import (
	"slices"
	"strconv"
	"strings"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/sip/sdp"
)

// feedback is an a=rtcp-fb line (RFC 4585 section 4.2): what the writer takes in
// RTCP about a payload type.
type feedback struct {
	pt    int // anyPayload for *
	value string
}

// String is the line's value.
func (f feedback) String() string {
	if f.pt == anyPayload {
		return "* " + f.value
	}
	return strconv.Itoa(f.pt) + " " + f.value
}

const anyPayload = -1

// maxFeedback is how many a=rtcp-fb lines are taken from one m= line.
const maxFeedback = 64

// feedbackOf reads the lines of a description.
func feedbackOf(m *sdp.Media) []feedback {
	var out []feedback
	for _, a := range m.Attributes {
		if !strings.EqualFold(a.Name, "rtcp-fb") || len(out) == maxFeedback {
			continue
		}
		pt, value, ok := strings.Cut(a.Value, " ")
		if value = strings.TrimSpace(value); !ok || !relayed(value) {
			continue
		}
		n, err := strconv.ParseUint(pt, 10, 7)
		switch {
		case pt == "*":
			out = append(out, feedback{anyPayload, value})
		case err == nil:
			out = append(out, feedback{int(n), value})
		}
	}
	return out
}

// relayed says whether the media plane hands a kind of feedback on: not
// those that name or count packets in a way of their own.
func relayed(value string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(value), " ")
	return kind == "nack" || kind == "ccm" || kind == "trr-int"
}

// addFeedback writes which feedback may be sent about our pictures: what the
// other phone takes, under our numbers. With avpf=yes a full picture can always
// be asked for, as in the original.
func (t *Talk) addFeedback(m *sdp.Media, l *line) {
	if l.kind != media.Video {
		return
	}
	all := t.far.feedback(l.kind)
	if fir := (feedback{anyPayload, "ccm fir"}); t.peer.AVPF && !slices.Contains(all, fir) {
		all = append(slices.Clone(all), fir)
	}
	for _, f := range all {
		if f.pt == anyPayload {
			m.Add("rtcp-fb", "* "+f.value)
			continue
		}
		for _, c := range l.ours() {
			if far, ok := t.far.coding(c.Type, c.Format); ok && int(far.Type) == f.pt {
				m.Add("rtcp-fb", strconv.Itoa(int(c.Type))+" "+f.value)
			}
		}
	}
}

// limit writes maxcallbitrate of a description with pictures, in kilobits a
// second.
func (t *Talk) limit(s *sdp.Session) {
	shown := slices.ContainsFunc(t.lines, func(l line) bool { return l.kind == media.Video && !l.refused })
	if shown && t.peer.MaxBitrate > 0 {
		s.Bandwidth = append(s.Bandwidth, sdp.Bandwidth{Type: "CT", Value: t.peer.MaxBitrate})
	}
}

// profile is that of RTP in an offer of ours: with avpf=yes the one with feedback
// (RFC 4585), with encryption=yes SRTP (RFC 3711 section 12, RFC 5124).
func (t *Talk) profile() string {
	p := "RTP/AVP"
	if t.peer.Encryption == sipconf.EncryptYes {
		p = "RTP/SAVP"
	}
	if t.peer.AVPF {
		p += "F"
	}
	return p
}
