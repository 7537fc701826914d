package chansip

import (
	"context"
	"fmt"
	"net/netip"

	"obelus/call"
	"obelus/chansip/direct"
	"obelus/media"
	"obelus/sip/transport"
)

// Direct lets two phones send to each other.
func (m legMedia) Direct(other call.Media) {
	o, ok := other.(legMedia)
	if !ok {
		if d, ok := other.(call.Director); ok {
			d.Direct(m)
		}
		return
	}
	if m.leg == o.leg {
		return
	}
	m.leg.point.held.Store(nil)
	o.leg.point.held.Store(nil)
	for _, l := range []*leg{m.leg, o.leg} {
		if why := direct.Never(l.peer); why != "" { // most calls, and no more work
			why = l.ch.Name() + " has " + why
			m.leg.point.held.Store(&why)
			o.leg.point.held.Store(&why)
			m.leg.ch.Log().Debug(fmt.Sprintf("no direct media between %s and %s: %s", m.leg.ch.Name(), o.leg.ch.Name(), why))
			return
		}
	}
	p := m.leg.point.pair.Load()
	if p == nil || p.Over() || !p.Joins(m.leg, o.leg) {
		p = direct.NewPair(m.leg, o.leg, m.leg.ch.Log())
		for _, l := range []*leg{m.leg, o.leg} {
			if old := l.point.pair.Swap(p); old != nil {
				old.End()
			}
			l.mu.Lock()
			l.point.refused = "" // it was about somebody else
			l.mu.Unlock()
		}
	}
	p.Review()
}

// Anchor brings the sound back.
func (m legMedia) Anchor(why string) {
	m.leg.point.held.Store(&why)
	if p := m.leg.point.pair.Load(); p != nil {
		p.Anchor(why)
	}
}

// unpair ends what Direct began, but for the same two.
func (m legMedia) unpair(but *leg) {
	if p := m.leg.point.pair.Load(); p != nil && (but == nil || !p.Joins(m.leg, but)) {
		p.End()
	}
}

// busy counts who speaks to the phone or listens to it here, and has the sound
// come back at once for the first.
func (m legMedia) busy(more int) {
	l := m.leg
	l.mu.Lock()
	l.point.users += more
	if more > 0 {
		l.hurry()
	}
	l.mu.Unlock()
	l.review()
}

// review decides anew, after something has changed at the leg. No lock of a leg is
// held.
func (l *leg) review() {
	if p := l.point.pair.Load(); p != nil {
		p.Review()
	}
}

// moved has direct media follow what the phone has changed itself.
func (l *leg) moved() {
	if p := l.point.pair.Load(); p != nil {
		p.Moved()
	}
}

// learned is told when a stream's source is settled: a phone that sends from
// elsewhere than it says must not be left to another phone.
func (l *leg) learned(media.Kind, netip.AddrPort) {
	if p := l.point.pair.Load(); p != nil {
		l.d.job(func(context.Context) { p.Review() })
	}
}

// Look is how a pair sees the leg.
func (l *leg) Look() direct.View {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := direct.View{
		Name: l.ch.Name(), Incoming: l.incoming, Gone: l.state == legGone, Settled: l.state == legUp && l.ok == nil,
		Peer: l.peer, General: &l.set.General, From: transport.Unmap(l.flow.Remote).Addr(), Want: l.point.want, Told: l.point.told,
		Users: l.point.users, Refused: l.point.refused,
	}
	if l.talk == nil || v.Gone {
		return v
	}
	session := l.talk.Session()
	// A fax that the phone is only asked for may be refused: nobody comes back for it.
	asked := l.again != nil && l.again.fax
	v.Phone, v.Held, v.Fax, v.Elsewhere = l.talk.Phone(), l.talk.Held(), l.talk.Faxing() && !asked, l.elsewhere()
	v.Learned = func(k media.Kind) netip.AddrPort {
		if st := session.Stream(k); st != nil {
			return st.Stats().Learned
		}
		return netip.AddrPort{}
	}
	return v
}
