package voicemail

import (
	"context"
	"errors"

	"obelus/voicemail/mailbox"
)

// instructions are the main menu, said until a key is pressed, at most three times. full says more, for those who ask for help.
func (o *owner) instructions(ctx context.Context, full bool) (byte, error) {
	for {
		key, err := o.tell(ctx, o.choices(full)...)
		if key == 0 && err == nil {
			key, err = o.key(ctx, menuKey)
		}
		if key != 0 || err != nil {
			o.repeats = 0
			return key, err
		}
		if o.repeats++; o.repeats > 2 {
			return timedOut, nil
		}
	}
}

// choices are the prompts of the main menu.
func (o *owner) choices(full bool) []string {
	var sounds []string
	add := func(yes bool, names ...string) {
		if yes {
			sounds = append(sounds, names...)
		}
	}
	one, opts := "vm-onefor", "vm-opts"
	if full {
		one, opts = "vm-onefor-full", "vm-opts-full"
	}
	wraps := o.box.MessageWrap && o.last() > 0
	if o.starting {
		add(o.last() >= 0, append([]string{one}, folderSounds(o.folder.Number)...)...)
		add(true, opts)
	} else {
		add(full, append([]string{one}, folderSounds(o.folder.Number)...)...)
		add(full, opts)
		add(o.current > 0 || !o.inUrgent() && o.urgent > 0 || wraps, "vm-prev")
		add(!full, "vm-advopts")
		add(true, "vm-repeat")
		add(o.current < o.last() || o.inUrgent() && o.fresh > 0 || wraps, "vm-next")
		if e := o.entry(); e != nil && !o.readOnly {
			add(!e.Deleted, "vm-delete")
			add(e.Deleted, "vm-undelete")
		}
		add(true, "vm-toforward")
		add(!o.readOnly, "vm-savemessage")
	}
	return append(sounds, "vm-helpexit")
}

// folderSounds are the prompts that name a folder: new messages, work messages.
func folderSounds(n int) []string {
	return []string{"vm-" + mailbox.Folders()[n], "vm-messages"}
}

// askFolder asks for a folder; '#' for none. from is the first that is offered.
func (o *owner) askFolder(ctx context.Context, question string, from int) (byte, error) {
	key, err := o.tell(ctx, question)
	for range 4 {
		if err != nil || key >= '0' && key <= '9' || key == '#' {
			return key, err
		}
		sounds := []string{"vm-press"}
		for n := from; n < 5; n++ {
			sounds = append(sounds, o.number(n)...)
			sounds = append(append(sounds, "vm-for"), folderSounds(n)...)
		}
		if key, err = o.tell(ctx, append(sounds, "vm-tocancel")...); key == 0 && err == nil {
			key, err = o.key(ctx, folderKey)
		}
	}
	if err != nil || key >= '0' && key <= '9' {
		return key, err
	}
	return '#', nil
}

func (o *owner) changeFolder(ctx context.Context) (byte, error) {
	key, err := o.askFolder(ctx, "vm-changeto", 0)
	if err != nil {
		return 0, err
	}
	if key != '#' {
		if err := o.open(int(key - '0')); err != nil {
			return 0, err
		}
	}
	o.starting = true
	return o.tell(ctx, folderSounds(o.folder.Number)...)
}

// save moves the message into another folder.
func (o *owner) save(ctx context.Context) (byte, error) {
	e := o.entry()
	if e == nil {
		return 0, nil
	}
	if o.readOnly {
		return o.tell(ctx, "vm-sorry")
	}
	key, err := o.askFolder(ctx, "vm-savefolder", 1)
	if err != nil || key == '#' {
		return 0, err
	}
	folder := int(key - '0')
	if err := o.folder.Move(e, folder); err != nil {
		if !errors.Is(err, mailbox.ErrFull) {
			o.x.Warnf("a message can't be saved: %v", err)
		}
		return o.tell(ctx, "vm-mailboxfull")
	}
	sounds := append(append([]string{"vm-message"}, o.number(o.current+1)...), "vm-savedto")
	key, err = o.tell(ctx, append(sounds, folderSounds(folder)...)...)
	return o.after(ctx, key, err)
}
