package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/media"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/record"
)

func amd(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "AMD",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			a := analysis{AMD: k.settings.Load().AMD, inWord: true, initial: true}
			a.arguments(data)
			x.Verbose(3, fmt.Sprintf("AMD: initialSilence [%d] greeting [%d] afterGreetingSilence [%d] totalAnalysisTime [%d] minimumWordLength [%d] betweenWordsSilence [%d] maximumNumberOfWords [%d] silenceThreshold [%d] maximumWordLength [%d]",
				a.InitialSilence, a.Greeting, a.AfterGreetingSilence, a.TotalAnalysisTime, a.MinWordLength, a.BetweenWordsSilence, a.MaxWords, a.SilenceThreshold, a.MaxWordLength))
			x.Set("AMDSTATUS", "")
			x.Set("AMDCAUSE", "")
			stop := k.playBeside(ctx, x, a.PlaybackFile)
			err := heard(ctx, x.Channel(), func(in []int16) bool { return a.frame(in, int(media.Frame/time.Millisecond)) })
			stop()
			if err != nil {
				x.Set("AMDSTATUS", "HANGUP")
				return err
			}
			x.Set("AMDSTATUS", a.status)
			x.Set("AMDCAUSE", a.cause)
			return nil
		},
	}
}

// analysis tells a machine from somebody by how long each talks and is silent: a
// machine says its text at a stretch, somebody says hello and waits. Times are
// milliseconds.
type analysis struct {
	AMD

	total    int
	silent   int  // of the silence now, or that before the words
	word     int  // of the word now
	talked   int  // in all
	words    int  // ended and begun
	inWord   bool // else between words
	initial  bool // nothing has been said yet
	greeting bool // something has

	status, cause string
}

// arguments takes what the dialplan says over what amd.conf says.
func (a *analysis) arguments(data string) {
	args := expand.Args(data, 10)
	for i, at := range []*int{
		&a.InitialSilence, &a.AMD.Greeting, &a.AfterGreetingSilence, &a.TotalAnalysisTime, &a.MinWordLength,
		&a.BetweenWordsSilence, &a.MaxWords, &a.SilenceThreshold, &a.MaxWordLength,
	} {
		*at = number(expand.Arg(args, i), *at)
	}
	if name := expand.Arg(args, 9); name != "" {
		a.PlaybackFile = name
	}
}

// frame takes a frame of so many milliseconds; true when it is known who speaks.
func (a *analysis) frame(in []int16, ms int) bool {
	if a.total += ms; a.total >= a.TotalAnalysisTime {
		return a.says("NOTSURE", "TOOLONG-%d", a.total)
	}
	if record.Loudness(in) < a.SilenceThreshold {
		return a.silence(ms)
	}
	return a.talk(ms)
}

func (a *analysis) says(status, cause string, args ...any) bool {
	a.status, a.cause = status, fmt.Sprintf(cause, args...)
	return true
}

func (a *analysis) silence(ms int) bool {
	a.silent += ms
	if a.silent >= a.BetweenWordsSilence {
		a.inWord, a.word = false, 0
	}
	switch {
	case a.initial && a.silent >= a.InitialSilence:
		return a.says("MACHINE", "INITIALSILENCE-%d-%d", a.silent, a.InitialSilence)
	case a.greeting && a.silent >= a.AfterGreetingSilence:
		return a.says("HUMAN", "HUMAN-%d-%d", a.silent, a.AfterGreetingSilence)
	}
	return false
}

func (a *analysis) talk(ms int) bool {
	a.silent = 0
	a.word += ms
	a.talked += ms
	if a.word >= a.MinWordLength && !a.inWord {
		a.inWord = true
		a.words++
	}
	switch {
	case a.word >= a.MaxWordLength:
		return a.says("MACHINE", "MAXWORDLENGTH-%d", a.word)
	case a.words > a.MaxWords:
		return a.says("MACHINE", "MAXWORDS-%d-%d", a.words, a.MaxWords)
	case a.greeting && a.talked >= a.AMD.Greeting:
		return a.says("MACHINE", "LONGGREETING-%d-%d", a.talked, a.AMD.Greeting)
	}
	if a.word >= a.MinWordLength && !a.greeting {
		a.initial, a.greeting = false, true
	}
	return false
}

