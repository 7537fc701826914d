package talk

import (
	"obelus/media"
	"obelus/media/rtp"
)

// eventType is the payload type that we give telephone events in an offer.
const eventType = 101

// dynamic is the payload type that we give a format without a static one, those
// of the original; 0 for none. Below 96 are numbers that RFC 3551 section 6 left
// unassigned.
func dynamic(f media.Format) uint8 {
	switch f {
	case media.ILBC:
		return 97
	case media.H263P:
		return 98
	case media.H264:
		return 99
	case media.Siren7:
		return 102
	case media.MPEG4:
		return 104
	case media.Red:
		return 105
	case media.T140:
		return 106
	case media.Opus:
		return 107
	case media.VP8:
		return 108
	case media.VP9:
		return 109
	case media.Speex:
		return 110
	case media.G726:
		return 111
	case media.G726AAL2:
		return 112
	case media.Siren14:
		return 115
	case media.G719:
		return 116
	case media.Speex16:
		return 117
	case media.Slin16:
		return 118
	case media.Speex32:
		return 119
	}
	return 0
}

// numbering gives out the payload types of one m= line.
type numbering struct{ used [128]bool }

// give is the first of some numbers that is free, else a free one. It is false
// where none is left.
func (n *numbering) give(wanted ...uint8) (uint8, bool) {
	for _, w := range wanted {
		if isDynamic(w) && !n.used[w] {
			n.used[w] = true
			return w, true
		}
	}
	for _, r := range [][2]uint8{{96, 127}, {35, 63}} {
		for w := r[0]; w <= r[1]; w++ {
			if !n.used[w] && w != eventType {
				n.used[w] = true
				return w, true
			}
		}
	}
	return 0, false
}

// isDynamic says whether a number may mean any format. Those that RTCP's packet
// types would hide are not among them (RFC 5761 section 4).
func isDynamic(pt uint8) bool { return pt >= 96 && pt <= 127 || pt >= 35 && pt <= 63 }

// number gives a format its payload type: the static one, else the number that
// the other phone has for it, else ours.
func (n *numbering) number(c coding) (coding, bool) {
	if pt := c.Format.Payload(); pt != media.NoPayload {
		if n.used[pt] {
			return c, false // named twice
		}
		c.Type, n.used[pt] = uint8(pt), true
		return c, true
	}
	var ok bool
	c.Type, ok = n.give(c.Type, dynamic(c.Format))
	return c, ok
}

// event gives telephone events of a clock their payload type.
func (n *numbering) event(clock int) (coding, bool) {
	wanted := []uint8{eventType}
	if clock != media.TelephoneEvent.Clock() {
		wanted = nil
	}
	pt, ok := n.give(wanted...)
	return coding{Payload: rtp.Payload{Type: pt, Format: media.TelephoneEvent, Clock: clock}}, ok
}
