package chansip

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/chansip/talk"
	"obelus/media"
	"obelus/media/rtp"
)

// pair is two legs in one bridge whose phones may send to each other: direct
// media. It decides what each phone is to be told; the leg tells it, see
// [pointing]. Its mutex is taken before that of a leg, never while one is held.
//
// The phone that was called is told first, the other when that one has agreed:
// where a phone changes its payload numbers with its answer the other hears the
// new ones, and a phone that refuses costs the other nothing.
type pair struct {
	a, b *leg // b is told first

	mu       sync.Mutex
	over     bool
	anchored string // why the bridge keeps the sound here
	refused  string // why a phone would not
	tells    int    // how often a phone was told since one of them changed something itself
	said     string
}

// settling is how often the two phones are told of each other before they count
// as phones that change their numbers for ever.
const settling = 6

// patience is how long a phone that has lost its bridge may go on sending to the
// other one. It is hung up meanwhile, or comes into the next bridge, or else is
// told to send to us.
const patience = 100 * time.Millisecond

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
	p := m.leg.point.pair.Load()
	if p == nil || !p.joins(m.leg, o.leg) {
		p = &pair{a: m.leg, b: o.leg}
		if !p.a.incoming && p.b.incoming {
			p.a, p.b = p.b, p.a
		}
		for _, l := range []*leg{p.a, p.b} {
			if old := l.point.pair.Swap(p); old != nil {
				old.end()
			}
		}
	}
	p.review()
}

// Anchor brings the sound back.
func (m legMedia) Anchor(why string) {
	if p := m.leg.point.pair.Load(); p != nil {
		p.mu.Lock()
		p.anchored = why
		p.mu.Unlock()
		p.review()
	}
}