// playBeside plays a file while something else goes on, until stop is called.
func (k *Desk) playBeside(ctx context.Context, x *pbx.Exec, name string) (stop func()) {
	m := x.Channel().Media()
	if name == "" || m == nil {
		return func() {}
	}
	src, err := k.deps.Voice.Sounds.Open(name, x.Channel().Language(), x.Channel().Leg().Formats())
	if err != nil {
		x.Warnf("File %s does not exist in any format", name)
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := m.Play(ctx, src); err != nil && ctx.Err() == nil && !errors.Is(err, io.EOF) {
			x.Channel().Log().Warn("Unable to play "+name, "why", err)
		}
	}()
	return func() {
		cancel()
		<-done
		src.Close()
	}
}

func backgroundDetect(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "BackgroundDetect",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 5)
			if expand.Arg(args, 0) == "" {
				x.Warn("BackgroundDetect requires an argument (filename)")
				return pbx.ErrHangup
			}
			d := &detection{
				silence: milliseconds(expand.Arg(args, 1), time.Second), least: milliseconds(expand.Arg(args, 2), 100*time.Millisecond),
				most: milliseconds(expand.Arg(args, 3), time.Hour), analysis: milliseconds(expand.Arg(args, 4), time.Hour),
				meter: record.Meter{Threshold: k.settings.Load().SilenceThreshold},
			}
			if err := x.Channel().Answer(nil); err != nil {
				return err
			}
			return d.run(ctx, k, x, args[0])
		},
	}
}

// detection finds somebody who talks for some time while a file plays, and stops.
type detection struct {
	silence, least, most, analysis time.Duration

	meter  record.Meter
	talked time.Duration // without a silence as long as wanted
	took   time.Duration
}

// frame is true when somebody has talked for a time within the bounds.
func (d *detection) frame(in []int16) bool {
	if d.took += media.Frame; d.took > d.analysis {
		return false
	}
	if !d.meter.Hear(in, media.Frame) {
		d.talked += media.Frame
		return false
	}
	if d.meter.Silent < d.silence || d.talked == 0 {
		return false
	}
	if d.talked >= d.least && d.talked <= d.most {
		return true
	}
	d.talked = 0
	return false
}

func (d *detection) run(ctx context.Context, k *Desk, x *pbx.Exec, name string) error {
	ch := x.Channel()
	playing, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	found := make(chan struct{})
	go func() {
		defer close(found)
		if heard(playing, ch, d.frame) == nil {
			cancel(errTalk)
		}
	}()
	key, err := k.deps.Voice.Play(playing, ch, dialable(x), name)
	cancel(nil)
	<-found
	switch {
	case errors.Is(context.Cause(playing), errTalk) && ctx.Err() == nil:
		x.Set("TALK_DETECTED", fmt.Sprint(int(d.talked/time.Millisecond)))
		if to := (call.Place{Context: x.Place().Context, Exten: "talk", Priority: 1}); x.Find(to) != nil {
			x.Jump(to)
		}
		return nil
	case key != 0:
		return &pbx.Dialled{Digits: string(key)}
	case ctx.Err() != nil:
		return err
	}
	return nil
}

// dialable is the keys with which an extension of the context begins.
func dialable(x *pbx.Exec) (keys string) {
	for _, key := range prompt.AnyKey {
		if x.Plan().CanMatch(x.Place().Context, string(key), x.CallerNumber(), x.Now()) {
			keys += string(key)
		}
	}
	return keys
}

var errTalk = errors.New("somebody talks")
