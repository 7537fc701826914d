package dial

import (
	"context"
	"fmt"
	"strings"
	"time"

	"obelus/call"
	"obelus/event"
	"obelus/media"
	"obelus/pbx"
)

// waits are how long a Dial waits.
type waits struct {
	answer time.Duration // for an answer; 0 for ever
	sign   time.Duration // for ringing or early sound

	over, silent *time.Timer
}

// readWaits reads the second argument: seconds[^seconds].
func readWaits(x *pbx.Exec, s string) waits {
	var w waits
	answer, sign, _ := strings.Cut(s, "^")
	for _, p := range []struct {
		text string
		to   *time.Duration
	}{{answer, &w.answer}, {sign, &w.sign}} {
		d, err := pbx.Seconds(p.text)
		if err != nil {
			x.Warnf("Dial: invalid timeout specified: '%s'. Setting timeout to infinite", s)
		}
		*p.to = d
	}
	return w
}

func (w *waits) begin() {
	if w.answer > 0 {
		w.over = time.NewTimer(w.answer)
	}
	if w.sign > 0 {
		w.silent = time.NewTimer(w.sign)
	}
}

// forget waits for ever from now on.
func (w *waits) forget() {
	w.end()
	*w = waits{}
}

// heard ends waiting for a sign of life.
func (w *waits) heard() {
	if w.silent != nil {
		w.silent.Stop()
		w.silent = nil
	}
}

func (w *waits) end() {
	w.heard()
	if w.over != nil {
		w.over.Stop()
	}
}

func ticks(t *time.Timer) <-chan time.Time {
	if t == nil {
		return nil
	}
	return t.C
}

// wait waits for somebody to answer.
func (g *dialling) wait(ctx context.Context) (*call.Channel, string) {
	g.waits.begin()
	defer g.waits.end()
	for {
		select {
		case <-ctx.Done():
			return nil, "CANCEL"
		case <-ticks(g.waits.over):
			g.x.Verbose(3, fmt.Sprintf("Nobody picked up in %d ms", g.waits.answer.Milliseconds()))
			return nil, "NOANSWER"
		case <-ticks(g.waits.silent):
			g.x.Verbose(3, fmt.Sprintf("No early media received in %d ms", g.waits.sign.Milliseconds()))
			return nil, "CHANUNAVAIL"
		case <-g.box.C:
			for e, ok := g.box.Take(); ok; e, ok = g.box.Take() {
				winner, status := g.happened(ctx, e)
				if status != "" {
					return winner, status
				}
				if len(g.out) == 0 {
					g.x.Verbose(2, fmt.Sprintf("Everyone is busy/congested at this time (%d:%d/%d/%d)", g.asked, g.busy, g.congested, g.unavail))
					return nil, g.verdict()
				}
			}
		}
	}
}

// happened takes in what happened on a leg. A status ends the waiting: ANSWER with who has answered.
func (g *dialling) happened(ctx context.Context, e call.Event) (winner *call.Channel, status string) {
	to, rings := g.out[e.Channel]
	if e.Channel == g.ch {
		return nil, g.pressed(e)
	}
	if !rings {
		return nil, "" // one that was given up
	}
	switch e.Kind {
	case call.EventAnswered:
		g.x.Verbose(3, fmt.Sprintf("%s answered %s", e.Channel.Name(), g.ch.Name()))
		return e.Channel, "ANSWER"
	case call.EventPickedUp:
		if e.By.Do(call.Await) != nil { // it is ours from here on
			return nil, ""
		}
		g.x.Verbose(3, fmt.Sprintf("%s picked up by %s", e.Channel.Name(), e.By.Name()))
		g.out[e.By] = to
		call.Acquaint(g.ch, e.By)
		return e.By, "ANSWER"
	case call.EventRinging:
		g.x.Verbose(3, e.Channel.Name()+" is ringing")
		g.waits.heard()
		if g.rang.IsZero() {
			g.rang = time.Now()
		}
		g.ring()
	case call.EventProgress:
		g.waits.heard()
		if g.progressed.IsZero() {
			g.progressed = time.Now()
		}
		g.progress(e)
	case call.EventForwarded:
		g.forward(ctx, e)
	case call.EventBusy, call.EventCongestion, call.EventGone:
		g.lost(e, to)
	}
	return nil, ""
}

