package talk

import (
	"slices"

	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// Propose makes the lines of an offer of ours: the other leg's formats first, in
// its order, then the rest of what the account allows and can be made of them.
// With nobody there it is all that the account allows. It fails where no sound is
// left.
func (t *Talk) Propose(far Far) error {
	if far.known() {
		t.far = far
	}
	before := t.lines
	t.lines = nil
	for i := range before {
		t.lines = append(t.lines, t.again(&before[i]))
	}
	for _, st := range t.session.Streams() {
		if !slices.ContainsFunc(t.lines, func(l line) bool { return l.kind == st.Kind() }) {
			if l := t.propose(st.Kind()); len(l.send) > 0 {
				t.lines = append(t.lines, l)
			}
		}
	}
	if !slices.ContainsFunc(t.Agreed(), func(f media.Format) bool { return f.Kind() == media.Audio }) {
		return shortage("the account", t.formats(media.Audio), "the other phone", t.far.formats)
	}
	return nil
}

// Offer proposes, and describes it.
func (t *Talk) Offer(far Far) (*sdp.Session, error) {
	if err := t.Propose(far); err != nil {
		return nil, err
	}
	return t.Describe(sdp.SendRecv), nil
}

// again is a line of a further offer: it keeps its place, and what was declined
// stays so (RFC 3264 section 8).
func (t *Talk) again(was *line) line {
	if was.refused {
		l := *was
		l.theirs, l.open = false, nil
		return l
	}
	l := t.propose(was.kind)
	if len(l.open) == 0 {
		l = *was
		l.send = was.ours()
		l.open, l.theirs = l.send, false
	}
	l.proto = was.proto
	l.keepKeys(was)
	return l
}

// propose makes the line of a kind; one without codecs is not to be offered.
func (t *Talk) propose(k media.Kind) line {
	l := line{kind: k, proto: t.profile(), keys: t.offeredKeys()}
	var n numbering
	for _, c := range t.wanted(k) {
		if c, ok := n.number(c); ok {
			l.send = append(l.send, c)
		}
	}
	if k == media.Audio && hasCodec(l.send) && t.events() {
		for _, clock := range eventClocks(l.send) {
			if c, ok := n.event(clock); ok {
				l.send = append(l.send, c)
			}
		}
	}
	l.open = l.send
	return l
}

// wanted lists the codings to be offered, best first.
func (t *Talk) wanted(k media.Kind) []coding {
	allowed := t.formats(k)
	if !t.far.known() || k == media.Video && t.peer.VideoAlways && !t.far.has(k) {
		return plain(allowed)
	}
	var out []coding
	for _, f := range t.far.formats {
		if !slices.Contains(allowed, f) {
			continue
		}
		if theirs := t.far.codings(f); len(theirs) > 0 {
			out = append(out, theirs...)
		} else {
			out = append(out, plain([]media.Format{f})...)
		}
	}
	for _, f := range allowed {
		if !slices.Contains(t.far.formats, f) && t.reachable(f, t.far.formats) {
			out = append(out, plain([]media.Format{f})...)
		}
	}
	return out
}

// plain are formats under our own numbers.
func plain(list []media.Format) []coding {
	var out []coding
	for _, f := range list {
		out = append(out, coding{Payload: rtp.Payload{Type: dynamic(f), Format: f}})
	}
	return out
}

// eventClocks are the clocks by which keys are offered: that of G.711 always,
// for phones that know no other, and those of the codecs offered.
func eventClocks(list []coding) []int {
	out := []int{media.TelephoneEvent.Clock()}
	for _, c := range list {
		if !slices.Contains(out, c.clock()) {
			out = append(out, c.clock())
		}
	}
	return out
}

// TakeAnswer takes an answer to our offer in. It is false where no sound is left.
// Several may come to one offer, from the phones behind a fork: the last counts.
func (t *Talk) TakeAnswer(answer *sdp.Session) bool {
	if t.fax {
		_, ok := t.TakeFaxAnswer(answer)
		return ok
	}
	sound := false
	for i := range t.lines {
		l := &t.lines[i]
		if l.open == nil && !l.refused {
			l.open = l.send // described again as it was
		}
		if l.refused = l.open == nil || i >= len(answer.Media) || !t.settle(l, &answer.Media[i]); !l.refused {
			sound = sound || l.kind == media.Audio
		}
	}
	if sound {
		t.setRemote(answer)
	}
	return sound
}

// settle takes what an answer keeps of a line of our offer; false where that is
// nothing.
func (t *Talk) settle(l *line, m *sdp.Media) bool {
	if m.Rejected() || !m.Is(l.kind.String()) || !l.settleKeys(m) {
		return false
	}
	kept := t.inTheirOrder(m, l.open)
	if len(kept) == 0 {
		return false
	}
	if l.kind == media.Audio {
		kept = append(kept, t.eventsOf(m, kept)...)
	}
	l.send, l.feedback, l.framing = kept, feedbackOf(m), t.framingOf(m)
	return true
}

// Allowed lists what the account allows of the streams that the leg has.
func (t *Talk) Allowed() []media.Format {
	var out []media.Format
	for _, st := range t.session.Streams() {
		out = append(out, t.formats(st.Kind())...)
	}
	return out
}
