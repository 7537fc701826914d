package mailbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// senders is how many mails and commands are under way at once.
const senders = 4

// post takes out what need not be waited for: mails and notes to other programs.
type post struct {
	boxes *Boxes
	ctx   context.Context
	end   context.CancelFunc
	free  chan struct{}
	wg    sync.WaitGroup
}

func newPost(b *Boxes) *post {
	ctx, end := context.WithCancel(context.Background())
	return &post{boxes: b, ctx: ctx, end: end, free: make(chan struct{}, senders)}
}

// later carries f out soon.
func (p *post) later(f func(ctx context.Context)) {
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		select {
		case p.free <- struct{}{}:
		case <-p.ctx.Done():
			return
		}
		defer func() { <-p.free }()
		ctx, cancel := context.WithTimeout(p.ctx, commandTime)
		defer cancel()
		f(ctx)
	}()
}

// Close waits for mails and commands that are under way, and gives them up when ctx ends.
func (b *Boxes) Close(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		b.mail.wg.Wait()
		close(done)
	}()
	defer b.mail.end()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("mails of voice messages did not go out: %w", context.Cause(ctx))
	}
}

// message mails what has come into a mailbox. stem is where it lies, as number n of its folder. Where the mailbox keeps nothing it is deleted when the mail is out, and
// kept when that failed: the original deletes it in both cases.
func (p *post) message(box *Box, stem string, n int, m *Message, forwardedBy string) {
	if box.Email == "" && box.Pager == "" {
		return
	}
	s := p.boxes.Settings()
	l := letter{box: box, general: &s.General, host: p.boxes.c.Host, number: n, message: m, forwardedBy: forwardedBy, now: time.Now(), expand: p.boxes.expand}
	if l.format = box.AttachFormat; l.format == "" {
		l.format = s.General.Formats[0]
	}
	var mails []*Mail
	compose := func(to string, f func(letter) (*Mail, error)) {
		if to == "" {
			return
		}
		mail, err := f(l)
		if err != nil {
			p.boxes.c.Log.Error("a mail about a voice message was not written", "mailbox", box.ID(), "why", err)
			return
		}
		mails = append(mails, mail)
	}
	if box.Attach {
		l.attachment = stem
	}
	// The files are read before the owner can listen to the message, and so delete it.
	compose(box.Email, func(l letter) (*Mail, error) { return l.compose() })
	compose(box.Pager, func(l letter) (*Mail, error) { return l.page() })
	p.later(func(ctx context.Context) {
		var all []error
		for _, mail := range mails {
			all = append(all, p.send(ctx, s, mail))
		}
		if err := errors.Join(all...); err != nil {
			p.boxes.c.Log.Error("a mail about a voice message did not go out", "mailbox", box.ID(), "why", err)
			return
		}
		if box.Delete && len(mails) > 0 {
			p.boxes.forget(box, m)
		}
	})
}

// send hands a mail to whoever takes it.
func (p *post) send(ctx context.Context, s *Settings, m *Mail) error {
	if len(m.To) == 0 {
		return errors.New("it has no address that can be one")
	}
	if p.boxes.c.Send != nil {
		return p.boxes.c.Send(ctx, m)
	}
	_, err := p.boxes.c.Run(ctx, Command{Line: s.General.MailCmd, Input: m.Text})
	return err
}

// forget deletes a message of a mailbox that has been mailed.
func (b *Boxes) forget(box *Box, m *Message) {
	l := b.lock(box.Context, box.Name)
	l.Lock()
	for _, folder := range []int{Inbox, Urgent} {
		dir := b.folder(box, folder)
		all, _ := numbers(dir) // what can't be read isn't there
		i := slices.IndexFunc(all, func(n int) bool { o, err := readMessage(base(dir, n)); return err == nil && o.same(m) })
		if i < 0 {
			continue
		}
		if err := errors.Join(drop(base(dir, all[i])), compact(dir, nil)); err != nil {
			b.c.Log.Warn("a message that was mailed can't be deleted", "mailbox", box.ID(), "why", err)
		}
	}
	l.Unlock()
	b.tell(box)
}

// expand fills in the text of a mail.
func (b *Boxes) expand(text string, vars map[string]string) string {
	if b.c.Expand != nil {
		return b.c.Expand(text, vars)
	}
	return os.Expand(text, func(name string) string { return vars[name] })
}

// Greeting is where a greeting of a mailbox lies, without ending: unavail, busy, temp, greet.
func (b *Boxes) Greeting(box *Box, name string) string {
	return filepath.Join(b.Dir(box.Context, box.Name), name)
}
