package features

import (
	"context"
	"errors"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
)

// consult is an attended transfer under way: whoever transfers has left its talk with the transferee, who waits in the bridge, and speaks with the
// target first. It belongs to the goroutine of who transfers; once that has hung up, to one of its own, until somebody has answered.
//
//	calling ──answer──► consulting ◄──swap──► with the transferee
//	   │ └─abort, failure──► back              │ └─abort, the target leaves──► back
//	   └─hang-up──► blonde ──answer──► done ◄──┴─hang-up, complete
//	                  └─failure──► calling back
type consult struct {
	d           *Desk
	p           *pbx.PBX
	c           *Config
	ch, other   *call.Channel // who transfers, and whom
	b           *call.Bridge  // where the other waits
	exten, into string        // the target
	box         *call.Mailbox
	target      *call.Channel
	rings       bool
	over        *time.Timer // when the target has rung long enough
	unring      func()      // ends the ringing tone
}

// Why an [call.Ear] of a consultation ends its time in a bridge.
var (
	errAbort    = errors.New("the transfer is taken back")
	errComplete = errors.New("the transfer is complete")
	errSwap     = errors.New("the other of the two")
	errThree    = errors.New("all three")
)

// attended is the original's atxfer.
func (d *Desk) attended(p *pbx.PBX) call.Act {
	return func(ctx context.Context, ch *call.Channel) error {
		b := ch.Bridge()
		if b == nil || b.Other(ch) == nil {
			return nil
		}
		b.Away(ch)
		defer b.Back(ch)
		unhold := d.hold(b.Other(ch), "")
		asking, cancel := b.During(ctx)
		exten, into, ok := d.whom(asking, p, ch)
		cancel()
		if !ok {
			unhold()
			return ended(ctx, nil)
		}
		return d.consult(ctx, p, ch, exten, into, unhold)
	}
}

// Attended has a party of a bridge, whose goroutine calls it, speak with an extension before it connects the other party with that, or takes it
// back. What it returns is what an [call.Act] returns.
func (d *Desk) Attended(ctx context.Context, p *pbx.PBX, ch *call.Channel, exten, into string) error {
	b := ch.Bridge()
	if b == nil || b.Other(ch) == nil {
		return nil
	}
	b.Away(ch)
	defer b.Back(ch)
	return d.consult(ctx, p, ch, exten, into, d.hold(b.Other(ch), ""))
}

// consult is an attended transfer of a party that is away; unhold ends what the other party hears.
func (d *Desk) consult(ctx context.Context, p *pbx.PBX, ch *call.Channel, exten, into string, unhold func()) error {
	defer func() { unhold() }()
	b := ch.Bridge()
	other := b.Other(ch)
	if other == nil {
		return nil // it has left meanwhile
	}
	c := &consult{d: d, p: p, c: d.of(ch), ch: ch, other: other, b: b, exten: exten, into: into, box: call.NewMailbox()}
	return c.run(ctx, &unhold)
}

func (c *consult) run(ctx context.Context, unhold *func()) error {
	if err := c.dial(c.ch.Identity()); err != nil {
		c.ch.Log().Info("an attended transfer: the target could not be called", "to", c.exten, "context", c.into, "why", err)
		return c.failed(ctx)
	}
	answered, err := c.ring(ctx)
	switch {
	case answered:
		return c.talk(ctx, unhold)
	case errors.Is(err, call.ErrGone):
		c.leave(unhold)
		return err
	}
	c.target.Hangup(call.CauseNormalClearing)
	if err != nil {
		return err
	}
	return c.failed(ctx)
}

// failed lets who transfers hear that it has not worked.
func (c *consult) failed(ctx context.Context) error {
	c.d.play(ctx, c.ch, c.c.FailSound)
	return ended(ctx, nil)
}

// dial calls the target for somebody.
func (c *consult) dial(who call.Identity) error {
	q := call.Request{
		From: c.ch, Identity: call.Identity{Caller: who.Caller}, Inbox: c.box, Timeout: c.c.NoAnswer, Vars: map[string]string{"TRANSFERERNAME": c.ch.Name()},
		Anchor: "an attended transfer",
	}
	channels, err := c.d.dialers.Dial(context.Background(), "Local/"+c.exten+"@"+c.into+"/n", q)
	if err != nil {
		return err
	}
	c.target, c.rings = channels[0], false
	c.wait()
	return nil
}

// wait begins to count for how long somebody rings.
func (c *consult) wait() {
	if c.over != nil {
		c.over.Stop()
	}
	c.over = nil
	if c.c.NoAnswer > 0 {
		c.over = time.NewTimer(c.c.NoAnswer)
	}
}

func (c *consult) overdue() <-chan time.Time {
	if c.over == nil {
		return nil
	}
	return c.over.C
}

