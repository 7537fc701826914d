package talk

import (
	"slices"
	"strings"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// coding is one payload type of a line, with the parameters that its fmtp gives.
type coding struct {
	rtp.Payload
	fmtp string
}

// clock is the number behind the slash of its rtpmap.
func (c coding) clock() int {
	if c.Clock != 0 {
		return c.Clock
	}
	return c.Format.Clock()
}

// payloads are codings as the media plane takes them.
func payloads(list []coding) []rtp.Payload {
	if list == nil {
		return nil
	}
	out := make([]rtp.Payload, len(list))
	for i, c := range list {
		out[i] = c.Payload
	}
	return out
}

// appendFormats appends the codecs among codings, each once.
func appendFormats(out []media.Format, list []coding) []media.Format {
	for _, c := range list {
		if c.Format.IsCodec() && !slices.Contains(out, c.Format) {
			out = append(out, c.Format)
		}
	}
	return out
}

// hasCodec says whether there is more among codings than pressed keys.
func hasCodec(list []coding) bool {
	return slices.ContainsFunc(list, func(c coding) bool { return c.Format.IsCodec() })
}

// formats are those of a kind that the account allows, in its order. With
// g726nonstandard=yes G.726 means the packing of AAL2.
func (t *Talk) formats(k media.Kind) []media.Format {
	var out []media.Format
	for _, f := range t.peer.Formats {
		if f == media.G726 && t.peer.G726NonStandard {
			f = media.G726AAL2
		}
		if f.Kind() == k && f.Encoding() != "" && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// formatOf is the format that a phone names. With g726nonstandard=yes it packs
// G726-32 as AAL2 does, against RFC 3551 section 4.5.4. A number that RTCP would
// hide is none (RFC 5761 section 4).
func (t *Talk) formatOf(c sdp.Codec) (media.Format, bool) {
	f, ok := media.BySDP(c.Name, c.Clock)
	switch {
	case !ok, c.Payload >= 72 && c.Payload <= 76, f != media.Opus && f.Kind() == media.Audio && max(c.Channels, 1) != f.Channels():
		return media.None, false
	case f == media.G726 && t.peer.G726NonStandard:
		return media.G726AAL2, true
	}
	return f, true
}

// common lists what a description's line and a list of formats share: in the
// order of the list, with the numbers of the description.
func (t *Talk) common(m *sdp.Media, allow []media.Format) []coding {
	var out []coding
	codecs := m.Codecs()
	for _, f := range allow {
		for _, c := range codecs {
			if g, ok := t.formatOf(c); ok && g == f {
				out = append(out, coding{rtp.Payload{Type: c.Payload, Format: f}, c.Fmtp})
			}
		}
	}
	return out
}

// inTheirOrder lists what an answer kept of our offer: who answers decides what
// is used.
func (t *Talk) inTheirOrder(m *sdp.Media, offered []coding) []coding {
	var out []coding
	for _, c := range m.Codecs() {
		f, ok := t.formatOf(c)
		if ok && f.IsCodec() && slices.ContainsFunc(offered, func(o coding) bool { return o.Format == f }) {
			out = append(out, coding{rtp.Payload{Type: c.Payload, Format: f}, c.Fmtp})
		}
	}
	return out
}

// events says whether keys may travel beside the sound (RFC 4733). An account
// whose keys go another way is not told of it, as in the original.
func (t *Talk) events() bool {
	return t.peer.DTMF == sipconf.DTMFRFC4733 || t.peer.DTMF == sipconf.DTMFAuto
}

// eventsOf are the payload types of pressed keys in a description, for the clocks
// of the codecs agreed on (RFC 4733 section 2.1).
func (t *Talk) eventsOf(m *sdp.Media, agreed []coding) []coding {
	if !t.events() {
		return nil
	}
	var out []coding
	for _, c := range m.Codecs() {
		if f, ok := t.formatOf(c); !ok || f != media.TelephoneEvent {
			continue
		}
		if slices.ContainsFunc(agreed, func(a coding) bool { return a.clock() == c.Clock }) {
			out = append(out, coding{Payload: rtp.Payload{Type: c.Payload, Format: media.TelephoneEvent, Clock: c.Clock}})
		}
	}
	return out
}

// reachable says whether the other leg has a format, or has sound that can be
// turned into it and back.
func (t *Talk) reachable(f media.Format, far []media.Format) bool {
	if slices.Contains(far, f) {
		return true
	}
	return f.Kind() == media.Audio && slices.ContainsFunc(far, func(x media.Format) bool {
		return x.Kind() == media.Audio && t.translates(f, x) && t.translates(x, f)
	})
}

// sortBy puts codecs in the order of a list, those not in it behind, and events
// last.
func sortBy(list []coding, order []media.Format) {
	place := func(c coding) int {
		if !c.Format.IsCodec() {
			return len(order) + 1
		}
		if i := slices.Index(order, c.Format); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(list, func(a, b coding) int { return place(a) - place(b) })
}

// Only keeps of the codecs of each kind those that a list names, in its order:
// SIP_CODEC and its kin. A kind of which it names none that is there is left
// alone. It returns the names that could not be used.
func (t *Talk) Only(list string) (unused []string) {
	var wanted []media.Format
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		f, ok := media.ByName(name)
		if !ok || !slices.Contains(t.Agreed(), f) {
			unused = append(unused, name)
			continue
		}
		wanted = append(wanted, f)
	}
	for i := range t.lines {
		t.lines[i].keep(func(c coding) bool { return slices.Contains(wanted, c.Format) }, wanted)
	}
	return unused
}

// keep leaves of a line's codecs those that are wanted, in an order; all stay
// where that would leave none.
func (l *line) keep(wanted func(coding) bool, order []media.Format) {
	if l.refused {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(l.send), func(c coding) bool { return c.Format.IsCodec() && !wanted(c) })
	if hasCodec(kept) {
		sortBy(kept, order)
		l.send = kept
	}
}