// unpair ends what Direct began, but for the same two.
func (m legMedia) unpair(but *leg) {
	if p := m.leg.point.pair.Load(); p != nil && (but == nil || !p.joins(m.leg, but)) {
		p.end()
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

func (p *pair) joins(x, y *leg) bool { return p.a == x && p.b == y || p.a == y && p.b == x }

// end is called when the two are no longer together.
func (p *pair) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.over = true
	for _, l := range []*leg{p.a, p.b} {
		l.point.pair.CompareAndSwap(p, nil)
		l.aim(nil, false, patience)
	}
}

// review decides anew, after something has changed at one of the legs. No lock of
// a leg is held.
func (l *leg) review() {
	if p := l.point.pair.Load(); p != nil {
		p.review()
	}
}

func (p *pair) review() {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, b := p.a.look(), p.b.look()
	if p.over || a.gone || b.gone || a.phone == nil || b.phone == nil {
		return // what to do follows in a moment
	}
	toB, toA, why := p.decide(a, b)
	if why != "" {
		p.say(why)
		p.a.aim(nil, true, 0)
		p.b.aim(nil, true, 0)
		return
	}
	switch {
	case !b.told.Covers(toB):
		if a.settled && b.settled {
			p.tell(p.b, b, toB)
		}
	case !a.told.Covers(toA):
		p.tell(p.a, a, toA)
	default:
		p.say("")
	}
}

// tell has a leg tell its phone of the other.
func (p *pair) tell(l *leg, now view, to *talk.Phone) {
	if !now.want.Equal(to) {
		if p.tells++; p.tells > settling {
			p.refused = "the phones change their payload numbers with each answer"
			p.say(p.refused)
			p.a.aim(nil, true, 0)
			p.b.aim(nil, true, 0)
			return
		}
	}
	// outgoing: the far end of a call that came in may be about to do the same,
	// as in the original; it is answered accordingly.
	l.aim(to, !l.incoming || !l.peer.Direct.Outgoing, 0)
}

// refuse notes that a phone would not be told of the other.
func (p *pair) refuse(why string) {
	p.mu.Lock()
	p.refused = why
	p.mu.Unlock()
	p.review()
}

// moved notes that a phone has changed something itself.
func (p *pair) moved() {
	p.mu.Lock()
	p.tells = 0
	p.mu.Unlock()
}

// say tells the administrator what holds now, once.
func (p *pair) say(why string) {
	line := fmt.Sprintf("direct media between %s and %s", p.a.ch.Name(), p.b.ch.Name())
	if why != "" {
		line = "no " + line + ": " + why
	}
	if p.said != line {
		p.said = line
		p.a.ch.Log().Debug(line)
	}
}

// view is what a pair sees of a leg.
type view struct {
	gone    bool
	settled bool // answered, and acknowledged
	phone   *talk.Phone
	want    *talk.Phone
	told    *talk.Phone
	why     string // what speaks against it from this side
	keys    string
}

// look is how the leg is seen.
func (l *leg) look() view {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := view{gone: l.state == legGone, settled: l.state == legUp && l.ok == nil, want: l.point.want, told: l.point.told}
	if l.talk == nil || v.gone {
		return v
	}
	if v.phone = l.talk.Phone(); v.phone != nil {
		v.why, v.keys = l.against(v.phone), l.keysBy(v.phone)
	}
	return v
}

// decide says what each phone is to be told, or why not.
func (p *pair) decide(a, b view) (toB, toA *talk.Phone, why string) {
	for _, w := range []string{p.anchored, p.refused, b.why, a.why} {
		if w != "" {
			return nil, nil, w
		}
	}
	if a.keys != b.keys {
		return nil, nil, fmt.Sprintf("%s sends keys %s, %s %s", p.a.ch.Name(), a.keys, p.b.ch.Name(), b.keys)
	}
	toB, toA, why = talk.Meet(b.phone, a.phone)
	if why != "" {
		return nil, nil, why
	}
	for _, c := range []struct {
		l    *leg
		told *talk.Phone
	}{{p.a, toA}, {p.b, toB}} {
		for _, s := range c.told.Streams {
			if !c.l.peer.DirectACL.Allows(s.Addr.Addr()) {
				return nil, nil, fmt.Sprintf("directmediadeny of %s keeps it from %s", c.l.ch.Name(), s.Addr.Addr())
			}
		}
	}
	if why = apart(p.b.set, p.b.peer, p.a.peer, audioAddr(a.phone), audioAddr(b.phone)); why != "" {
		return nil, nil, why
	}
	return toB, toA, ""
}

func audioAddr(p *talk.Phone) netip.Addr {
	if s := p.Stream(media.Audio); s != nil {
		return s.Addr.Addr()
	}
	return netip.Addr{}
}

// apart says why two media addresses can't reach each other: they are on two
// sides of our own NAT, or one is of a private network and the other not. Only
// where both accounts say directmedia=yes, whatever the addresses, the last does
// not count.
func apart(set *Settings, p, q *Peer, x, y netip.Addr) string {
	x, y = x.Unmap(), y.Unmap()
	switch {
	case outside(set, x) != outside(set, y):
		return "one is inside localnet, the other outside"
	case x.IsLoopback() != y.IsLoopback():
		return "one is on the server itself"
	case x.IsPrivate() != y.IsPrivate() && (p.Direct.NoNAT || q.Direct.NoNAT):
		return "one has a private address, the other a public one"
	}
	return ""
}

// against is what speaks against direct media from this side; l.mu is held.
func (l *leg) against(phone *talk.Phone) string {
	name := l.ch.Name()
	nat := l.peer.NAT
	switch {
	case !l.peer.Direct.Allowed:
		return name + " has directmedia=no"
	case l.peer.DirectNamed != "":
		return fmt.Sprintf("%s has directmediaacl=%s, and acl.conf is not read", name, l.peer.DirectNamed)
	case phone.Why != "":
		return fmt.Sprintf("%s: %s", name, phone.Why)
	case l.talk.Held():
		return name + " is on hold"
	case l.point.users > 0:
		return "something here talks to " + name
	case nat.Comedia:
		return fmt.Sprintf("%s has nat=%s", name, nat)
	}
	return l.behind(phone)
}

// behind says whether the phone turned out to be behind NAT; l.mu is held. Sound
// that comes from elsewhere than the phone says is always a sign. Where the
// account says nonat, which is the default, or auto_comedia, so are signalling or
// a description that name another address than signalling comes from.
func (l *leg) behind(phone *talk.Phone) string {
	name := l.ch.Name()
	from := unmapped(l.flow.Remote).Addr()
	for _, s := range phone.Streams {
		st := l.talk.Session().Stream(s.Kind)
		if at := learnedBy(st); at.IsValid() && at != netip.AddrPortFrom(s.Addr.Addr().Unmap(), s.Addr.Port()) {
			return fmt.Sprintf("%s sends from %s and not from %s as it says: it is behind NAT", name, at, s.Addr)
		}
		addr := s.Addr.Addr().Unmap()
		if l.peer.NAT.AutoComedia && addr != from || l.peer.Direct.NoNAT && addr.IsPrivate() && !from.IsPrivate() && !from.IsLoopback() {
			return fmt.Sprintf("%s calls from %s and wants sound at %s: it is behind NAT", name, from, addr)
		}
	}
	if l.peer.Direct.NoNAT && l.elsewhere() {
		return fmt.Sprintf("%s calls from another address than it says: it is behind NAT", name)
	}
	return ""
}

// learnedBy is where a stream's packets come from, as far as it is known.
func learnedBy(st *rtp.Stream) netip.AddrPort {
	if st == nil {
		return netip.AddrPort{}
	}
	return st.Stats().Learned
}

// keysBy is how the phone's keys travel; l.mu is held.
func (l *leg) keysBy(phone *talk.Phone) string {
	switch audio := phone.Stream(media.Audio); {
	case l.peer.DTMF == sipconf.DTMFInfo, l.peer.DTMF == sipconf.DTMFShortInfo:
		return "by INFO"
	case audio != nil && audio.HasEvents():
		return "as events"
	}
	return "in the sound"
}

// learned is told when a stream's source is settled: a phone that sends from
// elsewhere than it says must not be left to another phone.
func (l *leg) learned(media.Kind, netip.AddrPort) {
	if p := l.point.pair.Load(); p != nil {
		l.d.job(func(context.Context) { p.review() })
	}
}
