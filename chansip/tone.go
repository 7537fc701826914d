package chansip

import (
	"context"
	"time"

	"obelus/call"
	"obelus/media/sound"
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
	src, ok := sound.Tone(name)
	if !ok {
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
