package chansip

import (
	"fmt"
	"time"

	"obelus/call"
	"obelus/sip/transaction"
)

// silence watches over a call from which no sound comes: rtptimeout, and
// rtpholdtimeout while the phone holds us. For calls to which none goes there is
// rtpkeepalive. It costs a place in the wheel, and wakes
// when the time would be over.
type silence struct {
	timer transaction.Timer
	since time.Time // the last reason to expect sound, but for a packet
}

// watchSound expects sound from now on: the call was answered, the phone was told
// something new, or came back from another. l.mu is held.
func (l *leg) watchSound() {
	l.sound.since = now()
	l.nextLook(l.soundLimit())
	if every := l.peer.RTPKeepalive; every > 0 {
		if l.point.told != nil {
			every = 0 // the phone has no business with our port
		}
		l.talk.Session().KeepAlive(every)
	}
}

// soundLimit is how long the call may be silent now, 0 for as long as it likes: a
// phone that sends to another is not heard here. l.mu is held.
func (l *leg) soundLimit() time.Duration {
	switch {
	case l.point.told != nil:
		return 0
	case l.talk.Held():
		return l.peer.RTPHoldTimeout
	}
	return l.peer.RTPTimeout
}

func (l *leg) nextLook(after time.Duration) {
	w := l.d.tx.Wheel()
	if l.state != legUp || after <= 0 {
		w.Stop(&l.sound.timer)
		return
	}
	w.Set(&l.sound.timer, (*soundClock)(l), after)
}

// soundClock is a leg as the wheel sees it.
type soundClock leg

// Ring is called by the wheel when the call may have been silent for too long. As
// in the original any stream counts.
func (c *soundClock) Ring(t *transaction.Timer, turn uint32) {
	l := (*leg)(c)
	l.mu.Lock()
	if !t.Due(turn) || l.state != legUp {
		l.mu.Unlock()
		return
	}
	limit := l.soundLimit()
	last := l.sound.since
	if at := l.talk.Session().LastReceived(); at.After(last) {
		last = at
	}
	quiet := now().Sub(last)
	if limit == 0 || quiet < limit {
		l.nextLook(limit - quiet)
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	l.ch.Log().Warn(fmt.Sprintf("Disconnecting call '%s' for lack of RTP activity in %d seconds", l.ch.Name(), int(quiet.Seconds())))
	l.ch.Hangup(call.CauseChannelUnavail)
}
