package rtp

import (
	"time"

	"obelus/media"
	"obelus/media/packet"
)

// pass lets a packet leave by the stream that this one is connected to: as it
// is, where the phone there takes its format, else by way of the lane.
func (st *Stream) pass(b []byte, h *packet.Header, v *verdict, now time.Time) {
	to, p := st.route.Load(), v.payload
	if p.format == media.TelephoneEvent {
		st.eventWent.Store(to != nil && !st.session.holdsKeys() && to.out.relay(st, b, h, p, now) == passed)
		return
	}
	if st.kind == media.Audio {
		if d, yes := st.duty(to, p.format); yes {
			st.hasLane().put(b, h, v, d, now)
			if d.carries {
				return
			}
		}
	}
	if to == nil {
		return
	}
	if v.mute && to.out.leavesOut(st, h, p.format) {
		return
	}
	switch to.out.relay(st, b, h, p, now) {
	case passed:
		if l := st.lane.Load(); l.busy() {
			l.flush()
		}
	case stranger:
		st.turn(to, b, h, v, now)
	}
}

// hasLane is the stream's lane, made where there was none.
func (st *Stream) hasLane() *lane {
	if l := st.lane.Load(); l != nil {
		return l
	}
	st.lane.CompareAndSwap(nil, &lane{st: st})
	return st.lane.Load()
}

// duty is what the lane has to do with sound of a format, before it is tried to
// pass it as it is: nothing, if not yes.
func (st *Stream) duty(to *Stream, f media.Format) (d duty, yes bool) {
	if f == media.ComfortNoise {
		// It goes with the sound between which it stands.
		return st.lane.Load().present()
	}
	seeks, louder := st.seeksTones(), scales(st, to)
	if !seeks && !louder || !st.session.plane.options.Codecs.CanDecode(f) {
		return d, false
	}
	d.mutes = seeks && to != nil && (!to.sendsTones() || st.session.holdsKeys())
	d.carries = d.mutes || louder
	return d, !d.carries || to.turns(st, f)
}

// turns says whether sound of a format can be spoken to the phone.
func (st *Stream) turns(from *Stream, f media.Format) bool {
	st.out.mu.Lock()
	defer st.out.mu.Unlock()
	return st.out.canTurn(from.session.plane.options.Codecs, f)
}

// turn gives a packet that can't pass as it is to the lane, or to nobody.
func (st *Stream) turn(to *Stream, b []byte, h *packet.Header, v *verdict, now time.Time) {
	if st.kind == media.Audio && to.turns(st, v.payload.format) {
		st.hasLane().put(b, h, v, duty{carries: true}, now)
		return
	}
	st.dropped(v.payload.format)
}

// dropped counts a packet that could not leave, and names its format once.
func (st *Stream) dropped(f media.Format) {
	if st.in.stranger(f) {
		if hook := st.session.hooks.Dropped; hook != nil {
			hook(st.kind, f)
		}
	}
}

// present is what the lane is doing, false where nothing.
func (l *lane) present() (duty, bool) {
	if l == nil {
		return duty{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.duty, l.begun && l.duty.carries
}
