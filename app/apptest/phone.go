package apptest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/media/sound"
)

// Script is what a phone does that is dialled.
type Script struct {
	Refuse call.Cause // CauseNone: it takes calls
	Events []Event
}

// Event is something that a phone does some time after it was called.
type Event struct {
	At time.Duration
	call.Event
}

// Phone is a leg that writes down what it is told.
type Phone struct {
	Identity call.Identity // that it was called with
	Vars     map[string]string
	Sound    *Ear // nil: it has none
	FailText bool

	mu   sync.Mutex
	told []string
}

func (p *Phone) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, fmt.Sprintf(format, args...))
}

// Heard is what the phone was told, in order: "ring answer digit:1 joined hangup:16".
func (p *Phone) Heard() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.told, " ")
}

// Ring is told.
func (p *Phone) Ring() error { p.say("ring"); return nil }

// Progress is told.
func (p *Phone) Progress([]media.Format) error { p.say("progress"); return nil }

// Answer is told.
func (p *Phone) Answer([]media.Format) error { p.say("answer"); return nil }

// Hangup is told, with its cause.
func (p *Phone) Hangup(c call.Cause) { p.say("hangup:%d", int(c)) }

// Formats is µ-law alone.
func (p *Phone) Formats() []media.Format { return []media.Format{media.Ulaw} }

// Media is the phone's sound.
func (p *Phone) Media() call.Media {
	if p.Sound == nil {
		return nil
	}
	return p.Sound
}

// Indicate is told, in a word of its own for each thing.
func (p *Phone) Indicate(i call.Indication) error {
	switch x := i.(type) {
	case call.Digit:
		p.say("digit:%c", x.Key)
	case call.Text:
		if p.FailText {
			return errors.New("the phone takes no texts")
		}
		p.say("text:%s:%s", x.ContentType, x.Body)
	case call.Tone:
		p.say("tone:%d", int(x.Cause))
	default:
		p.say("%T", i)
	}
	return nil
}

// Ear is a phone's sound.
type Ear struct {
	// Source is what the phone says once somebody listens; nil: silence.
	Source media.Source

	p *Phone
}

// NewPhone makes a phone with sound.
func NewPhone() *Phone {
	p := &Phone{}
	p.Sound = &Ear{p: p}
	return p
}

// Join is told.
func (e *Ear) Join(call.Media) error { e.p.say("joined"); return nil }

// Part is told.
func (e *Ear) Part() { e.p.say("parted") }

// Echo is told.
func (e *Ear) Echo(on bool) { e.p.say("echo:%v", on) }

// Digit is nothing: keys are told by Indicate.
func (e *Ear) Digit(call.Digit) error { return nil }

// Play takes as long as the source is, at most an hour; that of the house's own
// sounds, a second.
func (e *Ear) Play(ctx context.Context, src media.Source) error {
	t := time.NewTimer(length(src))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// length is how long a source plays; for ever is an hour.
func length(src media.Source) time.Duration {
	if e, ok := src.(interface{ Endless() bool }); ok && e.Endless() {
		return time.Hour
	}
	frame := make([]int16, src.Rate())
	n := 0
	for n < src.Rate()*3600 {
		k, err := src.Read(frame)
		if n += k; err != nil {
			break
		}
	}
	return max(time.Duration(n)*time.Second/time.Duration(src.Rate()), 1)
}

// Hear hands f what Source says, and silence for what the phone hears.
func (e *Ear) Hear(rate int, f func(in, out []int16)) (stop func(), err error) {
	if e.Source == nil {
		return e.hear(rate, nil, f), nil
	}
	says, err := sound.Resample(e.Source, rate)
	if err != nil {
		return nil, err
	}
	return e.hear(rate, says, f), nil
}

func (e *Ear) hear(rate int, says media.Source, f func(in, out []int16)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(media.Frame)
		defer tick.Stop()
		in, out := make([]int16, rate/50), make([]int16, rate/50)
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			clear(in)
			for n := 0; says != nil && n < len(in); {
				k, err := says.Read(in[n:])
				if n += k; err != nil {
					says = nil
				}
			}
			f(in, out)
		}
	}()
	return func() { cancel(); <-done }
}
