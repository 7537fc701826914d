// Package text is texts on the wire (MESSAGE, RFC 3428): a [Desk] takes in those of
// phones for the dialplan, a [Sender] sends them out.
package text

import (
	"context"
	"errors"
	"fmt"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/message"
	"obelus/sip"
	"obelus/sip/transaction"
)

// Config is what a [Sender] is made of.
type Config struct {
	Settings     func() *sipconf.Settings
	Reach        *reach.Directory
	Outside      *outside.Finder
	Transactions *transaction.Layer
	// Ways are those to an account's phones that can be reached now.
	Ways func(p *sipconf.Peer) []reach.Way
	// Prove answers a challenge of an account's server: with a header and its value.
	Prove func(p *sipconf.Peer, challenge *sip.Message, method sip.Method, uri string) (sip.HeaderID, string, error)
}

// Sender sends texts. Its methods may be called from any goroutine.
type Sender struct{ c Config }

// New makes a sender.
func New(c Config) *Sender { return &Sender{c} }

// To is whom a text goes to: an account, and where its phones are.
type To struct {
	Settings *sipconf.Settings
	Peer     *sipconf.Peer
	Ways     []reach.Way
}

// Send sends a text to the phones of an account, or to somebody at a host. It
// returns when one of them has taken it, or all have refused.
func (s *Sender) Send(ctx context.Context, m *message.Message) error {
	to, err := s.Find(ctx, s.c.Settings(), m.To)
	if err != nil {
		return err
	}
	return s.Deliver(ctx, to, m)
}

// Deliver sends a text to every phone there. It returns when one of them has taken
// it, or all have refused.
func (s *Sender) Deliver(ctx context.Context, to To, m *message.Message) error {
	results := make(chan error, len(to.Ways))
	for _, w := range to.Ways {
		t := &sending{c: &s.c, to: to, w: w, m: m, done: results}
		t.send()
	}
	var failure error
	for range to.Ways {
		select {
		case err := <-results:
			if err == nil {
				return nil
			}
			if failure == nil || errors.Is(failure, message.ErrRefused) {
				failure = err // what one phone refuses another may take later
			}
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", message.ErrFailed, context.Cause(ctx))
		}
	}
	return failure
}
