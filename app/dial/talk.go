package dial

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/event"
	"obelus/features"
	"obelus/pbx"
)

// answered goes on with the one who took the call.
func (g *dialling) answered(ctx context.Context, peer *call.Channel) error {
	to := g.out[peer]
	delete(g.out, peer)
	g.ch.DialEnded(peer, "ANSWER")
	for c := range g.out {
		g.ch.DialEnded(c, "CANCEL")
		c.Hangup(call.CauseAnsweredElsewhere)
	}
	g.part()
	answered := time.Now()
	g.x.Set("DIALSTATUS", "ANSWER")
	g.x.Set("DIALEDPEERNAME", peer.Name())
	_, number, _ := strings.Cut(to, "/")
	g.x.Set("DIALEDPEERNUMBER", number)
	event.Publish(g.d.Bus, event.DialEnded{Channel: fact(g.ch), Dialed: peer.Name(), Target: to, Status: "ANSWER"})
	err := g.connect(ctx, peer)
	g.setTimes(answered)
	return err
}

// connect does what the options ask for before the two talk, and then lets
// them.
func (g *dialling) connect(ctx context.Context, peer *call.Channel) error {
	if target, ok := g.opts.Get('G'); ok {
		return g.sendApart(peer, target)
	}
	if file, ok := g.opts.Get('A'); ok && file != "" {
		if err := announce(ctx, g.d, peer, file); err != nil && ctx.Err() == nil {
			g.x.Warnf("Dial: the announcement could not be played: %v", err)
		}
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
	g.sendKeys(peer)
	return g.talk(ctx, peer, b)
}

// talk lets the two talk until one of them leaves, or the time is over.
func (g *dialling) talk(ctx context.Context, peer *call.Channel, b *call.Bridge) error {
	if limit := g.limit(); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, errTimeOver)
		defer cancel()
	}
	g.x.Set("BRIDGEPEER", peer.Name())
	peer.Vars.Set("BRIDGEPEER", g.ch.Name())
	if peer.Do(g.stays(b, g.ear(peer))) != nil {
		b.Close() // it has gone between the answer and now
	}
	err := b.Stay(ctx, g.ch, g.ear(g.ch))
	return g.parted(ctx, peer, err)
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

var errTimeOver = errors.New("the time that Dial allows is over")

// parted decides what follows a conversation.
func (g *dialling) parted(ctx context.Context, peer *call.Channel, err error) error {
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

// limit is how long the two may talk, 0 for as long as they like.
func (g *dialling) limit() time.Duration {
	var limit time.Duration
	if v, ok := g.opts.Get('S'); ok {
		if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 {
			limit = time.Duration(s * float64(time.Second))
		} else {
			g.x.Warnf("Dial: invalid time in S(%s)", v)
		}
	}
	if v, ok := g.opts.Get('L'); ok {
		ms, _, _ := strings.Cut(v, ":")
		if n, err := strconv.ParseInt(strings.TrimSpace(ms), 10, 64); err == nil && n > 0 {
			if l := time.Duration(n) * time.Millisecond; limit == 0 || l < limit {
				limit = l
			}
		} else {
			g.x.Warnf("Dial: Dial does not accept L(%s), hanging up.", v)
		}
	}
	return limit
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
// the dialplan when the caller has gone: by its own order, since nobody could give it
// another one before it had ended.
func (g *dialling) stays(b *call.Bridge, ear call.Ear) call.Order {
	target, ok := g.opts.Get('F')
	if !ok {
		return b.OrderWith(ear)
	}
	to := g.x.Place()
	to.Priority++
	if target != "" {
		var err error
		if to, err = g.x.Target(strings.ReplaceAll(target, "^", ",")); err != nil {
			g.x.Warnf("Dial: F(%s): %v", target, err)
			return b.OrderWith(ear)
		}
	}
	caller, on := g.ch, g.x.PBX().Run(to.Context, to.Exten, to.Priority)
	return func(ctx context.Context, ch *call.Channel) call.Order {
		err := b.Stay(ctx, ch, ear)
		switch {
		case !errors.Is(err, call.ErrLeft):
		case caller.IsGone():
			return on
		case ch.Cause() == call.CauseNone:
			ch.SetCause(call.CauseNormalClearing)
		}
		return nil
	}
}

// subroutine runs option U or M on the called channel. False means that its
// result (GOSUB_RESULT, MACRO_RESULT) ends the call.
func (g *dialling) subroutine(ctx context.Context, peer *call.Channel) bool {
	place, args, result := call.Place{Exten: "s", Priority: 1}, []string(nil), "GOSUB_RESULT"
	if v, ok := g.opts.Get('U'); ok {
		args = strings.Split(v, "^")
		place.Context = args[0]
	} else if v, ok := g.opts.Get('M'); ok {
		args = strings.Split(v, "^")
		place.Context, result = "macro-"+args[0], "MACRO_RESULT"
	} else {
		return true
	}
	done := make(chan struct{})
	order := g.x.PBX().Subroutine(place, args[1:], func() { close(done) })
	if err := peer.Do(order); err != nil {
		return true
	}
	select {
	case <-done:
	case <-ctx.Done():
		peer.Hangup(call.CauseNormalClearing)
		return false
	}
	return g.heed(peer, result)
}

// heed follows what the subroutine left in its result variable: true when the
// two are to be connected.
func (g *dialling) heed(peer *call.Channel, name string) bool {
	result, _ := peer.Vars.Get(name)
	target, jump := strings.CutPrefix(result, "GOTO:")
	switch {
	case jump:
		if err := g.x.Goto(strings.ReplaceAll(target, "^", ",")); err != nil {
			g.x.Warn(err.Error())
		}
	case result == "BUSY", result == "CONGESTION":
		g.x.Set("DIALSTATUS", result)
	case result == "ABORT":
		g.ch.Hangup(call.CauseNormalClearing)
	case result != "CONTINUE":
		return true
	}
	peer.Hangup(call.CauseNormalClearing)
	return false
}

// sendKeys is option D.
func (g *dialling) sendKeys(peer *call.Channel) {
	v, ok := g.opts.Get('D')
	if !ok {
		return
	}
	called, calling, _ := strings.Cut(v, ":")
	for leg, keys := range map[*call.Channel]string{peer: called, g.ch: calling} {
		for i := range len(keys) {
			if err := leg.Leg().Indicate(call.Digit{Key: keys[i], Duration: 100 * time.Millisecond}); err != nil {
				g.x.Warnf("Dial: the key %c could not be sent to %s: %v", keys[i], leg.Name(), err)
				break
			}
		}
	}
}

// announce has a channel hear a sound to its end. The caller's goroutine plays it:
// keys of the called party are not read.
func announce(ctx context.Context, d *Deps, peer *call.Channel, name string) error {
	src, err := d.Voice.Sounds.Open(name, peer.Language(), peer.Leg().Formats())
	if err != nil {
		return err
	}
	defer src.Close()
	m := peer.Media()
	if m == nil {
		return fmt.Errorf("%s carries no sound to play %s to", peer.Name(), name)
	}
	return m.Play(ctx, src)
}
