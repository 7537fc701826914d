// Package direct decides when two phones of SIP may send sound and picture to each
// other, and what each is told of the other then: direct media, directmedia= and
// canreinvite= of sip.conf. It sends nothing itself: a leg does, see [Leg].
package direct

import (
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"obelus/chansip/sipconf"
	"obelus/chansip/talk"
	"obelus/media"
)

// View is what a pair sees of a leg.
type View struct {
	Name     string // of its channel
	Incoming bool   // the phone called
	Gone     bool
	Settled  bool // answered, and acknowledged
	Peer     *sipconf.Peer
	General  *sipconf.General

	Phone *talk.Phone // what it has declared; nil while it is not known
	Want  *talk.Phone // whom it ought to send to; nil for us
	Told  *talk.Phone // whom it was told

	Refused   string     // why the phone would not be told of the other
	Held      bool       // the phone holds the call
	Fax       bool       // the call is a fax
	Users     int        // who speaks to the phone here, or listens to it
	From      netip.Addr // where its signalling comes from
	Elsewhere bool       // its Contact names another address than From
	Learned   func(media.Kind) netip.AddrPort
}

// Leg is one of the two legs of a pair.
type Leg interface {
	// Look is how the leg is now.
	Look() View
	// Aim says where the phone ought to send: to nil, which is us, or to another.
	// ask is false where that is for answers to the phone's own offers only;
	// patience is how long it may wait.
	Aim(to *talk.Phone, ask bool, patience time.Duration)
}

// Pair is two legs in one bridge whose phones may send to each other: direct
// media. It decides what each phone is to be told; the leg tells it, see
// [pointing]. Its mutex is taken before that of a leg, never while one is held.
//
// The phone that was called is told first, the other when that one has agreed:
// where a phone changes its payload numbers with its answer the other hears the
// new ones, and a phone that refuses costs the other nothing.
type Pair struct {
	a, b Leg // b is told first
	log  *slog.Logger

	mu       sync.Mutex
	anchored string // why the bridge keeps the sound here
	refused  string // why it was given up
	tells    int    // how often a phone was told since one of them changed something itself
	over     atomic.Bool
	said     atomic.Pointer[string]
}

// settling is how often the two phones are told of each other before they count
// as phones that change their numbers for ever.
const settling = 6

// patience is how long a phone that has lost its bridge may go on sending to the
// other one. It is hung up meanwhile, or comes into the next bridge, or else is
// told to send to us.
const patience = 100 * time.Millisecond

// NewPair makes a pair of two legs; nobody is told anything before [Pair.Review].
func NewPair(x, y Leg, log *slog.Logger) *Pair {
	p := &Pair{a: x, b: y, log: log}
	if !x.Look().Incoming && y.Look().Incoming {
		p.a, p.b = y, x
	}
	return p
}

// Joins says whether it is a pair of these two.
func (p *Pair) Joins(x, y Leg) bool { return p.a == x && p.b == y || p.a == y && p.b == x }

// Over says whether the pair has ended.
func (p *Pair) Over() bool { return p.over.Load() }

// End is called when the two are no longer together.
func (p *Pair) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over.Swap(true) {
		p.a.Aim(nil, true, patience)
		p.b.Aim(nil, true, patience)
	}
}

// Anchor has the sound come back, and stay: why.
func (p *Pair) Anchor(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.anchored = why
	p.review()
}

// Moved decides anew after a phone has changed something itself.
func (p *Pair) Moved() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tells = 0
	p.review()
}

// Review decides anew, after something has changed at one of the legs.
func (p *Pair) Review() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.review()
}

func (p *Pair) review() {
	a, b := p.a.Look(), p.b.Look()
	if p.over.Load() || a.Gone || b.Gone || a.Phone == nil || b.Phone == nil {
		return // what to do follows in a moment
	}
	toB, toA, why := p.decide(&a, &b)
	switch {
	case why != "":
		p.home(&a, &b, why)
	case b.Told.Covers(toB):
		p.tell(&a, &b, p.b, &b, toB)
		p.tell(&a, &b, p.a, &a, toA)
		if a.Told.Covers(toA) {
			p.say(&a, &b, "")
		}
	case a.Settled && b.Settled:
		p.tell(&a, &b, p.b, &b, toB)
		if a.Told.Covers(toA) {
			p.tell(&a, &b, p.a, &a, toA)
		}
	}
}

// home has both send to us.
func (p *Pair) home(a, b *View, why string) {
	p.say(a, b, why)
	p.a.Aim(nil, true, 0)
	p.b.Aim(nil, true, 0)
}

// tell has a leg tell its phone of the other, unless it has. With
// directmedia=outgoing a phone that called is told only in answer to what it asks:
// it may be a server that is about to do the same, as in the original.
func (p *Pair) tell(a, b *View, l Leg, now *View, to *talk.Phone) {
	if now.Want.Equal(to) || p.refused != "" {
		return
	}
	if !now.Told.Covers(to) {
		p.tells++
	}
	if p.tells > settling {
		p.refused = "the phones change what they want with each answer"
		p.home(a, b, p.refused)
		return
	}
	l.Aim(to, !now.Incoming || !now.Peer.Direct.Outgoing, 0)
}

// say tells the administrator what holds now, once.
func (p *Pair) say(a, b *View, why string) {
	line := fmt.Sprintf("direct media between %s and %s", a.Name, b.Name)
	if why != "" {
		line = "no " + line + ": " + why
	}
	if old := p.said.Swap(&line); old == nil || *old != line {
		p.log.Debug(line)
	}
}

// String says what holds now, and why.
func (p *Pair) String() string {
	if s := p.said.Load(); s != nil {
		return *s
	}
	return "no direct media yet"
}

// decide says what each phone is to be told, or why not.
func (p *Pair) decide(a, b *View) (toB, toA *talk.Phone, why string) {
	for _, w := range []string{p.anchored, p.refused, b.against(), a.against()} {
		if w != "" {
			return nil, nil, w
		}
	}
	if x, y := a.keys(), b.keys(); x != y {
		return nil, nil, fmt.Sprintf("%s sends keys %s, %s %s", a.Name, x, b.Name, y)
	}
	if toB, toA, why = talk.Meet(b.Phone, a.Phone); why != "" {
		return nil, nil, why
	}
	for _, why := range []string{
		denied(a, toA), denied(b, toB), Apart(b.General, a.Peer, b.Peer, Audio(a.Phone), Audio(b.Phone)),
	} {
		if why != "" {
			return nil, nil, why
		}
	}
	return toB, toA, ""
}
