package call

import "time"

// Recorder makes call records. [Registry.Record] sets it; unlike observers of the bus it misses nothing.
type Recorder interface {
	// Created is told of a new channel, and returns who is told the rest of its life; nil for nobody.
	Created(ch *Channel, s *Spec) Tally
}

// Tally is told what a channel's call records are made of, at once, by whoever lets it happen, which may hold the lock of a bridge. So its
// methods never block and call back only what reads the channel itself: its names, [Channel.Identity], [Channel.Account], [Channel.Cause].
type Tally interface {
	// Stepped says that the channel carries out a step of the dialplan.
	Stepped(Step)
	// Dialed says that the channel has begun to call peer; to itself, that it is called and nobody calls (Originate).
	Dialed(peer *Channel)
	// DialEnded says how that came out, in the words of DIALSTATUS.
	DialEnded(peer *Channel, status string)
	// Answered says that the channel is up.
	Answered(at time.Time)
	// Joined says that the channel has come into a bridge, in which other is already; nil for nobody.
	Joined(bridge string, other *Channel)
	// Left says that it has left the bridge.
	Left(bridge string)
	// Ended says that the channel's life is over.
	Ended()
}

// Step is a step of the dialplan, carried out by a channel.
type Step struct {
	Place
	App, Data string
	Within    bool // in a subroutine
	Farewell  bool // in h, or in a hangup handler
}

// Record has r make the records of the channels made from now on. It is called before the first.
func (r *Registry) Record(recorder Recorder) { r.recorder = recorder }

// Tally is who is told what the channel's records are made of, nil for nobody.
func (c *Channel) Tally() Tally { return c.tally }

// Step records the step that the channel carries out.
func (c *Channel) Step(s Step) {
	c.SetStep(s.Place, s.App, s.Data)
	if c.tally != nil {
		c.tally.Stepped(s)
	}
}

// DialBegun says that this channel calls peer, whom it has a driver's channel of; that somebody calls the channel for nobody, where peer is
// the channel itself.
func (c *Channel) DialBegun(peer *Channel) {
	if c.tally != nil {
		c.tally.Dialed(peer)
	}
}

// DialEnded says how it came out, in the words of DIALSTATUS.
func (c *Channel) DialEnded(peer *Channel, status string) {
	if c.tally != nil {
		c.tally.DialEnded(peer, status)
	}
}

// answeredNow tells that the channel is up since then.
func (c *Channel) answeredNow() {
	if c.tally != nil {
		c.tally.Answered(c.AnsweredAt())
	}
}

// Status is how a call came out that ended with this event of the leg that was called, in the words of DIALSTATUS.
func (e Event) Status() string {
	switch e.Kind {
	case EventAnswered:
		return "ANSWER"
	case EventBusy:
		return "BUSY"
	case EventCongestion:
		return "CONGESTION"
	case EventForwarded:
		return "CANCEL"
	}
	switch e.Cause {
	case CauseUserBusy:
		return "BUSY"
	case CauseCongestion:
		return "CONGESTION"
	case CauseNoRoute, CauseSubscriberAbsent:
		return "CHANUNAVAIL"
	}
	return "NOANSWER"
}
