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
	key, err := o.forwardChoice(ctx)
	if err != nil || key == '*' {
		return 0, err
	}
	stem := o.folder.Stem(e)
	if stem == "" {
		return o.tell(ctx, "vm-nomore")
	}
	m := *e.Message
	if key == '1' {
		comment, err := o.comment(ctx, stem, &m)
		if err != nil {
			return 0, err
		}
		if comment != "" {
			stem = comment
			defer o.dropScratch(comment)
		}
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

// comment records what is said before a message, and puts both into one recording, whose place it returns; "" where nothing was said.
func (o *owner) comment(ctx context.Context, stem string, m *mailbox.Message) (string, error) {
	said, err := o.Boxes.Scratch(o.box)
	if err != nil {
		return "", err
	}
	defer o.dropScratch(said)
	g := o.general()
	t, err := o.record(ctx, recording{
		stem: said, longest: o.box.Longest, maxSilence: g.MaxSilence, level: g.SilenceLevel, gain: o.gain, accept: "#", beep: "beep", prompts: []string{"vm-record-prepend"},
	})
	if err != nil || t.length == 0 {
		return "", err
	}
	both, err := o.Boxes.Scratch(o.box)
	if err != nil {
		return "", err
	}
	if err := o.splice(both, said, stem); err != nil {
		o.dropScratch(both)
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