// ring waits for the target, while who transfers listens. Neither answered nor an error is a failure, or that it was taken back.
func (c *consult) ring(ctx context.Context) (answered bool, err error) {
	stop := c.ch.Listen(c.box)
	defer stop()
	c.unring = func() {}
	defer func() { c.unring() }()
	pressed := ""
	for {
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-c.b.Closed():
			return false, nil
		case <-c.overdue():
			return false, nil
		case <-c.box.C:
		}
		for e, ok := c.box.Take(); ok; e, ok = c.box.Take() {
			if d, is := e.Indication.(call.Digit); is && e.Channel == c.ch {
				if pressed += string(d.Key); c.c.AbortKeys != "" && strings.HasSuffix(pressed, c.c.AbortKeys) {
					return false, nil
				}
				continue
			}
			if took, over := c.heard(e, c.ch); took || over {
				return took, nil
			}
		}
	}
}

// heard takes in what happens to whoever is called: whether it has answered, or will not. Who waits for it hears it ring.
func (c *consult) heard(e call.Event, who *call.Channel) (answered, over bool) {
	if e.Channel != c.target {
		return false, false
	}
	switch e.Kind {
	case call.EventAnswered:
		return true, false
	case call.EventPickedUp:
		if e.By.Do(call.Await) != nil {
			return false, false
		}
		e.Channel.Hangup(call.CauseAnsweredElsewhere)
		c.target = e.By
		return true, false
	case call.EventRinging:
		if !c.rings {
			c.rings = true
			c.unring = ring(who)
		}
	case call.EventProgress:
		if a, b := who.Media(), e.Channel.Media(); a != nil && b != nil {
			if err := a.Join(b); err != nil {
				who.Log().Debug("no early sound", "why", err)
			}
		}
	case call.EventBusy, call.EventCongestion, call.EventForwarded, call.EventGone:
		return false, true
	}
	return false, false
}

// talk is the consultation.
func (c *consult) talk(ctx context.Context, unhold *func()) error {
	with := call.NewBridge()
	leave := with.Enter(c.ch)
	defer leave()
	if err := c.target.Do(with.Order()); err != nil {
		return ended(ctx, nil)
	}
	at := with
	for {
		switch err := at.Resume(ctx, c.ch, c.ear()); {
		case errors.Is(err, errComplete):
			return c.complete(with)
		case errors.Is(err, errSwap) && at == with:
			(*unhold)()
			*unhold = c.d.hold(c.target, "")
			at = c.b
		case errors.Is(err, errSwap), errors.Is(err, call.ErrLeft) && at == c.b && c.target.Bridge() == with:
			(*unhold)()
			*unhold = c.d.hold(c.other, "")
			at = with
		case errors.Is(err, errThree):
			return c.three(with)
		case errors.Is(err, errAbort):
			with.Close()
			return c.failed(ctx)
		case errors.Is(err, call.ErrLeft):
			return ended(ctx, nil)
		case errors.Is(err, call.ErrGone):
			c.complete(with)
			return err
		default:
			with.Close()
			return err
		}
	}
}

// ear listens for the keys of a consultation.
func (c *consult) ear() call.Ear {
	e := &ear{ch: c.ch, gap: max(c.c.FeatureDigitTimeout, time.Millisecond)}
	for _, k := range []struct {
		keys string
		err  error
	}{{c.c.AbortKeys, errAbort}, {c.c.CompleteKeys, errComplete}, {c.c.SwapKeys, errSwap}, {c.c.ThreeWayKeys, errThree}} {
		e.add(k.keys, func(context.Context, *call.Channel) error { return k.err })
	}
	return e
}

// three has all three talk with each other. Who transfers comes back, and the others stay when it hangs up.
func (c *consult) three(with *call.Bridge) error {
	if err := c.b.Admit(c.target); err != nil {
		c.ch.Log().Info("a talk of three was not made", "with", c.exten, "why", err)
		with.Close()
	}
	return nil
}

// complete connects the target with the transferee. Who transfers leaves.
func (c *consult) complete(with *call.Bridge) error {
	transferred(c.ch, c.other, "ATTENDEDTRANSFER")
	c.target.Vars.Set("ATTENDEDTRANSFER", c.ch.Name())
	call.Acquaint(c.other, c.target)
	sound := c.c.TransferSound
	if err := with.Have(c.target, func(ctx context.Context, ch *call.Channel) error { return c.d.play(ctx, ch, sound) }); err != nil {
		c.ch.Log().Debug("the target hears no sound of the transfer", "why", err)
	}
	if err := c.b.Replace(c.ch, c.target); err != nil {
		c.ch.Log().Info("an attended transfer was not made", "to", c.exten, "why", err)
		with.Close()
		return call.ErrLeft
	}
	c.ch.Log().Info("transferred", "who", c.other.Name(), "to", c.exten, "context", c.into)
	return call.ErrLeft
}
