package dial

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
	"obelus/prompt/say"
)

// limit is how long two may talk, and what they are told of it: options S and L.
type limit struct {
	whole   time.Duration // 0: as long as they like
	warn    time.Duration // before the end; 0: no warning
	again   time.Duration // between warnings; 0: one is enough
	warning string        // sound; timeleft says how much is left
	ending  string
	begin   string
	caller  bool // who is told
	callee  bool
}

// errLimit is an option that is no limit.
type errLimit string

func (e errLimit) Error() string { return "Dial does not accept " + string(e) }

var errTimeOver = errors.New("the time that Dial allows is over")

// readLimit reads options S(seconds) and L(milliseconds[:warning[:repeat]]), with the variables LIMIT_....
func readLimit(x *pbx.Exec, o pbx.Options) (l limit, err error) {
	if v, ok := o.Get('S'); ok {
		s, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil || s <= 0 || s > 1e9 {
			return l, errLimit("S(" + v + ")")
		}
		l.whole = time.Duration(s * float64(time.Second))
	}
	v, ok := o.Get('L')
	if !ok {
		return l, nil
	}
	parts := append(strings.SplitN(v, ":", 3), "", "")
	whole, err := milliseconds(parts[0])
	if err != nil || whole == 0 {
		return l, errLimit("L(" + v + "), hanging up.")
	}
	if l.whole == 0 || whole < l.whole {
		l.whole = whole
	}
	if l.warn, err = milliseconds(parts[1]); err == nil {
		l.again, err = milliseconds(parts[2])
	}
	if err != nil {
		return l, errLimit("L(" + v + "), hanging up.")
	}
	for l.warn > l.whole { // the first warning is one that comes within the call
		if l.warn -= l.again; l.again == 0 || l.warn < 0 {
			l.warn = 0
		}
	}
	l.caller, l.callee = wanted(x, "LIMIT_PLAYAUDIO_CALLER", true), wanted(x, "LIMIT_PLAYAUDIO_CALLEE", false)
	if !l.caller && !l.callee {
		l.caller = true
	}
	if l.warning = x.Get("LIMIT_WARNING_FILE"); l.warning == "" {
		l.warning = "timeleft"
	}
	l.ending, l.begin = x.Get("LIMIT_TIMEOUT_FILE"), x.Get("LIMIT_CONNECT_FILE")
	return l, nil
}

func milliseconds(s string) (time.Duration, error) {
	if s = strings.TrimSpace(s); s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 40)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is no number of milliseconds", s)
	}
	return time.Duration(n) * time.Millisecond, nil
}

func wanted(x *pbx.Exec, name string, otherwise bool) bool {
	switch strings.ToLower(strings.TrimSpace(x.Get(name))) {
	case "":
		return otherwise
	case "yes", "true", "y", "t", "1", "on":
		return true
	}
	return false
}

// run is ctx until the time is over; the parties are told what is left of it meanwhile. done ends that.
func (l *limit) run(ctx context.Context, g *dialling, peer *call.Channel) (within context.Context, done func()) {
	if l.whole == 0 {
		return ctx, func() {}
	}
	within, cancel := context.WithCancelCause(ctx)
	var who []*call.Channel
	if l.caller {
		who = append(who, g.ch)
	}
	if l.callee {
		who = append(who, peer)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.tell(within, g.d, who)
		cancel(errTimeOver)
	}()
	return within, func() { cancel(context.Canceled); <-ended }
}

// tell returns when the time is over, or ctx has ended.
func (l *limit) tell(ctx context.Context, d *Deps, who []*call.Channel) {
	end := time.Now().Add(l.whole)
	talking, cancel := context.WithDeadline(ctx, end) // what is said makes no call longer
	defer cancel()
	if l.begin != "" {
		playAll(talking, d, who, l.begin)
	}
	for left := l.warn; left > 0; left -= l.again {
		if !until(ctx, end.Add(-left)) {
			return
		}
		playAll(talking, d, who, l.warningOf(left)...)
		if l.again == 0 {
			break
		}
	}
	if until(ctx, end) && l.ending != "" {
		playAll(ctx, d, who, l.ending)
	}
}

// warningOf is what is said with so much left.
func (l *limit) warningOf(left time.Duration) []string {
	if l.warning != "timeleft" {
		return []string{l.warning}
	}
	names := []string{"vm-youhave"}
	if m := int64(left / time.Minute); m > 0 {
		names = append(append(names, say.Number("en", m, "")...), "queue-minutes")
	}
	if s := int64(left % time.Minute / time.Second); s > 0 {
		names = append(append(names, say.Number("en", s, "")...), "queue-seconds")
	}
	return names
}

// until waits for a moment; false when ctx ends first.
func until(ctx context.Context, at time.Time) bool {
	d := time.Until(at)
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
