package voicemail

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"obelus/prompt"
	"obelus/prompt/say"
	"obelus/voicemail/mailbox"
)

// hear plays a message with what there is to say about it, and returns the key that ended it.
func (o *owner) hear(ctx context.Context) (byte, error) {
	o.starting = false
	e := o.entry()
	if e == nil {
		return o.tell(ctx, "vm-nomore")
	}
	key, err := o.tell(ctx, o.about(e)...)
	if key == '1' { // it only skips what is said
		key = 0
	}
	if key != 0 || err != nil {
		return key, err
	}
	stem := o.folder.Stem(e)
	if stem == "" {
		return o.tell(ctx, "vm-nomore")
	}
	e.Heard = true
	if o.there(stem + "intro") { // what somebody said who forwarded it
		if key, err := o.controlled(ctx, stem+"intro"); key != 0 || err != nil {
			return key, err
		}
	}
	return o.controlled(ctx, stem)
}

// about is what is said of a message before it is played.
func (o *owner) about(e *mailbox.Entry) []string {
	var sounds []string
	switch o.current {
	case 0:
		sounds = append(sounds, "vm-first")
	case o.last():
		sounds = append(sounds, "vm-last")
	}
	if e.Message.Urgent() {
		sounds = append(sounds, "vm-Urgent")
	}
	sounds = append(sounds, "vm-message")
	if o.current != 0 && o.current != o.last() {
		sounds = append(sounds, o.number(o.current+1)...)
	}
	if e.Message.Category != "" && o.there(e.Message.Category) {
		sounds = append(sounds, e.Message.Category)
	}
	if o.box.Envelope {
		sounds = append(sounds, o.date(e.Message)...)
	}
	if o.box.SayCID {
		sounds = append(sounds, o.caller(e.Message, false)...)
	}
	if minutes := int(e.Message.Duration.Minutes()); o.box.SayDuration && minutes >= max(o.box.SayDurationMin, 1) {
		sounds = append(append(append(sounds, "vm-duration"), o.number(minutes)...), "vm-minutes")
	}
	return sounds
}

// date says when a message came, in the owner's zone and in its form.
func (o *owner) date(m *mailbox.Message) []string {
	format := "'vm-received' q 'digits/at' IMp"
	if z, ok := o.Boxes.Settings().Zone(o.box.TZ); ok {
		format = z.Format
	}
	return say.Time(o.ch.Language(), m.At.In(o.box.Location()), format)
}

// caller says who left a message: by his recorded name or his extension where the call came from within the house, else by his number. bare leaves out the
// word from.
func (o *owner) caller(m *mailbox.Message, bare bool) []string {
	_, num := m.SplitCaller()
	from := func(name string) []string {
		if bare {
			return nil
		}
		return []string{name}
	}
	if num == "" {
		return []string{"vm-unknown-caller"}
	}
	if !slices.Contains(o.general().Internal, m.Context) {
		return append(from("vm-from-phonenumber"), o.digits(num)...)
	}
	if b := o.Boxes.Find(num + "@" + m.Context); b != nil {
		if name := o.greeting(b, "greet"); o.there(name) {
			return append(from("vm-from"), name)
		}
	}
	return append(from("vm-from-extension"), o.digits(num)...)
}

// controlled plays a recording that keys wind and pause; other keys end it and are returned.
func (l *line) controlled(ctx context.Context, stem string) (byte, error) {
	k, skip := l.general().Keys, l.general().Skip
	all := k.Forward + k.Reverse + k.Pause + k.Restart + k.Stop
	for at := time.Duration(0); ; {
		key, played, err := l.playFrom(ctx, stem, at, all)
		if err != nil && ctx.Err() == nil {
			l.x.Warnf("Playback of message %s failed: %v", stem, err)
			return 0, nil
		}
		if key == 0 || err != nil {
			return 0, err
		}
		at += played
		if strings.IndexByte(k.Pause, key) >= 0 {
			if key, err = l.pause(ctx, all); err != nil {
				return 0, err
			}
			if strings.IndexByte(k.Pause, key) >= 0 {
				continue
			}
		}
		switch {
		case strings.IndexByte(k.Forward, key) >= 0:
			at += skip
		case strings.IndexByte(k.Reverse, key) >= 0:
			at = max(at-skip, 0)
		case strings.IndexByte(k.Restart, key) >= 0:
			at = 0
		default:
			return key, nil
		}
	}
}

// pause waits for the key that ends a pause.
func (l *line) pause(ctx context.Context, keys string) (byte, error) {
	for {
		key, err := l.key(ctx, time.Hour)
		if err != nil || key != 0 && strings.IndexByte(keys, key) >= 0 {
			return key, err
		}
	}
}

// playFrom plays a sound from somewhere on; played is how far it came from there.
func (l *line) playFrom(ctx context.Context, name string, at time.Duration, keys string) (key byte, played time.Duration, err error) {
	src, err := l.Voice.Sounds.Open(name, l.ch.Language(), l.ch.Leg().Formats())
	if err != nil {
		return 0, 0, err
	}
	defer src.Close()
	if err := prompt.Wind(src, at); errors.Is(err, io.EOF) {
		return 0, 0, nil
	} else if err != nil {
		return 0, 0, err
	}
	c := &prompt.Counted{Source: src}
	key, err = prompt.PlaySource(ctx, l.ch, keys, c)
	return key, c.Length(), err
}
