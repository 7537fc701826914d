package dial

import (
	"context"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/event"
	"obelus/pbx"
)

func dial(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "Dial",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			return runDial(ctx, x, d, expand.Args(data, 4))
		},
		Check: checkDial,
	}
}

// dialling is one Dial under way. It belongs to the caller's goroutine.
type dialling struct {
	d     *Deps
	x     *pbx.Exec
	ch    *call.Channel
	opts  pbx.Options
	limit limit
	box   *call.Mailbox
	out   map[*call.Channel]string // who rings, and the dial string that called it

	asked      int // destinations, and further phones of one
	forwards   int // how often a phone has sent the call elsewhere
	busy       int
	congested  int
	unavail    int
	entertains func() // ends what the caller hears instead of the early sound, nil where it hears nothing of ours
	ringing    bool   // the caller hears ringing
	early      *call.Channel
	began      time.Time
	rang       time.Time
	progressed time.Time
	cause      call.Cause // why the last one failed
	lastReason string
	elsewhere  bool // whoever rings is told that the call was taken elsewhere, whatever ends it
	waits      waits
}

// results are the variables that each Dial sets anew.
func results() []string {
	return []string{
		"DIALEDPEERNUMBER", "DIALEDPEERNAME", "DIALEDTIME", "ANSWEREDTIME", "DIALEDTIME_MS", "ANSWEREDTIME_MS", "RINGTIME", "RINGTIME_MS", "PROGRESSTIME",
		"PROGRESSTIME_MS", "DIALSTATUS", "BRIDGEPEER",
	}
}

// runDial is Dial with its arguments: destinations, timeout, options, URL.
func runDial(ctx context.Context, x *pbx.Exec, d *Deps, args []string) error {
	destinations := splitDestinations(expand.Arg(args, 0))
	for _, name := range results() {
		x.Set(name, "")
	}
	invalid := func(why string) error {
		x.Set("DIALSTATUS", "INVALIDARGS")
		x.Warn(why)
		return pbx.ErrHangup
	}
	if len(destinations) == 0 {
		return invalid("Dial requires an argument (technology/resource)")
	}
	opts, err := pbx.ParseOptions(expand.Arg(args, 2), dialOptions+dialHeard)
	if err != nil {
		return invalid("Dial: " + err.Error())
	}
	g := &dialling{d: d, x: x, ch: x.Channel(), opts: opts, box: call.NewMailbox(), out: make(map[*call.Channel]string), began: time.Now()}
	if g.limit, err = readLimit(x, opts); err != nil {
		return invalid(err.Error())
	}
	g.waits = readWaits(x, expand.Arg(args, 1))
	g.elsewhere = opts.Has('c')
	if opts.Has('C') && d.Records != nil {
		d.Records.Reset(g.ch, false)
	}
	screen, status, err := g.privacy(ctx)
	if err != nil {
		return err
	}
	if status != "" {
		x.Set("DIALSTATUS", status)
		return nil
	}
	if err := g.preDial(ctx); err != nil {
		return err
	}
	return g.run(ctx, destinations, screen)
}

func (g *dialling) run(ctx context.Context, destinations []string, s *screening) error {
	stop := g.ch.Listen(g.box)
	g.call(ctx, destinations, call.Party{})
	var winner *call.Channel
	status := "CHANUNAVAIL"
	if len(g.out) > 0 {
		g.entertain()
		winner, status = g.wait(ctx)
	} else {
		status = g.verdict()
	}
	if g.entertains != nil {
		g.entertains()
	}
	stop()
	g.ch.Behind(nil) // it rings no more
	if winner == nil {
		g.giveUp(status)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return nil
	}
	return g.answered(ctx, winner, s)
}

// verdict is DIALSTATUS when nobody is left who could answer.
func (g *dialling) verdict() string {
	switch {
	case g.busy > 0:
		return "BUSY"
	case g.congested > 0:
		return "CONGESTION"
	case g.unavail > 0:
		return "CHANUNAVAIL"
	}
	return "NOANSWER"
}

// giveUp ends a Dial that nobody answered.
func (g *dialling) giveUp(status string) {
	cause := call.CauseNormalClearing
	switch {
	case g.elsewhere:
		cause = call.CauseAnsweredElsewhere
	case status == "NOANSWER":
		cause = call.CauseNoAnswer
	}
	for c, to := range g.out {
		g.ch.DialEnded(c, status)
		c.Hangup(cause)
		event.Publish(g.d.Bus, event.DialEnded{Channel: fact(g.ch), Dialed: c.Name(), Target: to, Status: status})
	}
	g.part()
	g.x.Set("DIALSTATUS", status)
	g.setTimes(time.Time{})
	if g.lastReason == "" {
		g.lastReason = status
	}
	g.ch.Log().Info("a call failed", "from", g.ch.Identity().Caller.Number, "to", g.x.Place().Exten, "status", status, "why", g.lastReason)
	event.Publish(g.d.Bus, event.CallFailed{
		Channel: fact(g.ch), From: g.ch.Identity().Caller.Number, To: g.x.Place().Exten, Cause: int(g.cause),
		Reason: status + ": " + g.lastReason,
	})
}

// part closes the early sound.
func (g *dialling) part() {
	if g.early != nil {
		if m := g.ch.Media(); m != nil {
			m.Part()
		}
	}
}

func (g *dialling) setTimes(answered time.Time) {
	now := time.Now()
	g.setTime("DIALEDTIME", now.Sub(g.began))
	if !g.rang.IsZero() {
		g.setTime("RINGTIME", g.rang.Sub(g.began))
	}
	if !g.progressed.IsZero() {
		g.setTime("PROGRESSTIME", g.progressed.Sub(g.began))
	}
	if !answered.IsZero() {
		g.setTime("ANSWEREDTIME", now.Sub(answered))
	}
}

// setTime sets a time in seconds, and with _MS behind its name in milliseconds.
func (g *dialling) setTime(name string, d time.Duration) {
	g.x.Set(name, strconv.Itoa(int(d.Seconds())))
	g.x.Set(name+"_MS", strconv.FormatInt(d.Milliseconds(), 10))
}

// splitDestinations splits the first argument at its ampersands.
func splitDestinations(s string) []string {
	var out []string
	for _, d := range strings.Split(s, "&") {
		if d = strings.TrimSpace(d); d != "" {
			out = append(out, d)
		}
	}
	return out
}

func fact(c *call.Channel) event.Channel {
	return event.Channel{Name: c.Name(), UniqueID: c.ID(), LinkedID: c.LinkedID()}
}
