package call

import (
	"sync"

	"obelus/media"
)

// EventKind is what happened on a leg.
type EventKind uint8

// The kinds of events. A leg that is dialled tells them in the order of a call;
// each may be missing.
const (
	EventProceeding EventKind = iota + 1 // the far end works on it
	EventRinging                         // the far end alerts
	EventProgress                        // early media flows
	EventAnswered                        // the far end took the call
	EventBusy                            // the far end says busy, the leg is still there (Local, early media)
	EventCongestion                      // the far end can't, the leg is still there
	EventForwarded                       // the far end asks to call Forward instead
	EventDigit                           // a key was pressed (Indication is a Digit)
	EventText                            // a text arrived (Indication is a Text)
	EventHold                            // the phone put the call on hold
	EventUnhold                          // the phone took it back
	EventPicture                         // the phone asks for a key frame
	EventFax                             // the phone wants a fax, or says something of one (Indication is a Fax)
	EventGone                            // the leg has ended; Cause says why
	EventPickedUp                        // another channel, By, takes the call in this one's place
	EventTold                            // somebody has something for the channel to do where it stays
)

// Event is something that happened on a channel's leg.
type Event struct {
	Channel    *Channel
	Kind       EventKind
	Cause      Cause          // for EventGone, EventBusy, EventCongestion
	Indication Indication     // for EventDigit, EventText, EventHold, EventFax
	Relayed    bool           // the media plane has passed it on already (EventDigit)
	By         *Channel       // for EventPickedUp
	Forward    string         // for EventForwarded: the dial string to call
	Formats    []media.Format // for EventProgress, EventAnswered: what was settled on
}

// mailboxLimit is how many events wait in a mailbox that nobody empties before
// digits and texts are dropped; what decides a call is never dropped.
const mailboxLimit = 256

// Mailbox takes the events of one or more channels for one reader. Putting one
// in never blocks, so a driver is never held up by an application.
type Mailbox struct {
	// C has a value in it whenever the mailbox may not be empty.
	C chan struct{}

	mu    sync.Mutex
	queue []Event
}

// NewMailbox makes an empty mailbox.
func NewMailbox() *Mailbox {
	return &Mailbox{C: make(chan struct{}, 1)}
}

// Put adds an event.
func (m *Mailbox) Put(e Event) {
	m.mu.Lock()
	if len(m.queue) >= mailboxLimit && (e.Kind == EventDigit || e.Kind == EventText || e.Kind == EventPicture) {
		m.mu.Unlock()
		return
	}
	m.queue = append(m.queue, e)
	m.mu.Unlock()
	select {
	case m.C <- struct{}{}:
	default:
	}
}

// Take removes the oldest event; false when there is none.
func (m *Mailbox) Take() (Event, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.queue) == 0 {
		return Event{}, false
	}
	e := m.queue[0]
	m.queue[0] = Event{}
	m.queue = m.queue[1:]
	return e, true
}

// drainInto moves what waits here to another mailbox, in order.
func (m *Mailbox) drainInto(to *Mailbox) {
	for {
		e, ok := m.Take()
		if !ok {
			return
		}
		to.Put(e)
	}
}
