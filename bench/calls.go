package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// placeCalls measures what a call costs obelus: INVITE, challenge, Dial to a
// registered account, 180, 200, ACK, BYE on both sides, no sound. Its record is kept
// in memory, or on the disk and in Master.csv.
func (b *bench) placeCalls(ctx context.Context) error {
	kept := inMemory
	kept.own, kept.records = "", "[general]\nenable=yes\n[csv]\nusegmtime=no\n"
	rows := [][]string{{"records in", "CPU µs a call"}}
	for _, r := range []struct {
		where string
		house house
	}{{"memory", inMemory}, {"cdr.db, Master.csv", kept}} {
		cost, err := b.callsIn(ctx, r.house)
		if err != nil {
			return err
		}
		rows = append(rows, []string{r.where, cost.String()})
	}
	return table(b.out, fmt.Sprintf("obelus, calls through Dial without sound, %d a second, %d rounds of %d, none failed", b.rate, b.rounds, b.calls),
		rows...)
}

// callsIn places the calls in one house. What its records cost counts with the round
// in which they are written.
func (b *bench) callsIn(ctx context.Context, h house) (cost spread, err error) {
	s, err := b.startHouse(ctx, h)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	pair := accounts(2)
	line, err := newRegistrations(s.addr, pair[1:], 1)
	if err != nil {
		return nil, err
	}
	defer line.close()
	switch t, err := line.run(ctx); {
	case err != nil:
		return nil, fmt.Errorf("the callee registers: %w", err)
	case t.failed > 0:
		return nil, fmt.Errorf("the callee does not register: %s", t.why)
	}
	phone, err := newCallee(line.conn)
	if err != nil {
		return nil, err
	}
	from, err := newCaller(s.addr, pair[0])
	if err != nil {
		return nil, err
	}
	defer from.close()
	for i := range b.rounds + 1 {
		before, err := s.cpu()
		if err != nil {
			return nil, err
		}
		heard := phone.hungUp.Load()
		if err := from.round(ctx, talkExten, b.calls, b.rate, 200); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, s.lastWords())
		}
		if err := phone.wait(ctx, heard+int64(b.calls)); err != nil {
			return nil, err
		}
		after, err := s.cpu()
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first round warms up
			cost = append(cost, micros(after-before, b.calls))
		}
	}
	return cost, nil
}

// round places calls at a rate and waits for all of them to end as wanted.
func (c *caller) round(ctx context.Context, number string, calls, rate, want int) error {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for placed, ended := 0, 0; ended < calls; {
		next := tick.C
		if placed == calls {
			next = nil
		}
		sweep := time.NewTimer(time.Second)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-next:
			placed++
			if err := c.place(number); err != nil {
				return err
			}
		case o := <-c.ended:
			ended++
			if o.status != want {
				return fmt.Errorf("a call to %s ended with %q, not %d; call %d of %d", number, o.why, want, ended, calls)
			}
		case <-sweep.C:
			c.giveUp()
		}
		sweep.Stop()
	}
	return nil
}

// wait waits until the callee has heard as many BYE; the last of them is on
// its way when the caller's is answered.
func (c *callee) wait(ctx context.Context, want int64) error {
	for begin := time.Now(); c.hungUp.Load() < want; time.Sleep(time.Millisecond) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Since(begin) > giveUpAfter {
			return fmt.Errorf("the callee heard %d of %d calls hang up", c.hungUp.Load(), want)
		}
	}
	return nil
}

// dialplan measures what a step of the dialplan costs obelus: one call that
// goes round a loop of NoOp, Set and GotoIf.
func (b *bench) dialplan(ctx context.Context) (err error) {
	s, err := b.startObelus(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	from, err := newCaller(s.addr, accounts(1)[0])
	if err != nil {
		return err
	}
	defer from.close()
	steps := b.steps / stepsPerLoop * stepsPerLoop
	var cost spread
	for i := range b.rounds + 1 {
		before, err := s.cpu()
		if err != nil {
			return err
		}
		if err := from.round(ctx, stepsExten, 1, b.rate, stepsStatus); err != nil {
			return fmt.Errorf("%w\n%s", err, s.lastWords())
		}
		after, err := s.cpu()
		if err != nil {
			return err
		}
		if i > 0 {
			cost = append(cost, micros(after-before, steps))
		}
	}
	return table(b.out, fmt.Sprintf("obelus, dialplan steps (NoOp 20, Set 1, GotoIf 1), %d rounds of %d", b.rounds, steps),
		[]string{"CPU µs a step", cost.String()})
}
