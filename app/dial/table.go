// Package dial is the applications that make calls, take them from each other and
// send them elsewhere: Dial and its kin.
//
// They reach phones only by [call.Dialers], so they know no driver. A call is an
// object that lives as long as its application runs and belongs to the caller's
// goroutine; the called channels have goroutines of their own and get orders.
package dial

import (
	"embed"
	"time"

	"obelus/call"
	"obelus/event"
	"obelus/features"
	"obelus/pbx"
	"obelus/prompt"
)

// pages are the manual, one page an application.
//
//go:embed *.md
var pages embed.FS

// Deps are what the applications reach the world by. They are set before the first
// channel runs and not changed then.
type Deps struct {
	Dialers call.Dialers
	Voice   *prompt.Voice
	Bus     *event.Bus
	Records Records // the call records; nil: there are none
	// Features is what the parties may begin by keys; nil: nothing.
	Features *features.Desk
	DB       Database // what options p and P remember; nil: nothing
	// State is the state of a device, by its number in the original; nil: all are unknown (0).
	State func(device string) int
}

// Records are the call records, as far as Dial changes them.
type Records interface {
	// Reset makes the channel's records begin now.
	Reset(ch *call.Channel, keep bool)
}

// Database is the dialplan's database.
type Database interface {
	Get(family, key string) (value string, ok bool)
	Put(family, key, value string) error
}

// questionTime is how long a called party is waited for that is asked something.
const questionTime = 6 * time.Second

// music is who plays music to the channel, nil where nobody does.
func (d *Deps) music(ch *call.Channel) call.Musician { return ch.Registry().Music() }

// Table lists the applications.
func Table(d *Deps) []pbx.Application {
	return pbx.Describe(pages, []pbx.Application{
		attendedTransfer(d), blindTransfer(d), bridge(d), bridgeWait(d), chanIsAvail(d), channelRedirect(), dial(d), originate(d), pickup(d),
		pickupChan(d), retryDial(d), softHangup(), transfer(),
	})
}
