package features

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/pbx"
	"obelus/prompt"
)

// Deps are what a desk reaches the world by.
type Deps struct {
	Dialers call.Dialers
	Voice   *prompt.Voice
}

// Desk is where features begin. Its methods may be called from any goroutine.
type Desk struct {
	dialers call.Dialers
	voice   *prompt.Voice
	config  atomic.Pointer[Config]

	mu  sync.Mutex
	own map[*call.Channel]*Config // what FEATURE() and FEATUREMAP() have changed
}

// New makes a desk with the original's settings.
func New(d Deps) *Desk {
	k := &Desk{dialers: d.Dialers, voice: d.Voice, own: make(map[*call.Channel]*Config)}
	k.config.Store(Defaults())
	return k
}

// Load has the desk work by c from now on.
func (d *Desk) Load(c *Config) { d.config.Store(c) }

// Config is what the desk works by.
func (d *Desk) Config() *Config { return d.config.Load() }

// of is the configuration of a channel.
func (d *Desk) of(ch *call.Channel) *Config {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.own[ch]; c != nil {
		return c
	}
	return d.config.Load()
}

// HangUpKeys are what ends a call: the original's disconnect.
func (d *Desk) HangUpKeys(ch *call.Channel) string { return d.of(ch).Map["disconnect"] }

// change lets change edit the channel's own configuration.
func (d *Desk) change(ch *call.Channel, change func(c *Config) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.own[ch]
	if c == nil {
		c = d.config.Load()
	}
	c = c.clone() // whoever has it keeps what it has
	if err := change(c); err != nil {
		return err
	}
	if d.own[ch] == nil {
		ch.AtEnd(func() { d.forget(ch) })
	}
	d.own[ch] = c
	return nil
}

func (d *Desk) forget(ch *call.Channel) {
	d.mu.Lock()
	delete(d.own, ch)
	d.mu.Unlock()
}

// Inherit has a dialled channel work by what the dialling one has changed, if that wants it: FEATURE(inherit).
func (d *Desk) Inherit(from, to *call.Channel) {
	if v, _ := from.Vars.Get(inheritVar); v != "1" {
		return
	}
	d.mu.Lock()
	c := d.own[from]
	if c != nil {
		d.own[to] = c
	}
	d.mu.Unlock()
	if c != nil {
		to.AtEnd(func() { d.forget(to) })
	}
}

// inheritVar holds FEATURE(inherit); no dialplan can write its name.
const inheritVar = "FEATURE(inherit)"

// aside takes a party out of its bridge for a while, and has the other hear music. back brings it back.
func (d *Desk) aside(b *call.Bridge, ch *call.Channel, class string) (back func()) {
	b.Away(ch)
	stop := d.hold(b.Other(ch), class)
	return func() {
		stop()
		b.Back(ch)
	}
}

// hold has somebody hear music, where there is any, as if the other party had put it on hold.
func (d *Desk) hold(ch *call.Channel, class string) (stop func()) {
	if ch == nil {
		return func() {}
	}
	ch.Hold(class)
	indicate(ch, call.Hold{Class: class})
	return func() {
		ch.Unhold()
		indicate(ch, call.Unhold{})
	}
}

func indicate(ch *call.Channel, what call.Indication) {
	if err := ch.Leg().Indicate(what); err != nil {
		ch.Log().Debug("a phone could not be told of hold", "why", err)
	}
}

// play plays a sound, "" for none, to a channel by its own goroutine.
func (d *Desk) play(ctx context.Context, ch *call.Channel, name string) error {
	if name == "" {
		return nil
	}
	if _, err := d.voice.Play(ctx, ch, "", name); err != nil && !errors.Is(err, prompt.ErrMissing) {
		return err
	}
	return nil
}

// ring has a channel hear that somebody's phone rings, until stop is called.
func ring(ch *call.Channel) (stop func()) {
	src := ch.Registry().Tone(ch, "ring")
	if src == nil {
		return func() {}
	}
	return sounding(ch, src)
}

// sounding has a channel hear something while its goroutine does something else.
func sounding(ch *call.Channel, src media.Source) (stop func()) {
	m := ch.Media()
	if m == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ch.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := m.Play(ctx, src); err != nil && ctx.Err() == nil {
			ch.Log().Debug("a tone could not be played", "why", err)
		}
	}()
	return func() { cancel(); <-done }
}

// ContextOf is where whoever transfers dials.
func ContextOf(p *pbx.PBX, ch *call.Channel) string {
	for _, name := range []string{"TRANSFER_CONTEXT", "MACRO_CONTEXT"} {
		if v, _ := ch.Vars.Get(name); v != "" {
			return v
		}
		if v, _ := p.Globals.Get(name); v != "" {
			return v
		}
	}
	for _, c := range []string{ch.Place().Context, ch.Dialled().Context} {
		if c != "" {
			return c
		}
	}
	return "default"
}

// whom asks a party whom to transfer to. ok is false where it has not said so.
func (d *Desk) whom(ctx context.Context, p *pbx.PBX, ch *call.Channel) (exten, where string, ok bool) {
	c := d.of(ch)
	where = ContextOf(p, ch)
	for attempt := 1; ; attempt++ {
		exten, err := d.dialled(ctx, p, ch, c, where)
		if err != nil {
			return "", "", false
		}
		if exten != "" && p.Exists(where, exten, ch.Identity().Caller.Number) {
			return exten, where, true
		}
		if exten == "" {
			ch.Log().Info("a transfer: no digits were dialled")
		} else {
			ch.Log().Info("a transfer: there is no such extension", "extension", exten, "context", where)
		}
		if attempt >= c.DialAttempts {
			d.play(ctx, ch, c.InvalidSound)
			return "", "", false
		}
		if d.play(ctx, ch, c.RetrySound) != nil {
			return "", "", false
		}
	}
}

// dialled collects digits until they can't become more, # is pressed or nothing comes.
func (d *Desk) dialled(ctx context.Context, p *pbx.PBX, ch *call.Channel, c *Config, where string) (string, error) {
	caller := ch.Identity().Caller.Number
	key, err := d.voice.Play(ctx, ch, prompt.AnyKey, c.AnnounceSound)
	if err != nil && !errors.Is(err, prompt.ErrMissing) {
		return "", err
	}
	var exten strings.Builder
	for {
		if key == 0 {
			stop := func() {}
			if exten.Len() == 0 {
				if src := ch.Registry().Tone(ch, "dial"); src != nil {
					stop = sounding(ch, src)
				}
			}
			key, err = prompt.Key(ctx, ch, max(c.TransferDigitTimeout, time.Millisecond))
			stop()
			if err != nil {
				return "", err
			}
		}
		if key == 0 || key == '#' {
			return exten.String(), nil
		}
		exten.WriteByte(key)
		if !p.MatchMore(where, exten.String(), caller) {
			return exten.String(), nil
		}
		key = 0
	}
}