// pressed takes in what the caller does meanwhile. Keys may leave for an extension (option d) or hang up (option H); else they go to the called
// phone, where there is but one.
func (g *dialling) pressed(e call.Event) (status string) {
	d, ok := e.Indication.(call.Digit)
	if !ok || e.Kind != call.EventDigit {
		return ""
	}
	if g.opts.Has('d') && exitTo(g.x, d.Key) {
		return "CANCEL"
	}
	if g.opts.Has('H') && g.d.Features != nil && g.d.Features.HangUpKeys(g.ch) == string(d.Key) {
		g.x.Verbose(3, fmt.Sprintf("User requested call disconnect on %s", g.ch.Name()))
		g.ch.Hangup(call.CauseNormalClearing)
		return "CANCEL"
	}
	if g.asked != 1 || e.Relayed {
		return ""
	}
	for c := range g.out {
		if err := c.Leg().Indicate(d); err != nil {
			g.ch.Log().Debug("a key could not be passed on", "to", c.Name(), "why", err)
		}
	}
	return ""
}

// entertain lets the caller hear something of ours from the beginning, as the options ask for.
func (g *dialling) entertain() {
	tone, rings := g.opts.Get('r')
	class, music := g.opts.Get('m')
	switch {
	case rings && tone != "":
		if g.hear(g.tone(tone)) {
			return
		}
		g.ring()
		g.entertains = func() {}
	case rings:
		g.ring()
		g.entertains = func() {}
	case music && g.d.music(g.ch) != nil:
		g.progressUp()
		g.entertains = behind(g.ch, func(ctx context.Context) error { return g.d.music(g.ch).Play(ctx, g.ch, class) })
	case music:
		g.ring()
		g.entertains = func() {}
	case g.opts.Has('R'):
		g.ring()
	}
}

// tone finds the tone of option r.
func (g *dialling) tone(name string) media.Source {
	src := g.ch.Registry().Tone(g.ch, name)
	if src == nil {
		g.x.Warnf("Dial: there is no tone '%s'", name)
	}
	return src
}

// hear plays a source to the caller while it waits.
func (g *dialling) hear(src media.Source) bool {
	m := g.ch.Media()
	if src == nil || m == nil {
		return false
	}
	g.progressUp()
	g.entertains = behind(g.ch, func(ctx context.Context) error { return m.Play(ctx, src) })
	return true
}

// progressUp opens the way for sound to a caller who was not answered.
func (g *dialling) progressUp() {
	if g.ch.State() == call.StateUp {
		return
	}
	if err := g.ch.Leg().Progress(nil); err != nil {
		g.ch.Log().Debug("early media could not be opened", "why", err)
	}
}

// behind does something that ends with the channel at the latest; stop ends it.
func behind(ch *call.Channel, do func(ctx context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(ch.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := do(ctx); err != nil && ctx.Err() == nil {
			ch.Log().Warn("what the channel was to hear could not be played", "why", err)
		}
	}()
	return func() { cancel(); <-done }
}

// ring lets the caller hear that it rings, once, unless it hears more already.
func (g *dialling) ring() {
	if g.ringing || g.early != nil || g.entertains != nil {
		return
	}
	g.ringing = true
	if err := g.ch.Ring(); err != nil {
		g.ch.Log().Debug("the caller could not be told that it rings", "why", err)
	}
}

// progress passes the early sound of a single called phone on.
func (g *dialling) progress(e call.Event) {
	g.x.Verbose(3, fmt.Sprintf("%s is making progress passing it to %s", e.Channel.Name(), g.ch.Name()))
	if _, called := g.opts.Get('D'); called {
		g.sendKeys(e.Channel, 2)
	}
	if g.asked != 1 || g.entertains != nil || g.early != nil {
		return
	}
	if anchoredEarly(g.opts) == "" {
		call.NewBridge().Introduce(g.ch, e.Channel)
	}
	if err := g.ch.Leg().Progress(e.Formats); err != nil {
		g.ch.Log().Debug("early media could not be opened", "why", err)
		return
	}
	g.ch.Behind(nil)
	g.early = e.Channel
	if a, b := g.ch.Media(), e.Channel.Media(); a != nil && b != nil {
		if err := a.Join(b); err != nil {
			g.ch.Log().Debug("no early sound", "why", err)
		}
	}
}

// lost takes a phone that will not answer out of the race.
func (g *dialling) lost(e call.Event, to string) {
	delete(g.out, e.Channel)
	cause := e.Cause
	switch e.Kind {
	case call.EventBusy:
		g.x.Verbose(3, e.Channel.Name()+" is busy")
		g.busy++
		g.note(cause)
	case call.EventCongestion:
		g.x.Verbose(3, e.Channel.Name()+" is circuit-busy")
		g.congested++
		g.note(cause)
	default:
		g.count(cause)
	}
	g.lastReason = fmt.Sprintf("%s: %s", to, cause)
	g.x.Ended(e.Channel, cause)
	g.ch.DialEnded(e.Channel, e.Status())
	event.Publish(g.d.Bus, event.DialEnded{Channel: fact(g.ch), Dialed: e.Channel.Name(), Target: to, Status: e.Status()})
	e.Channel.Hangup(cause)
}
