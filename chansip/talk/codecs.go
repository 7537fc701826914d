package talk

import (
	"slices"

	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// events is the payload type that we give telephone events in an offer.
const events = 101

// dynamic are the payload types that we give formats without a static one.
var dynamic = map[media.Format]uint8{
	media.Opus: 107, media.ILBC: 97, media.Speex: 110, media.Speex16: 117, media.G726: 111, media.G726AAL2: 112,
	media.Slin: 119, media.Slin16: 118, media.Siren7: 102, media.Siren14: 115, media.G719: 116,
	media.H263P: 98, media.H264: 99, media.MPEG4: 104, media.VP8: 108, media.VP9: 109, media.H265: 113, media.AV1: 114,
	media.T140: 106, media.Red: 105,
}

// common lists what an offer's line and a list of formats share: in the order of
// the list, with the numbers of the offer.
func common(codecs []sdp.Codec, allow []media.Format) []rtp.Payload {
	var out []rtp.Payload
	for _, f := range allow {
		for _, c := range codecs {
			if g, ok := media.BySDP(c.Name, c.Clock); ok && g == f {
				out = append(out, rtp.Payload{Type: c.Payload, Format: f})
				break
			}
		}
	}
	return out
}

// telephoneEvents are the payload types of pressed keys in an offer, for the
// clocks of the formats agreed on.
func telephoneEvents(codecs []sdp.Codec, agreed []rtp.Payload) []rtp.Payload {
	var out []rtp.Payload
	for _, c := range codecs {
		f, ok := media.BySDP(c.Name, c.Clock)
		if !ok || f != media.TelephoneEvent {
			continue
		}
		if slices.ContainsFunc(agreed, func(p rtp.Payload) bool { return p.Format.Clock() == c.Clock }) {
			out = append(out, rtp.Payload{Type: c.Payload, Format: f, Clock: c.Clock})
		}
	}
	return out
}

// reachable says whether a format can be made of one of a list: is in it, or is
// the other law of G.711.
func reachable(f media.Format, of []media.Format) bool {
	if slices.Contains(of, f) {
		return true
	}
	return f == media.Ulaw && slices.Contains(of, media.Alaw) || f == media.Alaw && slices.Contains(of, media.Ulaw)
}

// sortBy puts codecs in the order of a list, those not in it behind, and events
// last.
func sortBy(ps []rtp.Payload, order []media.Format) {
	place := func(p rtp.Payload) int {
		if !p.Format.IsCodec() {
			return len(order) + 1
		}
		if i := slices.Index(order, p.Format); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(ps, func(a, b rtp.Payload) int { return place(a) - place(b) })
}

func payloadOf(f media.Format) uint8 {
	if pt := f.Payload(); pt != media.NoPayload {
		return uint8(pt)
	}
	return dynamic[f]
}

// codecOf is a payload as a description names it. The parameters of a format
// that only passes through are the other phone's own.
func codecOf(p rtp.Payload, theirs []sdp.Codec) sdp.Codec {
	clock := p.Clock
	if clock == 0 {
		clock = p.Format.Clock()
	}
	c := sdp.Codec{Payload: p.Type, Name: p.Format.Encoding(), Clock: clock, Channels: p.Format.Channels(), Fmtp: p.Format.Fmtp()}
	for _, t := range theirs {
		if t.Payload == p.Type && t.Fmtp != "" && p.Format.IsCodec() {
			c.Fmtp = t.Fmtp
		}
	}
	return c
}
