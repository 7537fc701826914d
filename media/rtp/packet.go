package rtp

import (
	"net/netip"
	"time"

	"obelus/media"
	"obelus/media/packet"
)

func newStream(s *Session, kind media.Kind, local netip.AddrPort) *Stream {
	st := &Stream{session: s, kind: kind, local: local}
	o := s.plane.settings.Load()
	st.in.learn.Need, st.in.learn.Lenient = o.Probation, o.Lenient
	st.in.digits.Timeout = o.digitTimeout()
	st.out.init(o.Unproven)
	st.out.debug = &s.plane.debug
	return st
}

// rtpPacket is the way of a packet through the plane. It runs on whoever reads
// the port and takes no memory.
func (st *Stream) rtpPacket(b []byte, from netip.AddrPort, now time.Time) {
	defer st.recover()
	if packet.IsRTCP(b) {
		if st.in.muxed() {
			st.rtcpPacket(b, from, now)
		}
		return
	}
	b, ok, named := st.in.open(b, from, now)
	if !ok {
		st.tell(&verdict{foreign: named}, from)
		return
	}
	h, ok := packet.Parse(b)
	if !ok {
		st.in.notRTP()
		return
	}
	if d := st.out.debug.Load(); d != nil {
		d.packet(gotRTP, from, &h)
	}
	v := st.in.packet(b, &h, from, now)
	if v.learned {
		st.out.learned(from)
	}
	st.tell(&v, from)
	if v.pass {
		if t := st.tap.Load(); t != nil {
			t.in.put(b, &h, v.payload, v.mute, now)
		}
		st.pass(b, &h, &v, now)
	}
	st.tellKeys(&v.keys)
}

// tell calls the hooks that the verdict asks for.
func (st *Stream) tell(v *verdict, from netip.AddrPort) {
	hooks := &st.session.hooks
	if v.learned && hooks.Learned != nil {
		hooks.Learned(st.kind, from)
	}
	if v.foreign && hooks.Foreign != nil {
		hooks.Foreign(st.kind, from)
	}
}

func (in *receiver) muxed() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.mux
}

// recover keeps a packet that hit a fault of ours from taking the plane down:
// the packet is gone, the fault is logged.
func (st *Stream) recover() {
	if r := recover(); r != nil {
		st.session.plane.options.Log.Error("media packet dropped by a fault", "kind", st.kind, "port", st.Port(), "fault", r)
	}
}
