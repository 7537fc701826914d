// Package voicemail holds the applications of voice messages: VoiceMail takes them, VoiceMailMain is what an owner hears of his mailbox, Directory finds people by
// the keys of their names. What is on the disk, and voicemail.conf, are the business of [mailbox.Boxes].
package voicemail

import (
	"context"
	"embed"
	"errors"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/say"
	"obelus/voicemail/mailbox"
)

// pages are the manual, one page an application or function.
//
//go:embed *.md
var pages embed.FS

// Deps are what the applications reach the world by.
type Deps struct {
	Voice     *prompt.Voice
	Boxes     *mailbox.Boxes
	Threshold func() int // silencethreshold of dsp.conf; nil: the default
}

// Table lists the applications.
func Table(d *Deps) []pbx.Application {
	return pbx.Describe(pages, []pbx.Application{
		directory(d), mailboxExists(d), authenticate(d), sayName(d), leaveMessage(d), listen(d), playMessage(d),
	})
}

// Functions lists the functions.
func Functions(d *Deps) []pbx.Function {
	return pbx.DescribeFunctions(pages, []pbx.Function{existsFunction(d), countFunction(d), infoFunction(d)})
}

// line is the channel of somebody who leaves messages or listens to them. A key that a method returns is 0 for none; the error is that of a context that ended.
type line struct {
	*Deps
	x  *pbx.Exec
	ch *call.Channel
}

func (d *Deps) line(x *pbx.Exec) *line { return &line{d, x, x.Channel()} }

// answer takes the call, if nobody has yet.
func (l *line) answer() error { return l.ch.Answer(nil) }

// general is [general] of voicemail.conf.
func (l *line) general() *mailbox.General { return &l.Boxes.Settings().General }

// play plays sounds until a key of stop, which it returns. What is not there is logged and left out.
func (l *line) play(ctx context.Context, stop string, names ...string) (byte, error) {
	key, err := l.Voice.Play(ctx, l.ch, stop, names...)
	if errors.Is(err, prompt.ErrMissing) {
		err = nil
	}
	return key, err
}

// tell plays sounds until any key.
func (l *line) tell(ctx context.Context, names ...string) (byte, error) {
	return l.play(ctx, prompt.AnyKey, names...)
}

// key waits for a key.
func (l *line) key(ctx context.Context, d time.Duration) (byte, error) {
	return prompt.Key(ctx, l.ch, d)
}

// number is how a number is said.
func (l *line) number(n int) []string { return say.Number(l.ch.Language(), int64(n), "") }

// digits is how the characters of a number of a telephone are said.
func (l *line) digits(s string) []string { return say.Digits(l.ch.Language(), s) }

// there says whether there is a sound: a greeting by its path, or a prompt.
func (l *line) there(name string) bool { return l.Voice.Sounds.Exists(name, l.ch.Language()) }

// typed asks for digits that end with #. first is a key that was pressed before, 0 for none.
func (l *line) typed(ctx context.Context, first byte, sounds ...string) (string, error) {
	wait := firstKey
	before := ""
	if first == '#' {
		return "", nil
	}
	if first != 0 {
		before, wait, sounds = string(first), nextKey, nil
	}
	r, err := l.Voice.Ask(ctx, l.ch, prompt.Question{Sounds: sounds, Max: 79, First: wait, Next: nextKey, End: "#"})
	return before + r.Digits, err
}

// hasExten says whether the dialplan has that extension for the caller.
func (l *line) hasExten(context, exten string) bool {
	return context != "" && l.x.Find(call.Place{Context: context, Exten: exten, Priority: 1}) != nil
}

// greeting is where a greeting of a mailbox lies.
func (l *line) greeting(b *mailbox.Box, name string) string { return l.Boxes.Greeting(b, name) }

// nameOf is how the owner of a mailbox is called: as he has recorded it, or the digits of the mailbox.
func (l *line) nameOf(b *mailbox.Box) []string {
	if name := l.greeting(b, "greet"); l.there(name) {
		return []string{name}
	}
	return l.digits(b.Name)
}

// atContext is a mailbox's name with a context, unless it has one.
func atContext(box, context string) string {
	if strings.Contains(box, "@") || context == "" {
		return box
	}
	return box + "@" + context
}

// How long keys are waited for: the first of several, and each further one.
const (
	firstKey = 10 * time.Second
	nextKey  = 2 * time.Second

	menuKey   = 6 * time.Second
	folderKey = 4 * time.Second
)
