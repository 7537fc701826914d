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

// RingsInband says whether the caller's phone is told that it rings, and whether it
// hears so: with progressinband=yes both, with no what it hears once sound of ours
// reaches it, with never what it is told.
func (l *leg) RingsInband() (told, heard bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.peer.ProgressInband == "yes":
		return true, true
	case l.peer.ProgressInband == "no" && l.early:
		return false, true
	}
	return true, false
}
