package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// contestant is a server that accounts register with, round after round.
type contestant struct {
	server *server
	phones *registrations
	cpu    spread // µs a registration
	rate   spread // registrations a second
	tally  tally  // of all rounds
}

func (b *bench) contestant(s *server) (*contestant, error) {
	phones, err := newRegistrations(s.addr, accounts(b.accounts), b.window)
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return &contestant{server: s, phones: phones}, nil
}

func (c *contestant) close() error {
	c.phones.close()
	return c.server.stop()
}

// round lets all accounts register once and reads what it cost.
func (c *contestant) round(ctx context.Context, counts bool) error {
	before, err := c.server.cpu()
	if err != nil {
		return err
	}
	t, err := c.phones.run(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", c.server.name, err, c.server.lastWords())
	}
	after, err := c.server.cpu()
	if err != nil {
		return err
	}
	if t.failed > 0 {
		return fmt.Errorf("%s: %d of %d registrations failed, the first: %s", c.server.name, t.failed, t.failed+t.done, t.why)
	}
	if counts {
		c.cpu = append(c.cpu, micros(after-before, t.done))
		c.rate = append(c.rate, float64(t.done)/t.took.Seconds())
		c.tally.done += t.done
		c.tally.resent += t.resent
	}
	return nil
}

func (c *contestant) row() []string {
	return []string{c.server.name, strconv.Itoa(c.tally.done), strconv.Itoa(c.tally.failed), strconv.Itoa(c.tally.resent), c.cpu.String(), c.rate.String()}
}

var registerHead = []string{"server", "registrations", "failed", "sent again", "CPU µs each", "a second"}

// rounds lets the contestants take turns, so that what else the machine
// does meets both. The first round makes the bindings and doesn't count.
func (b *bench) contest(ctx context.Context, all ...*contestant) error {
	for i := range b.rounds + 1 {
		for _, c := range all {
			if err := c.round(ctx, i > 0); err != nil {
				return err
			}
		}
	}
	return nil
}

const registerTitle = "registrations (401 + 200) over UDP, %d accounts, %d under way, %d rounds in turn"

// register is the comparison: obelus against Kamailio.
func (b *bench) register(ctx context.Context) (err error) {
	var all []*contestant
	defer func() {
		for _, c := range all {
			err = errors.Join(err, c.close())
		}
	}()
	for _, start := range []func(context.Context) (*server, error){b.startKamailio, b.startObelus} {
		s, err := start(ctx)
		if err != nil {
			return err
		}
		c, err := b.contestant(s)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	if err := b.contest(ctx, all...); err != nil {
		return err
	}
	ratio := make(spread, b.rounds)
	for i := range ratio {
		ratio[i] = all[1].cpu[i] / all[0].cpu[i]
	}
	return table(b.out, fmt.Sprintf(registerTitle, b.accounts, b.window, b.rounds),
		registerHead, all[0].row(), all[1].row(), []string{"obelus : kamailio", "", "", "", ratio.String(), ""})
}

// kamailioAlone proves the generator and Kamailio's settings.
func (b *bench) kamailioAlone(ctx context.Context) (err error) {
	s, err := b.startKamailio(ctx)
	if err != nil {
		return err
	}
	c, err := b.contestant(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := b.contest(ctx, c); err != nil {
		return err
	}
	return table(b.out, fmt.Sprintf(registerTitle, b.accounts, b.window, b.rounds), registerHead, c.row())
}
