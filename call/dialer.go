package call

import (
	"context"
	"fmt"
	"strings"
	"time"

	"obelus/media"
)

// Request asks a driver to call somebody.
type Request struct {
	Target   string         // what follows the technology: 1001, trunk/5551234
	From     *Channel       // who calls, nil when nobody does (Originate)
	Identity Identity       // shown to the called phone
	Formats  []media.Format // what the caller can send and receive, nil for anything
	Inbox    *Mailbox       // where the new channels' events go
	Timeout  time.Duration  // how long it may ring, 0 for no limit; a hint to the far end
	Vars     map[string]string
	Anchor   string // why sound must pass through the server once the call is answered, "" where it need not

	// Before, if not nil, is done by each new channel's goroutine before its phone is called; it is not called where ctx has ended then.
	Before func(ctx context.Context, ch *Channel)
	// Own is who the new channels are themselves, nil where that is not known: they are then who calls.
	Own *Party
}

// Called is what a new channel knows of the parties: itself, and who calls it.
func (q *Request) Called() Identity {
	i := q.Identity
	if q.Own != nil {
		i.Connected, i.Caller = i.Caller, *q.Own
	}
	return i
}

// Begin begins the life of a channel that a driver has made for the request: what is to be done before, then call, which calls its phone, then
// [Await].
func (q *Request) Begin(ch *Channel, call func()) {
	if q.Before == nil {
		ch.Start(Await)
		call()
		return
	}
	before := q.Before
	ch.Start(func(ctx context.Context, ch *Channel) Order {
		before(ctx, ch)
		if ctx.Err() == nil {
			call()
		}
		return Await
	})
}

// Dialer calls phones of one technology.
type Dialer interface {
	// Dial begins to call and returns at once with a channel for every phone
	// that rings: several where an account has several. Their goroutines run
	// [Await]. An error is a [*DialError].
	Dial(ctx context.Context, q Request) ([]*Channel, error)
}

// DialError says why nobody could be called.
type DialError struct {
	Cause Cause
	Text  string // one line for the administrator
}

// Error returns the line for the administrator.
func (e *DialError) Error() string {
	return fmt.Sprintf("%s (cause %d, %s)", e.Text, int(e.Cause), e.Cause)
}

// Dialers are the technologies that can be dialled, by name (SIP, Local). It is
// filled at start and not changed then.
type Dialers map[string]Dialer

// Driver is who calls phones of a technology, in any case of letters; nil for nobody.
func (d Dialers) Driver(tech string) Dialer {
	for name, driver := range d {
		if strings.EqualFold(name, tech) {
			return driver
		}
	}
	return nil
}

// Dial calls a dial string, "SIP/1001", through the driver it names.
func (d Dialers) Dial(ctx context.Context, destination string, q Request) ([]*Channel, error) {
	tech, target, ok := strings.Cut(destination, "/")
	if !ok {
		return nil, &DialError{CauseNone, fmt.Sprintf("%q is not of the form technology/resource", destination)}
	}
	if driver := d.Driver(tech); driver != nil {
		q.Target = target
		return driver.Dial(ctx, q)
	}
	return nil, &DialError{CauseNotImplemented, fmt.Sprintf("No channel type registered for '%s'", tech)}
}
