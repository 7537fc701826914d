package voicemail

import (
	"context"
	"errors"
	"strings"
	"time"

	"obelus/voicemail/mailbox"
)

// forward sends the message that was heard last on to other mailboxes.
func (o *owner) forward(ctx context.Context) (byte, error) {
	e := o.entry()
	if e == nil {
		return 0, nil
	}
	to, err := o.recipients(ctx, true)
	if err != nil || len(to) == 0 {
		return 0, err
	}
	m := *e.Message
	stem, comment, err := o.forwarded(ctx, e, &m)
	if comment {
		defer o.dropScratch(stem)
	}
	if err != nil || stem == "" {
		return 0, err
	}
	sent := 0
	for _, b := range to {
		if err := o.Boxes.Forward(b, stem, &m, o.box); err != nil {
			o.ch.Log().Warn("a message was not forwarded", "to", b.ID(), "why", err)
			continue
		}
		sent++
	}
	if sent < len(to) {
		return o.tell(ctx, "vm-mailboxfull")
	}
	return o.tell(ctx, "vm-msgforwarded")
}

// forwarded asks what is forwarded: the message as it is, or with something said before it, which is a recording of its own then. "" for nothing.
func (o *owner) forwarded(ctx context.Context, e *mailbox.Entry, m *mailbox.Message) (stem string, comment bool, err error) {
	for range 4 {
		key, err := o.forwardChoice(ctx)
		if err != nil || key == '*' {
			return "", false, err
		}
		if stem = o.folder.Stem(e); stem == "" {
			_, err = o.tell(ctx, "vm-nomore")
			return "", false, err
		}
		if key == '2' {
			return stem, false, nil
		}
		both, err := o.comment(ctx, stem, m)
		if both != "" || err != nil {
			return both, both != "", err
		}
	}
	return "", false, nil
}

func (o *owner) dropScratch(stem string) {
	if err := o.removeSound(stem); err != nil {
		o.x.Warnf("a recording can't be removed: %v", err)
	}
}

// forwardChoice asks whether something is to be said before the message: 1 for yes, 2 for no, * to give up.
func (o *owner) forwardChoice(ctx context.Context) (byte, error) {
	for range 4 {
		key, err := o.tell(ctx, "vm-forwardoptions", "vm-starmain")
		if key == 0 && err == nil {
			key, err = o.key(ctx, menuKey)
		}
		if err != nil || key == '1' || key == '2' || key == '*' {
			return key, err
		}
	}
	return '*', nil
}

// comment records what is said before a message, in a recording of both, whose place it returns; "" where it came to nothing.
func (o *owner) comment(ctx context.Context, stem string, m *mailbox.Message) (string, error) {
	both, err := o.Boxes.Scratch(o.box)
	if err != nil {
		return "", err
	}
	g := o.general()
	var t taken
	if err = o.copySound(stem, both); err == nil {
		t, err = o.record(ctx, recording{
			stem: both, longest: o.box.Longest, maxSilence: g.MaxSilence, level: g.SilenceLevel, gain: o.gain, accept: "#", beep: "beep", prompts: []string{"vm-record-prepend"}, prepend: true,
		})
	}
	if err != nil || t.key == 's' || t.length == 0 { // only the key ends it well, as with the original
		o.dropScratch(both)
		if err == nil {
			_, err = o.play(ctx, "", g.Prompts.TryAgain, g.Prompts.PrependTimeout)
		}
		return "", err
	}
	m.Duration += t.length.Round(time.Second)
	return both, nil
}

// send leaves a message for other mailboxes.
func (o *owner) send(ctx context.Context) (byte, error) {
	to, err := o.recipients(ctx, false)
	if err != nil || len(to) == 0 {
		return 0, err
	}
	var names []string
	for _, b := range to {
		names = append(names, b.ID())
	}
	return o.leaveFor(ctx, strings.Join(names, "&"))
}

// recipients asks for mailboxes, several with * between them, and says whose they are. others leaves out one's own.
func (o *owner) recipients(ctx context.Context, others bool) ([]*mailbox.Box, error) {
	for range 3 {
		typed, err := o.whom(ctx)
		if err != nil || typed == "*" {
			return nil, err
		}
		if typed == "" {
			continue
		}
		to, sounds := o.boxes(typed, others)
		if to != nil {
			_, err := o.tell(ctx, sounds...)
			return to, err
		}
		if _, err := o.play(ctx, "", "pbx-invalid"); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// boxes finds the mailboxes that were typed, and how their owners are called; nil where one does not exist.
func (o *owner) boxes(typed string, others bool) (to []*mailbox.Box, sounds []string) {
	for name := range strings.SplitSeq(typed, "*") {
		b := o.Boxes.Find(name + "@" + o.box.Context)
		if b == nil || others && b == o.box {
			o.ch.Log().Info("'" + name + "' is not a valid mailbox")
			return nil, nil
		}
		to = append(to, b)
		sounds = append(sounds, o.nameOf(b)...)
	}
	return to, sounds
}

// whom asks for an extension, or finds one in the directory where usedirectory=yes. "*" gives up.
func (o *owner) whom(ctx context.Context) (string, error) {
	if !o.general().UseDirectory {
		return o.typed(ctx, 0, "vm-extension")
	}
	for range 4 {
		key, err := o.tell(ctx, "vm-forward")
		if key == 0 && err == nil {
			key, err = o.key(ctx, 3*time.Second)
		}
		switch {
		case err != nil:
			return "", err
		case key == '1':
			return o.typed(ctx, 0, "vm-extension")
		case key == '2':
			s := search{line: o.line, context: o.box.Context, letters: 3, last: true}
			b, err := s.run(ctx)
			if errors.Is(err, errNobody) || b == nil && err == nil {
				return "", nil
			}
			if err != nil {
				return "", err
			}
			return b.Name, nil
		case key == '*':
			return "*", nil
		}
	}
	return "*", nil
}
