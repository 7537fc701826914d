package dial

import (
	"context"
	"errors"
	"strings"
	"time"

	"obelus/call"
	"obelus/event"
	"obelus/features"
	"obelus/pbx"
)

// answered goes on with the one who took the call.
func (g *dialling) answered(ctx context.Context, peer *call.Channel, s *screening) error {
	to := g.out[peer]
	delete(g.out, peer)
	peer.Release()
	g.ch.DialEnded(peer, "ANSWER")
	for c := range g.out {
		g.ch.DialEnded(c, "CANCEL")
		c.Hangup(g.loserCause())
	}
	g.part()
	answered := time.Now()
	g.x.Set("DIALSTATUS", "ANSWER")
	g.x.Set("DIALEDPEERNAME", peer.Name())
	_, number, _ := strings.Cut(to, "/")
	g.x.Set("DIALEDPEERNUMBER", number)
	event.Publish(g.d.Bus, event.DialEnded{Channel: fact(g.ch), Dialed: peer.Name(), Target: to, Status: "ANSWER"})
	err := g.connect(ctx, peer, s)
	g.setTimes(answered)
	return err
}

// loserCause is what those are told that rang and lost: option Q.
func (g *dialling) loserCause() call.Cause {
	v, ok := g.opts.Get('Q')
	if !ok {
		return call.CauseAnsweredElsewhere
	}
	v = strings.TrimSpace(v)
	if strings.EqualFold(v, "NONE") {
		return call.CauseNormalClearing
	}
	cause, ok := call.ParseCause(strings.ToUpper(v))
	if !ok {
		g.x.Warnf("Dial: invalid cause given to Q(%s)", v)
		return call.CauseAnsweredElsewhere
	}
	return cause
}

// connect does what the options ask for before the two talk, and then lets
// them.
func (g *dialling) connect(ctx context.Context, peer *call.Channel, s *screening) error {
	if g.opts.Has('a') {
		if err := g.ch.Answer(peer.Leg().Formats()); err != nil {
			peer.Hangup(call.CauseNormalClearing)
			return err
		}
	}
	if status := s.ask(ctx, g, peer); status != "" {
		g.x.Set("DIALSTATUS", status)
		peer.Hangup(call.CauseNormalClearing)
		return nil
	}
	if err := g.announce(ctx, peer); err != nil {
		return err
	}
	if target, ok := g.opts.Get('G'); ok {
		return g.sendApart(peer, target)
	}
	if !g.subroutine(ctx, peer) {
		return nil
	}
	b := call.NewBridge()
	b.Anchor(anchored(g.opts))
	if !g.opts.Has('D') {
		b.Introduce(g.ch, peer)
	}
	if err := g.ch.Answer(peer.Leg().Formats()); err != nil {
		peer.Hangup(call.CauseNormalClearing)
		return err
	}
	g.sendKeys(peer, 0)
	g.sendKeys(g.ch, 1)
	return g.talk(ctx, peer, b)
}

// talk lets the two talk until one of them leaves, or the time is over.
func (g *dialling) talk(ctx context.Context, peer *call.Channel, b *call.Bridge) error {
	ctx, done := g.limit.run(ctx, g, peer)
	defer done()
	g.x.Set("BRIDGEPEER", peer.Name())
	peer.Vars.Set("BRIDGEPEER", g.ch.Name())
	if peer.Do(g.stays(b, g.ear(peer))) != nil {
		b.Close() // it has gone between the answer and now
	}
	err := b.Stay(ctx, g.ch, g.ear(g.ch))
	return g.parted(peer, err)
}

// ear is who listens to what a party's keys begin, nil where its options allow nothing. The small letters are the called party's.
func (g *dialling) ear(ch *call.Channel) call.Ear {
	if g.d.Features == nil {
		return nil
	}
	may := features.May{Transfer: g.opts.Has('t'), HangUp: g.opts.Has('h'), Record: g.opts.Has('w'), MixRecord: g.opts.Has('x')}
	if ch == g.ch {
		may = features.May{Transfer: g.opts.Has('T'), HangUp: g.opts.Has('H'), Record: g.opts.Has('W'), MixRecord: g.opts.Has('X'), Caller: true}
	}
	return g.d.Features.Ear(g.x.PBX(), ch, may)
}

// parted decides what follows a conversation.
func (g *dialling) parted(peer *call.Channel, err error) error {
	switch {
	case errors.Is(err, call.ErrLeft):
		if peer.IsGone() {
			g.x.SetHangupCause(peer.Cause())
			g.x.Ended(peer, peer.Cause())
		}
	case errors.Is(err, errTimeOver):
		peer.Hangup(call.CauseNormalClearing)
		g.x.SetHangupCause(call.CauseNormalClearing)
	default:
		return err
	}
	g.ch.SetCause(call.CauseNormalClearing)
	if c := peer.Cause(); c != call.CauseNone {
		g.ch.SetCause(c)
	}
	if g.opts.Has('g') {
		return nil
	}
	return pbx.ErrHangup
}

// sendApart is option G: both go on in the dialplan, apart.
func (g *dialling) sendApart(peer *call.Channel, target string) error {
	to, err := g.x.Target(strings.ReplaceAll(target, "^", ","))
	if err != nil {
		peer.Hangup(call.CauseNormalClearing)
		return err
	}
	if err := g.ch.Answer(peer.Leg().Formats()); err != nil {
		peer.Hangup(call.CauseNormalClearing)
		return err
	}
	if err := peer.Do(g.x.PBX().Run(to.Context, to.Exten, to.Priority+1)); err != nil {
		g.x.Warnf("Dial: %s could not be sent to %s,%s,%d: %v", peer.Name(), to.Context, to.Exten, to.Priority+1, err)
	}
	g.ch.SetCause(call.CauseNormalClearing)
	g.x.Jump(to)
	return nil
}

// stays is what the called party does while the two talk. With option F it goes on in
// the dialplan when the caller has gone, with e it runs h there: by its own order, since
// nobody could give it another one before it had ended.
func (g *dialling) stays(b *call.Bridge, ear call.Ear) call.Order {
	var on call.Order
	if target, ok := g.opts.Get('F'); ok {
		to := g.x.Place()
		to.Priority++
		if target != "" {
			var err error
			if to, err = g.x.Target(strings.ReplaceAll(target, "^", ",")); err != nil {
				g.x.Warnf("Dial: F(%s): %v", target, err)
				return b.OrderWith(ear)
			}
		}
		on = g.x.PBX().Run(to.Context, to.Exten, to.Priority)
	}
	if !g.opts.Has('e') && on == nil {
		return b.OrderWith(ear)
	}
	caller, farewell := g.ch, g.farewell()
	return func(ctx context.Context, ch *call.Channel) call.Order {
		err := b.Stay(ctx, ch, ear)
		if errors.Is(err, call.ErrLeft) {
			if on != nil && caller.IsGone() {
				return on
			}
			if ch.Cause() == call.CauseNone {
				ch.SetCause(call.CauseNormalClearing)
			}
		}
		if !errors.Is(err, call.ErrOrdered) {
			farewell(ctx, ch)
		}
		return nil
	}
}

// farewell is option e: h runs for the called party, too.
func (g *dialling) farewell() func(ctx context.Context, ch *call.Channel) {
	if !g.opts.Has('e') {
		return func(context.Context, *call.Channel) {}
	}
	board, context_ := g.x.PBX(), g.x.Place().Context
	return func(ctx context.Context, ch *call.Channel) { board.Farewell(ctx, ch, context_) }
}
