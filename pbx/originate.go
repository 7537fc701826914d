package pbx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"obelus/call"
	"obelus/dialplan/syntax"
)

// Originate is a call that nobody asked for on a phone: it rings somebody, and
// sends whoever answers into the dialplan, or has an application run there.
type Originate struct {
	To       string // SIP/1001
	At       call.Place
	App      string // instead of At
	Data     string
	Identity call.Identity
	Timeout  time.Duration
	Vars     map[string]string
	From     *call.Channel                               // who asked for it: what its variables pass on; nil for nobody
	Before   func(ctx context.Context, ch *call.Channel) // as in [call.Request]
}

// NotMade says why an originated call was not made.
type NotMade struct {
	Status string // in the words of DIALSTATUS
	Cause  call.Cause
}

// Error says so.
func (n *NotMade) Error() string {
	return fmt.Sprintf("%v (cause %d, %s)", ErrNotAnswered, int(n.Cause), n.Cause)
}

// Unwrap is [ErrNotAnswered].
func (n *NotMade) Unwrap() error { return ErrNotAnswered }

// ErrNotAnswered says that nobody took an originated call.
var ErrNotAnswered = errors.New("nobody answered")

// Originate begins the call and returns at once. done, which may be nil, is
// called when somebody has answered (nil), or nobody will.
func (p *PBX) Originate(o Originate, done func(error)) {
	go func() {
		err := p.originate(o)
		if err != nil {
			p.log.Info("an originated call was not made", "to", o.To, "why", err)
		}
		if done != nil {
			done(err)
		}
	}()
}

func (p *PBX) originate(o Originate) error {
	box := call.NewMailbox()
	q := call.Request{From: o.From, Identity: o.Identity, Inbox: box, Timeout: o.Timeout, Vars: o.Vars, Before: o.Before}
	channels, err := p.dialers.Dial(context.Background(), o.To, q)
	if err != nil {
		return err
	}
	for _, c := range channels {
		c.DialBegun(c)
	}
	over := time.NewTimer(o.Timeout)
	defer over.Stop()
	left := len(channels)
	for {
		select {
		case <-over.C:
			hangup(channels, nil, call.CauseNoAnswer)
			return &NotMade{"NOANSWER", call.CauseNoAnswer}
		case <-box.C:
		}
		for e, ok := box.Take(); ok; e, ok = box.Take() {
			switch e.Kind {
			case call.EventAnswered:
				e.Channel.DialEnded(e.Channel, "ANSWER")
				hangup(channels, e.Channel, call.CauseAnsweredElsewhere)
				return e.Channel.Do(p.originated(o))
			case call.EventPickedUp:
				if err := e.By.Do(p.originated(o)); err != nil {
					continue // it has gone, and the phone rings on
				}
				hangup(channels, nil, call.CauseAnsweredElsewhere)
				return nil
			case call.EventBusy, call.EventCongestion:
				e.Channel.DialEnded(e.Channel, e.Status())
				e.Channel.Hangup(e.Cause)
			case call.EventGone:
				e.Channel.DialEnded(e.Channel, e.Status())
				if left--; left == 0 {
					return &NotMade{e.Status(), e.Cause}
				}
			}
		}
	}
}

func hangup(channels []*call.Channel, but *call.Channel, cause call.Cause) {
	for _, c := range channels {
		if c != but {
			c.DialEnded(c, "NOANSWER") // nothing, where it has ended before
			c.Hangup(cause)
		}
	}
}

// originated is what the one who answered does.
func (p *PBX) originated(o Originate) call.Order {
	if o.App == "" {
		return p.Run(o.At.Context, o.At.Exten, o.At.Priority)
	}
	return func(ctx context.Context, ch *call.Channel) call.Order {
		x := p.newExec(ch, call.Place{})
		x.ctx = ctx
		app, ok := p.Application(o.App)
		if !ok {
			ch.Log().Warn(fmt.Sprintf("No such application '%s'", o.App))
			return nil
		}
		ch.Step(call.Step{App: app.Name, Data: o.Data})
		if err := app.Run(ctx, x, o.Data); err != nil && !errors.Is(err, ErrHangup) && ctx.Err() == nil {
			x.Warn(app.Name + ": " + err.Error())
		}
		return nil
	}
}

// Contexts lists the names of the contexts.
func (p *PBX) Contexts() []string {
	var out []string
	for _, c := range p.Plan().Contexts {
		out = append(out, c.Name)
	}
	return out
}

// ShowPlan prints the dialplan as dialplan show does.
func (p *PBX) ShowPlan(w io.Writer, filter string) error { return syntax.Show(w, p.Plan(), filter) }
