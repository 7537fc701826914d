package chansip

import (
	"context"
	"time"

	"obelus/call"
)

// toneTime is how long a caller who was answered hears a tone at most.
const toneTime = time.Minute

// playTone lets a caller who was answered hear busy or congestion; l.mu is held.
// It ends with the leg.
func (l *leg) playTone(t call.Tone) {
	if l.talk == nil {
		return
	}
	name := "congestion"
	if t.Cause == call.CauseUserBusy {
		name = "busy"
	}
	src := l.ch.Registry().Tone(l.ch, name)
	if src == nil {
		return
	}
	session := l.talk.Session()
	l.d.job(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, toneTime)
		defer cancel()
		stop := context.AfterFunc(l.ch.Context(), cancel)
		defer stop()
		if err := session.Play(ctx, src); err != nil && ctx.Err() == nil {
			l.ch.Log().Debug("the tone could not be played", "tone", name, "why", err)
		}
	})
}

// Inband says whether the caller's phone is to hear ringing instead of being told of it:
// progressinband=yes, or no once it hears sound of ours.
func (l *leg) Inband() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.peer.ProgressInband {
	case "yes":
		return l.incoming
	case "no":
		return l.incoming && l.early
	}
	return false
}
