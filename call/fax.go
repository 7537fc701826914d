package call

import "obelus/media"

// Fax is what two legs say to each other when a call turns from sound to a fax
// over T.38, which only phones that both speak it can do: one asks, the other
// agrees or refuses.
//
//	sound ──FaxAsked──► asked ──FaxAgreed──► fax ──FaxOver──► sound
//	   ▲                  └─────FaxRefused────────────────────┘
type Fax struct {
	Step   FaxStep
	Params []media.FaxParameter // of the machine on the other side, with FaxAsked and FaxAgreed
}

func (Fax) indication() {}

// FaxStep is one of those words.
type FaxStep uint8

// The steps of a fax.
const (
	FaxAsked FaxStep = iota + 1
	FaxAgreed
	FaxRefused
	FaxOver
)

// passFax gives the word of a channel to the other party, and refuses in its
// place where it can't be asked.
func (b *Bridge) passFax(e Event, other *Channel) {
	fax, ok := e.Indication.(Fax)
	if !ok {
		return
	}
	if err := other.leg.Indicate(fax); err == nil {
		return
	} else if other.log.Info("no fax over T.38", "from", e.Channel.name, "why", err); fax.Step != FaxAsked {
		return
	}
	if err := e.Channel.leg.Indicate(Fax{Step: FaxRefused}); err != nil {
		e.Channel.log.Debug("a fax could not be refused", "why", err)
	}
}
