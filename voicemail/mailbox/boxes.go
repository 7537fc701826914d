package mailbox

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Counts are how many messages a mailbox has. New are those of INBOX without the urgent ones.
type Counts struct{ New, Old, Urgent int }

// Waiting is how many have not been heard: what lamps show.
func (c Counts) Waiting() int { return c.New + c.Urgent }

// Config is what mailboxes are kept with.
type Config struct {
	Spool string // astspooldir/voicemail
	Etc   string // where voicemail.conf is
	Host  string // this machine, in mails
	Log   *slog.Logger
	Run   Runner // carries commands out; nil: the system
	Send  Sender // takes mails; nil: mailcmd
	// Expand fills in the text of a mail; nil: what ${VM_...} stand for and no more.
	Expand func(text string, vars map[string]string) string
}

// Boxes are the mailboxes of a server.
type Boxes struct {
	c    Config
	now  atomic.Pointer[Settings]
	mail *post

	mu     sync.Mutex
	counts map[string]Counts      // by "box@context": those that somebody may ask for
	coming map[string]int         // messages that are being recorded
	locks  map[string]*sync.Mutex // of what is changed in a mailbox

	telling  sync.Mutex // watchers are told one thing after another
	watchers []*watcher
}

type watcher struct {
	f func(context, box string, c Counts)
}

// New keeps the mailboxes of those settings.
func New(c Config, s *Settings) *Boxes {
	if c.Run == nil {
		c.Run = shell
	}
	b := &Boxes{c: c, counts: make(map[string]Counts), coming: make(map[string]int), locks: make(map[string]*sync.Mutex)}
	b.mail = newPost(b)
	b.Load(s)
	return b
}

// Settings is what voicemail.conf says now.
func (b *Boxes) Settings() *Settings { return b.now.Load() }

// Find returns a mailbox by box or box@context, nil for none.
func (b *Boxes) Find(name string) *Box { return b.Settings().Find(name) }

// Load puts other settings to work. Passwords that are in the spool are read there.
func (b *Boxes) Load(s *Settings) {
	for _, box := range s.Boxes {
		if box.SecretInSpool {
			if secret, ok := b.spoolSecret(box); ok {
				box.Password = secret
			}
		}
	}
	b.now.Store(s)
	b.look()
}

// Dir is where a mailbox keeps its greetings and folders.
func (b *Boxes) Dir(context, box string) string { return filepath.Join(b.c.Spool, context, box) }

// folder is where a folder of a mailbox lies.
func (b *Boxes) folder(box *Box, n int) string {
	return filepath.Join(b.Dir(box.Context, box.Name), Folders()[n])
}

// lock is what who changes a mailbox holds.
func (b *Boxes) lock(context, box string) *sync.Mutex {
	key := box + "@" + context
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.locks[key]
	if l == nil {
		l = new(sync.Mutex)
		b.locks[key] = l
	}
	return l
}

// Counts are those of a mailbox, box or box@context. It is false for one that is neither in voicemail.conf nor on the disk. The disk is looked at only for a
// mailbox that nobody has asked for before.
func (b *Boxes) Counts(name string) (Counts, bool) {
	context, box := b.resolve(name)
	if !fileName(box) || !fileName(context) {
		return Counts{}, false
	}
	key := box + "@" + context
	b.mu.Lock()
	c, ok := b.counts[key]
	b.mu.Unlock()
	if ok {
		return c, true
	}
	if b.Find(box+"@"+context) == nil {
		if s, err := os.Stat(b.Dir(context, box)); err != nil || !s.IsDir() {
			return Counts{}, false
		}
	}
	c = b.count(context, box)
	b.mu.Lock()
	b.counts[key] = c
	b.mu.Unlock()
	return c, true
}

// resolve takes the name of a mailbox apart, and goes from an alias to what it stands for.
func (b *Boxes) resolve(name string) (context, box string) {
	if found := b.Find(name); found != nil {
		return found.Context, found.Name
	}
	box, context, _ = strings.Cut(name, "@")
	if context == "" {
		context = "default"
	}
	return context, box
}

// count looks at the disk.
func (b *Boxes) count(context, box string) Counts {
	in := func(n int) int {
		all, err := numbers(filepath.Join(b.Dir(context, box), Folders()[n]))
		if err != nil {
			b.c.Log.Warn("a folder of voice messages can't be read", "mailbox", box+"@"+context, "why", err)
		}
		return len(all)
	}
	return Counts{New: in(Inbox), Old: in(Old), Urgent: in(Urgent)}
}

// CountIn is how many messages a folder of a mailbox has, by the folder's name. Those of INBOX are all that have not been heard, the urgent ones too.
func (b *Boxes) CountIn(name, folder string) int {
	context, box := b.resolve(name)
	n := FolderNumber(folder)
	if !fileName(box) || !fileName(context) || n < 0 {
		return 0
	}
	all, _ := numbers(filepath.Join(b.Dir(context, box), Folders()[n])) // what can't be read can't be counted
	if n == Inbox {
		urgent, _ := numbers(filepath.Join(b.Dir(context, box), Folders()[Urgent]))
		return len(all) + len(urgent)
	}
	return len(all)
}

// Watch has f told of every change of a mailbox's counts, one at a time, until stop is called. f returns soon, and may ask for counts.
func (b *Boxes) Watch(f func(context, box string, c Counts)) (stop func()) {
	w := &watcher{f}
	b.telling.Lock()
	defer b.telling.Unlock()
	b.watchers = append(b.watchers, w)
	return func() {
		b.telling.Lock()
		defer b.telling.Unlock()
		b.watchers = slices.DeleteFunc(b.watchers, func(o *watcher) bool { return o == w })
	}
}

// changed counts again and tells who watches, where it is another count than before.
func (b *Boxes) changed(context, box string) Counts {
	b.telling.Lock()
	defer b.telling.Unlock()
	c := b.count(context, box)
	key := box + "@" + context
	b.mu.Lock()
	was, known := b.counts[key]
	b.counts[key] = c
	b.mu.Unlock()
	if known && was == c {
		return c
	}
	for _, w := range b.watchers {
		w.f(context, box, c)
	}
	return c
}

// look looks at every mailbox of voicemail.conf, and at those that somebody has asked for: what others have changed is told.
func (b *Boxes) look() {
	known := make(map[string]bool)
	for _, box := range b.Settings().Boxes {
		known[box.ID()] = true
		b.changed(box.Context, box.Name)
	}
	b.mu.Lock()
	var more []string
	for key := range b.counts {
		if !known[key] {
			more = append(more, key)
		}
	}
	b.mu.Unlock()
	for _, key := range more {
		box, context, _ := strings.Cut(key, "@")
		b.changed(context, box)
	}
}

// Poll looks every pollfreq seconds for what other programs have changed in the spool, where pollmailboxes=yes, until ctx ends.
func (b *Boxes) Poll(ctx context.Context) {
	for {
		g := b.Settings().General
		t := time.NewTimer(max(g.PollEvery, time.Second))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		if b.Settings().General.Poll {
			b.look()
		}
	}
}

// makeFolder makes a folder of a mailbox.
func (b *Boxes) makeFolder(box *Box, n int) (string, error) {
	dir := b.folder(box, n)
	if err := os.MkdirAll(dir, 0o770); err != nil {
		return "", fmt.Errorf("make a folder of mailbox %s: %w", box.ID(), err)
	}
	return dir, nil
}
