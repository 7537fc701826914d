package chansip

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"obelus/call"
	"obelus/chansip/direct"
	"obelus/chansip/talk"
	"obelus/sip"
	"obelus/sip/sdp"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// pointing is where a leg's phone sends, and where it ought to: at us (nil), or at
// another phone. want may change at any time; the phone is told when nothing else
// is under way, and the answer makes told of it.
//
//	              want changes                    may ask now
//	told = want ───────────────► told ≠ want ─────────────────────► asking
//	     ▲                            ▲  491: after a while (glare)    │
//	     │                            └────────────────────────────────┤
//	     └──────────────── 2xx: told is what was asked ────────────────┤
//	       refused: another phone is asked no more, want = us ◄────────┘
//
// "May ask now": the call is answered and acknowledged, no offer of either side is
// open, no glare is waited out, and a phone whose bridge has just ended has been
// given its time. All but pair and held is guarded by leg.mu.
type pointing struct {
	pair    atomic.Pointer[direct.Pair]
	held    atomic.Pointer[string] // why the bridge keeps the sound here
	want    *talk.Phone
	told    *talk.Phone
	refused string // why the phone would not be told of the other one of pair
	users   int    // who talks to the phone here: Play, Echo
	unasked bool   // want is for answers only
	lingers bool   // a bridge has just ended
	waits   bool   // after glare, or a refusal to come back
	strays  int    // how often the phone refused to come back
	noUpd   bool   // it does not take UPDATE after all
	updates bool   // it says that it takes UPDATE
	linger  transaction.Timer
	wait    transaction.Timer
}

// Aim says where the phone ought to send, see [direct.Leg].
func (l *leg) Aim(to *talk.Phone, ask bool, patience time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.point
	p.want, p.unasked = to, to != nil && !ask
	if l.state == legGone {
		return
	}
	w := l.d.tx.Wheel()
	switch {
	case patience > 0 && !p.told.Covers(to):
		if !p.lingers {
			p.lingers = true
			w.Set(&p.linger, (*pointClock)(l), patience)
		}
	default:
		p.lingers = false
		w.Stop(&p.linger)
		l.turn()
	}
}

// hurry does at once what could wait; l.mu is held.
func (l *leg) hurry() {
	if l.point.lingers {
		l.point.lingers = false
		l.d.tx.Wheel().Stop(&l.point.linger)
		l.turn()
	}
}

// pointClock is a leg as the wheel sees it.
type pointClock leg

