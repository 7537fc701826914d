package chansip

import (
	"strings"

	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

// spoke notes where a request of the phone within the call came from: NAT may
// have given it another port, or it another connection. Ours go there from now
// on, as in the original, unless they go where its Contact says (see follow) or by
// an outboundproxy; l.mu is held.
func (l *leg) spoke(r *request) {
	to := r.ReplyFlow()
	if same(to, l.flow) || l.peer.OutboundProxy != "" || l.state == legGone {
		return
	}
	if r.Flow.Transport == transport.UDP && !l.peer.Dynamic && !r.Forced() {
		return
	}
	l.move(to)
}

// same says whether two flows lead to one place by one socket or connection.
func same(a, b transport.Flow) bool {
	return a.Connection() == b.Connection() && transport.Unmap(a.Remote) == transport.Unmap(b.Remote)
}

// move has our requests go another way; l.mu is held.
func (l *leg) move(to transport.Flow) {
	l.d.log.Debug("a phone is somewhere else in mid-call", "channel", l.ch.Name(), "was", l.flow, "is", to)
	l.flow = to
	if l.talk != nil {
		l.talk.Moved(to.Remote.Addr())
	}
}

// rebound has the calls of an account follow a phone that has registered from
// somewhere new: a BYE to where it was would not reach it. The original leaves them
// where they are until the phone speaks within the call.
func (d *Driver) rebound(p *Peer, b *location.Binding) {
	calls := d.calls.count(p.Name) > 0
	if !calls && !d.lamps.Has(p.Name) {
		return
	}
	w, ok := d.reach.WayTo(p, b)
	if !ok {
		return
	}
	d.lamps.Rebound(p, b, w.Flow)
	if !calls {
		return
	}
	phones := d.reach.Registered(p)
	for _, l := range d.calls.all() {
		if l.name == p.Name {
			l.rebound(b, phones, w.Flow)
			l.review() // one that moves may turn out to be behind NAT
		}
	}
}

// rebound has one call follow the phone of a binding, if it is that phone's and
// not that of another with the same account: its registration is the one that was
// where the call is, or the call's Contact names it.
func (l *leg) rebound(b *location.Binding, phones []location.Binding, to transport.Flow) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == legGone || same(to, l.flow) || l.peer.OutboundProxy != "" {
		return
	}
	for i := range phones {
		if phones[i].Received == transport.Unmap(l.flow.Remote) && l.flow.Alive() {
			return // that phone is still where the call is
		}
	}
	if l.d.reach.WasAt(transport.Unmap(l.flow.Remote), b, l.name) || sameHost(l.dlg.Target, b.Contact) {
		l.move(to)
	}
}

// sameHost says whether two URIs name the same host and port.
func sameHost(a, b string) bool {
	x, err := sip.ParseURI(a)
	y, err2 := sip.ParseURI(b)
	return err == nil && err2 == nil && strings.EqualFold(x.Host, y.Host) && x.Port == y.Port
}

// Disconnected is told when a connection has ended: who registered by it can't be
// reached any more and is forgotten (RFC 5626 section 5.3), unless it has
// registered again meanwhile. A stop of ours ends no registration.
func (d *Driver) Disconnected(f transport.Flow) {
	names := d.reach.Left(f)
	if d.life.Err() != nil {
		return
	}
	for _, name := range names {
		if n := d.cfg.Location.Lost(name, f.String(), now()); n > 0 {
			d.log.Info("a phone's connection has ended: it is not registered any more", "peer", name, "was", f.Remote)
		}
	}
}
