package voicemail

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/voicemail/mailbox"
)

// listenOptions are the options of VoiceMailMain.
const listenOptions = "psgar"

func listen(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "VoiceMailMain",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			l := d.line(x)
			if err := l.answer(); err != nil {
				return err
			}
			args := expand.Args(data, 2)
			opts, err := pbx.ParseOptions(expand.Arg(args, 1), listenOptions)
			if err != nil {
				x.Warnf("VoiceMailMain: %v", err)
			}
			in := &login{free: opts.Has('s')}
			name, where, _ := strings.Cut(expand.Arg(args, 0), "@")
			in.context = where
			switch {
			case opts.Has('p'):
				in.prefix = name
			case name != "":
				if in.box = d.Boxes.Find(args[0]); in.box == nil {
					x.Verbose(3, fmt.Sprintf("Mailbox %s not found", args[0]))
				}
			}
			b, err := l.enter(ctx, in)
			if errors.Is(err, errNotIn) {
				return nil // the dialplan goes on, as with the original
			}
			if err != nil {
				return err
			}
			o := &owner{line: l, box: b, gain: gainOf(l, opts), readOnly: opts.Has('r'), starting: true}
			return o.visit(ctx, opts)
		},
		Check: func(data string) []string { return unknownOptions("VoiceMailMain", data, listenOptions) },
	}
}

// owner is somebody in his mailbox.
type owner struct {
	*line
	box      *mailbox.Box
	folder   *mailbox.Folder
	current  int  // the message that was heard last
	starting bool // nothing of the folder was heard yet
	repeats  int  // how often a menu was said in vain
	gain     float64
	readOnly bool

	fresh, old, urgent int // messages, as they are said

}

// How a menu ended, where it was not by a key that leads on.
const (
	timedOut = 't' // nothing more is said, or the caller is back where he came from
	dialsOut = 'd' // he calls somebody: the dialplan goes on there
)

// visit is all that happens between logging in and good-bye.
func (o *owner) visit(ctx context.Context, opts pbx.Options) (err error) {
	if o.box.Language != "" {
		o.ch.SetLanguage(o.box.Language)
	}
	folder, play := o.first(opts)
	if o.folder, err = o.Boxes.Open(o.box, folder); err != nil {
		return err
	}
	defer func() {
		if e := o.folder.Close(); e != nil {
			o.x.Warnf("mailbox %s: %v", o.box.ID(), e)
		}
		o.Boxes.Left(o.box)
	}()
	key, err := o.welcome(ctx)
	if err != nil || key == timedOut || key == '#' {
		return o.bye(ctx, key, err)
	}
	if play {
		if len(o.folder.Entries) > 0 {
			key, err = o.hear(ctx)
		}
	} else {
		key, err = o.intro(ctx)
	}
	for err == nil && key != timedOut && key != '#' && key != dialsOut {
		key, err = o.menu(ctx, key)
	}
	return o.bye(ctx, key, err)
}

// first counts the messages and says which folder is opened first.
func (o *owner) first(opts pbx.Options) (folder int, play bool) {
	c, _ := o.Boxes.Counts(o.box.ID())
	o.fresh, o.old, o.urgent = c.New, c.Old, c.Urgent
	if v, ok := opts.Get('a'); ok {
		return o.autoplay(v), true
	}
	switch {
	case c.New > 0, c.Old == 0 && c.Urgent == 0:
		if c.Urgent > 0 {
			return mailbox.Urgent, false
		}
		return mailbox.Inbox, false
	case c.Urgent > 0:
		return mailbox.Urgent, false
	}
	return mailbox.Old, false
}

// autoplay reads option a: a folder by its number or its name.
func (o *owner) autoplay(v string) int {
	n, err := strconv.Atoi(v)
	if err != nil {
		n = mailbox.FolderNumber(v)
	}
	if v == "" {
		return mailbox.Inbox
	}
	if n < 0 || n > 9 {
		o.x.Warnf("Invalid value '%s' provided for folder autoplay option. Defaulting to 'INBOX'", v)
		return mailbox.Inbox
	}
	return n
}

// bye ends the visit.
func (o *owner) bye(ctx context.Context, key byte, err error) error {
	if err != nil {
		return err
	}
	if key == dialsOut {
		_, err = o.play(ctx, "", "vm-dialout")
		return err
	}
	_, err = o.play(ctx, "", "vm-goodbye")
	return err
}

// intro says how many messages there are.
func (o *owner) intro(ctx context.Context) (byte, error) {
	var sounds []string
	if o.box.TempGreetWarn && o.there(o.greeting(o.box, "temp")) {
		sounds = append(sounds, "vm-tempgreetactive")
	}
	return o.tell(ctx, append(sounds, o.youHave()...)...)
}

// youHave is the prompts for how many messages there are.
func (o *owner) youHave() []string {
	sounds := []string{"vm-youhave"}
	kinds := []struct {
		n    int
		name string
	}{{o.urgent, "vm-Urgent"}, {o.fresh, "vm-INBOX"}, {o.old, "vm-Old"}}
	last := 0
	said := false
	for _, k := range kinds {
		if k.n == 0 {
			continue
		}
		if said {
			sounds = append(sounds, "vm-and")
		}
		sounds = append(append(sounds, o.number(k.n)...), k.name)
		last, said = k.n, true
	}
	switch {
	case !said:
		return append(sounds, "vm-no", "vm-messages")
	case last == 1:
		return append(sounds, "vm-message")
	}
	return append(sounds, "vm-messages")
}

