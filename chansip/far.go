package chansip

import (
	"slices"

	"obelus/call"
	"obelus/chansip/talk"
	"obelus/media"
)

// maxFar is how many of the phones that ring for one call are remembered by what
// they described.
const maxFar = 32

// maxRelays is how many Local channels are looked through for the phone behind
// them.
const maxRelays = 10

// callerOf is the leg that a call out is made for, where it is one of ours, also
// by way of Local channels.
func callerOf(q *call.Request) *leg {
	from := q.From
	for range maxRelays {
		if from == nil {
			return nil
		}
		switch l := from.Leg().(type) {
		case *leg:
			return l
		case call.Relay:
			from = l.Behind()
		default:
			return nil
		}
	}
	return nil
}

// farOf is what a call out knows of the leg that it is made for: its formats, and
// how its phone describes them where it is one of ours.
func farOf(q *call.Request) (talk.Far, *leg) {
	from := callerOf(q)
	if from == nil {
		return talk.FarFormats(q.Formats), nil
	}
	from.mu.Lock()
	defer from.mu.Unlock()
	if from.talk != nil {
		if seen := from.talk.Seen(); slices.Equal(seen.Formats(), q.Formats) {
			return seen, from
		}
	}
	return talk.FarFormats(q.Formats), from
}

// heard takes in what a phone that is called for this leg has described, before
// anybody is told that it did.
func (l *leg) heard(far talk.Far) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.far = slices.DeleteFunc(l.far, func(f talk.Far) bool { return slices.Equal(f.Formats(), far.Formats()) })
	if len(l.far) == maxFar {
		l.far = l.far[1:]
	}
	l.far = append(l.far, far)
}

// farWith is the other leg by the formats that it settled on; l.mu is held.
func (l *leg) farWith(with []media.Format) talk.Far {
	for _, far := range slices.Backward(l.far) {
		if slices.Equal(far.Formats(), with) {
			return far
		}
	}
	return talk.FarFormats(with)
}

// meets has a leg's descriptions go by the leg that it is connected to. No lock
// of a leg is held.
func (l *leg) meets(o *leg) {
	o.mu.Lock()
	var far talk.Far
	if o.talk != nil {
		far = o.talk.Seen()
	}
	o.mu.Unlock()
	l.mu.Lock()
	if l.talk != nil {
		l.talk.Meets(far)
	}
	l.mu.Unlock()
}

// codecsOf is the list of codecs that the dialplan allows the leg (SIP_CODEC), as
// in the original; "" for whatever was agreed on.
func (l *leg) codecsOf(names ...string) string {
	if l.ch == nil {
		return ""
	}
	for _, name := range names {
		if v, ok := l.ch.Vars.Get(name); ok && v != "" {
			return v
		}
	}
	return ""
}

// only keeps the codecs that the dialplan allows; l.mu is held.
func (l *leg) only(list string) {
	if list == "" {
		return
	}
	if unused := l.talk.Only(list); unused != nil {
		l.ch.Log().Info("a codec that the dialplan asks for is not shared by both ends, or not known", "codecs", unused)
	}
}