// Ring is called by the wheel when what had to wait may go on.
func (c *pointClock) Ring(t *transaction.Timer, turn uint32) {
	l := (*leg)(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !t.Due(turn) {
		return
	}
	if t == &l.point.linger {
		l.point.lingers = false
	} else {
		l.point.waits = false
	}
	l.turn()
}

// turn tells the phone where it ought to send, if it may be asked now; l.mu is
// held.
func (l *leg) turn() {
	p := &l.point
	if l.state != legUp || l.again != nil || l.ok != nil || l.fax.r != nil || p.waits || p.lingers || p.unasked || p.told.Covers(p.want) || p.want != nil && !l.talk.Knows(p.want) {
		return
	}
	a := &reinvite{l: l, method: sip.INVITE, to: p.want}
	if l.peer.Direct.Update && p.updates && !p.noUpd {
		a.method = sip.UPDATE // RFC 3311
	}
	l.again = a
	a.send()
}

// describe is a description for the phone that names us, or whom it is to send
// to; l.mu is held.
func (l *leg) describe(to *talk.Phone) *sdp.Session {
	if to != nil {
		return l.talk.Toward(to)
	}
	l.talk.Home()
	return l.talk.Describe(l.direction())
}

// takeAnswer takes the answer to our offer in, whomever that named; l.mu is held.
func (l *leg) takeAnswer(s *sdp.Session) bool {
	if l.point.told != nil {
		return l.talk.TakeDirect(s)
	}
	return l.talk.TakeAnswer(s)
}

// aimed is whom an answer or an offer names that the phone asked for itself
// during the call: whom it ought to send to. Who holds us is with us again. l.mu
// is held.
func (l *leg) aimed() *talk.Phone {
	p := &l.point
	if p.want == nil || p.users > 0 || l.talk.Held() || !l.talk.Knows(p.want) {
		return nil
	}
	return p.want
}

// aimedEarly is whom the answer to an INVITE names: with directrtpsetup=yes the
// phone that has answered, unless the phone has been told otherwise before. l.mu
// is held.
func (l *leg) aimedEarly() *talk.Phone {
	if !l.set.General.DirectRTPSetup || l.delayed || l.early && l.point.told == nil {
		return nil
	}
	return l.aimed()
}

// glare is how long to wait when both have offered at once (RFC 3261 section
// 14.1): longer for who made the Call-ID.
func (l *leg) glare() time.Duration {
	if l.incoming {
		return time.Duration(rand.IntN(200)) * 10 * time.Millisecond
	}
	return 2100*time.Millisecond + time.Duration(rand.IntN(190))*10*time.Millisecond
}

// straying is how long a phone that would not come back is left alone, and stubborn
// how often it is asked.
const (
	straying = 5 * time.Second
	stubborn = 3
)

// unpointed takes in that the phone would not do what it was asked; l.mu is held.
// It returns why not, where the other phone of the pair is concerned.
func (l *leg) unpointed(a *reinvite, status int, reason string) (why string) {
	p := &l.point
	switch {
	case status == 491:
		p.waits = true
		l.d.tx.Wheel().Set(&p.wait, (*pointClock)(l), l.glare())
	case a.method == sip.UPDATE && status != 488:
		p.noUpd = true // ask by re-INVITE
	case a.to != nil:
		return l.refuses(fmt.Sprintf("%s refused it: %d %s", l.ch.Name(), status, reason))
	case p.told != nil:
		if p.strays++; p.strays == 1 {
			l.ch.Log().Warn("the phone goes on sending to another: it refused to send to us", "status", status, "reason", reason)
		}
		p.waits = true
		if p.strays < stubborn {
			l.d.tx.Wheel().Set(&p.wait, (*pointClock)(l), straying)
		}
	}
	return ""
}

// obeyed takes in what an answer, or an offer that the phone asked for, has named:
// what was wanted before may not fit any more, until the pair has seen to it; l.mu
// is held.
func (l *leg) obeyed(to *talk.Phone) {
	l.point.want = to
	l.pointed(to)
}

// refuses notes that the phone will not be told of the other one, and returns why;
// l.mu is held.
func (l *leg) refuses(why string) string {
	l.point.want, l.point.refused = nil, why
	return why
}

// pointed takes in that the phone does what it was asked; l.mu is held.
func (l *leg) pointed(to *talk.Phone) {
	l.point.told = to
	if to == nil {
		l.point.strays = 0
	}
	l.watchSound()
}

// elsewhere says whether the phone's Contact names another address than its
// messages come from; l.mu is held. Behind proxies that says nothing.
func (l *leg) elsewhere() bool {
	if len(l.dlg.Routes) > 0 {
		return false
	}
	u, err := sip.ParseURI(l.dlg.Target)
	if err != nil {
		return false
	}
	host, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	return err == nil && host.Unmap() != transport.Unmap(l.flow.Remote).Addr()
}

// takes notes what a request or a response of the phone says of itself; l.mu is
// held, or the leg is not known to others yet.
func (l *leg) takes(m *sip.Message) {
	if _, says := m.Header("Allow"); says {
		l.point.updates = m.HasToken(sip.HeaderAllow, string(sip.UPDATE))
		l.noTexts = !m.HasToken(sip.HeaderAllow, string(sip.MESSAGE))
	}
}

// earlyCaller is the phone of the caller that an INVITE of ours names in our place:
// directrtpsetup=yes, where both sides allow it. Nil is we.
func (l *leg) earlyCaller(q *call.Request) *talk.Phone {
	if !l.set.General.DirectRTPSetup || l.from == nil || q.From.Leg() != call.Leg(l.from) || q.Anchor != "" {
		return nil
	}
	if caller := l.from.Look(); direct.Early(caller, l.peer, l.flow.Remote.Addr()) {
		return caller.Phone
	}
	return nil
}
