package pbx

import (
	"context"
	"sync"
	"time"

	"obelus/call"
	"obelus/dialplan/interp"
)

// waits are how long digits are waited for: TIMEOUT(digit), TIMEOUT(response).
type waits struct{ digit, response time.Duration }

// Waits returns how long to wait for the next digit and for the first.
func (x *Exec) Waits() (digit, response time.Duration) { return x.waits.digit, x.waits.response }

// SetWaits changes them.
func (x *Exec) SetWaits(digit, response time.Duration) { x.waits = waits{digit, response} }

// absolute ends the run when the call's absolute time is over.
type absolute struct {
	mu     sync.Mutex
	at     time.Time
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// Absolute is when the call's time is over; the zero time for never.
func (x *Exec) Absolute() time.Time {
	x.expiry.mu.Lock()
	defer x.expiry.mu.Unlock()
	return x.expiry.at
}

// SetAbsolute ends the call in d, by T where the dialplan has one; 0 takes the
// limit away: TIMEOUT(absolute).
func (x *Exec) SetAbsolute(d time.Duration) {
	e := &x.expiry
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
	e.at = time.Time{}
	if d > 0 {
		e.at = time.Now().Add(d)
		e.timer = time.AfterFunc(d, e.expire)
	}
}

func (e *absolute) expire() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.at = time.Time{}
	if e.cancel != nil {
		e.cancel(interp.ErrTimeout)
	}
}

func (e *absolute) arm(cancel context.CancelCauseFunc) {
	e.mu.Lock()
	e.cancel = cancel
	e.mu.Unlock()
}

func (e *absolute) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel = nil
	if e.timer != nil {
		e.timer.Stop()
	}
}

// WaitDigit waits for a key, 0 when d has passed without one. It fails only
// when ctx ends, with its cause. Keys pressed before count, as in the original:
// they wait in the channel.
func (x *Exec) WaitDigit(ctx context.Context, d time.Duration) (byte, error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	box := x.ch.Inbox()
	for {
		for e, ok := box.Take(); ok; e, ok = box.Take() {
			if digit, is := e.Indication.(call.Digit); is && e.Kind == call.EventDigit {
				return digit.Key, nil
			}
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-timer.C:
			return 0, nil
		case <-box.C:
		}
	}
}

// Sleep waits for d and pays no attention to keys; they are lost, as in the
// original. It fails only when ctx ends, with its cause.
func (x *Exec) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	box := x.ch.Inbox()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			return nil
		case <-box.C:
			for _, ok := box.Take(); ok; _, ok = box.Take() {
			}
		}
	}
}