// menu does what a key of the main menu says.
func (o *owner) menu(ctx context.Context, key byte) (byte, error) {
	switch key {
	case '1':
		o.current = 0
		return o.hear(ctx)
	case '5':
		return o.hear(ctx)
	case '2':
		return o.changeFolder(ctx)
	case '3':
		return o.advanced(ctx)
	case '4':
		return o.previous(ctx)
	case '6':
		return o.next(ctx)
	case '7':
		return o.toggle(ctx)
	case '8':
		if len(o.folder.Entries) == 0 {
			return o.tell(ctx, "vm-nomore")
		}
		return o.forward(ctx)
	case '9':
		return o.save(ctx)
	case '0':
		return o.options(ctx)
	case '*':
		return o.instructions(ctx, true)
	}
	return o.instructions(ctx, false)
}

// last is the number of the last message of the folder, -1 for none.
func (o *owner) last() int { return len(o.folder.Entries) - 1 }

// entry is the message that was heard last, nil where there is none.
func (o *owner) entry() *mailbox.Entry {
	if o.current < 0 || o.current > o.last() {
		return nil
	}
	return o.folder.Entries[o.current]
}

// inUrgent says whether the urgent messages are listened to.
func (o *owner) inUrgent() bool { return o.folder.Number == mailbox.Urgent }

// open goes to another folder: what was decided about the messages of this one is done.
func (o *owner) open(folder int) error {
	if err := o.folder.Close(); err != nil {
		o.x.Warnf("mailbox %s: %v", o.box.ID(), err)
	}
	f, err := o.Boxes.Open(o.box, folder)
	if err != nil {
		return err
	}
	o.folder, o.current = f, 0
	return nil
}

func (o *owner) previous(ctx context.Context) (byte, error) {
	switch {
	case o.current > 0:
		o.current--
		return o.hear(ctx)
	case !o.inUrgent() && o.urgent > 0:
		if err := o.open(mailbox.Urgent); err != nil {
			return 0, err
		}
		o.current = o.last()
		return o.hearOr(ctx, "vm-nomore")
	case o.box.MessageWrap && o.last() > 0:
		o.current = o.last()
		return o.hear(ctx)
	}
	return o.tell(ctx, "vm-nomore")
}

func (o *owner) next(ctx context.Context) (byte, error) {
	switch {
	case o.current < o.last():
		o.current++
		return o.hear(ctx)
	case o.inUrgent() && o.fresh > 0:
		if err := o.open(mailbox.Inbox); err != nil {
			return 0, err
		}
		return o.hearOr(ctx, "vm-nomore")
	case o.box.MessageWrap && o.last() > 0:
		o.current = 0
		return o.hear(ctx)
	}
	return o.tell(ctx, "vm-nomore")
}

func (o *owner) hearOr(ctx context.Context, sound string) (byte, error) {
	if o.entry() == nil {
		return o.tell(ctx, sound)
	}
	return o.hear(ctx)
}

// toggle deletes the message, or takes that back.
func (o *owner) toggle(ctx context.Context) (byte, error) {
	e := o.entry()
	if e == nil {
		return 0, nil
	}
	if o.readOnly {
		return o.tell(ctx, "vm-sorry")
	}
	e.Deleted = !e.Deleted
	sound, n := "vm-undeleted", 1
	if e.Deleted {
		sound, n = "vm-deleted", -1
	}
	switch o.folder.Number {
	case mailbox.Inbox:
		o.fresh += n
	case mailbox.Urgent:
		o.urgent += n
	case mailbox.Old:
		o.old += n
	}
	key, err := o.tell(ctx, sound)
	return o.after(ctx, key, err)
}

// after goes on to the next message where nextaftercmd=yes.
func (o *owner) after(ctx context.Context, key byte, err error) (byte, error) {
	if err != nil || key != 0 || !o.box.NextAfterCmd {
		return key, err
	}
	return o.next(ctx)
}

// welcome has somebody who is here for the first time, whose password is still the mailbox's number, record what forcename and forcegreetings want.
func (o *owner) welcome(ctx context.Context) (byte, error) {
	if !strings.EqualFold(o.box.Name, o.Boxes.Secret(o.box)) || !o.box.ForceName && !o.box.ForceGreetings {
		return 0, nil
	}
	if _, err := o.play(ctx, "", o.general().Prompts.NewUser); err != nil {
		return 0, err
	}
	for {
		done, key, err := o.changePassword(ctx)
		if err != nil || key == timedOut {
			return key, err
		}
		if done {
			break
		}
	}
	for _, g := range []struct {
		want         bool
		name, prompt string
	}{{o.box.ForceName, "greet", "vm-rec-name"}, {o.box.ForceGreetings, "unavail", "vm-rec-unv"}, {o.box.ForceGreetings, "busy", "vm-rec-busy"}} {
		if !g.want || o.there(o.greeting(o.box, g.name)) {
			continue
		}
		if _, err := o.greet(ctx, o.box, g.name, g.prompt, o.gain); err != nil {
			return 0, err
		}
		if !o.there(o.greeting(o.box, g.name)) {
			return timedOut, nil
		}
	}
	return 0, nil
}
