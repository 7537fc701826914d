// Package text sends text messages to phones (MESSAGE, RFC 3428).
package text

import (
	"context"
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
	Reach        *reach.Directory
	Outside      *outside.Finder
	Transactions *transaction.Layer
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

// Send sends a text to every phone. It returns when one of them has taken it, or
// all have refused.
func (s *Sender) Send(ctx context.Context, to To, m *message.Message) error {
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
			failure = err
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", message.ErrFailed, context.Cause(ctx))
		}
	}
	return failure
}
