package mailbox

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrFull says that a folder has as many messages as it may have.
var ErrFull = errors.New("the mailbox is full")

// Draft is a message that is being recorded. Its recording is Stem with the endings of the formats.
type Draft struct {
	Stem    string
	Message Message

	boxes *Boxes
	box   *Box
	open  bool // it counts as a message that comes
	at    string
}

// Begin begins a message for a mailbox. The text is on the disk before the recording is, so that a recording that a crash has cut off is found again
// ([Boxes.Recover]). It fails with [ErrFull] when there is no room for it.
func (b *Boxes) Begin(box *Box, m Message) (*Draft, error) {
	if !b.comes(box, 1) {
		return nil, ErrFull
	}
	d, err := b.begin(box, m)
	if err != nil {
		b.comes(box, -1)
	}
	return d, err
}

// comes counts messages that are being recorded, so that each finds room when it is done. It is false where there is none.
func (b *Boxes) comes(box *Box, n int) bool {
	all, err := numbers(b.folder(box, Inbox))
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > 0 && err == nil && len(all)+b.coming[box.ID()] >= room(box) {
		return false
	}
	if b.coming[box.ID()] += n; b.coming[box.ID()] == 0 {
		delete(b.coming, box.ID())
	}
	return true
}

// room is how many messages a folder of the mailbox may have.
func room(box *Box) int { return min(max(box.MaxMsg, 1), maxMessages) }

func (b *Boxes) begin(box *Box, m Message) (*Draft, error) {
	if m.At.IsZero() {
		m.At = time.Now()
	}
	m.ID = fmt.Sprintf("%d-%08x", m.At.Unix(), rand.Uint32())
	for _, at := range []*string{&m.OrigMailbox, &m.Context, &m.MacroContext, &m.Exten, &m.RDNIS, &m.CallerChan, &m.CallerID, &m.Category} {
		*at = oneLine(*at) // callers have a say in them
	}
	d := &Draft{Message: m, boxes: b, box: box, open: true}
	stem, err := b.Scratch(box)
	if err != nil {
		return nil, err
	}
	d.Stem = stem
	if err := writeSynced(stem+".txt", m.Bytes(), 0o660); err != nil {
		return nil, fmt.Errorf("begin a message of mailbox %s: %w", box.ID(), err)
	}
	return d, nil
}

// Scratch makes a new name in the mailbox's folder for what is not finished.
func (b *Boxes) Scratch(box *Box) (string, error) {
	dir := filepath.Join(b.Dir(box.Context, box.Name), "tmp")
	if err := os.MkdirAll(dir, 0o770); err != nil {
		return "", fmt.Errorf("make a folder of mailbox %s: %w", box.ID(), err)
	}
	return filepath.Join(dir, b.mark()+fmt.Sprintf("%08x", rand.Uint32())), nil
}

// mark is what the names of our recordings begin with: of servers that share a spool each finds its own again.
func (b *Boxes) mark() string {
	h := fnv.New32a()
	h.Write([]byte(b.c.Host)) // it never fails
	return fmt.Sprintf("%08x", h.Sum32())
}

// full says whether a folder has no room for another message.
func (b *Boxes) full(box *Box, folder int) bool {
	all, err := numbers(b.folder(box, folder))
	return err == nil && len(all) >= room(box)
}

// Drop gives the draft up.
func (d *Draft) Drop() error {
	d.settled()
	return drop(d.Stem)
}

// settled has the draft count no more as a message that comes.
func (d *Draft) settled() {
	if d.open {
		d.open = false
		d.boxes.comes(d.box, -1)
	}
}

// At is where the message lies once it was delivered, without the endings of its files.
func (d *Draft) At() string { return d.at }

// Deliver puts the message into the mailbox, and into those of others. It fails for the first mailbox only: what the others can't take is logged. Mails go out
// and lamps are lit afterwards. What could not be delivered stays where it was recorded, and is delivered when the server starts again.
func (d *Draft) Deliver(others ...*Box) error {
	defer d.settled()
	if err := syncParts(d.Stem); err != nil {
		return fmt.Errorf("a message for mailbox %s: %w", d.box.ID(), err)
	}
	var err error
	if d.at, err = d.boxes.put(d.box, d.Stem, &d.Message, "", true); err != nil {
		return err
	}
	for _, o := range others {
		if _, err := d.boxes.put(o, d.Stem, &d.Message, "", false); err != nil {
			d.boxes.c.Log.Error("a voice message was not delivered", "mailbox", o.ID(), "why", err)
		}
	}
	if err := d.Drop(); err != nil {
		d.boxes.c.Log.Warn("a recording that was delivered can't be removed", "mailbox", d.box.ID(), "why", err)
	}
	return nil
}

// syncParts has a recording on the disk.
func syncParts(stem string) error {
	for _, ext := range parts(stem) {
		f, err := os.OpenFile(stem+ext, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Forward puts a copy of a message, or of what was made of it, into another mailbox. from is who forwards it; the mail says so.
func (b *Boxes) Forward(to *Box, stem string, m *Message, from *Box) error {
	forwarded := *m
	forwarded.more = slices.Clone(m.more)
	forwarded.ID = fmt.Sprintf("%d-%08x", time.Now().Unix(), rand.Uint32())
	if forwarded.Urgent() && !b.Settings().General.ForwardUrgent && from != nil {
		forwarded.Flag = ""
	}
	by := ""
	if from != nil {
		by = from.ID()
	}
	_, err := b.put(to, stem, &forwarded, by, false)
	return err
}

// put puts a message into INBOX, or into Urgent, and tells everybody. room says that there is room for it, whatever others have left meanwhile.
func (b *Boxes) put(box *Box, stem string, m *Message, forwardedBy string, room bool) (at string, err error) {
	folder := Inbox
	if m.Urgent() {
		folder = Urgent
	}
	l := b.lock(box.Context, box.Name)
	l.Lock()
	n, err := b.insert(box, folder, stem, m, room)
	l.Unlock()
	if err != nil {
		return "", fmt.Errorf("a message for mailbox %s: %w", box.ID(), err)
	}
	at = base(b.folder(box, folder), n)
	b.tell(box)
	b.mail.message(box, at, n, m, forwardedBy)
	return at, nil
}

// tell says that a mailbox has other messages than before: to lamps, and to externnotify.
func (b *Boxes) tell(box *Box) { b.notify(box, b.changed(box.Context, box.Name)) }

// insert puts a message at the end of a folder; the mailbox's lock is held. In Deleted the oldest make room.
func (b *Boxes) insert(box *Box, folder int, stem string, m *Message, room bool) (int, error) {
	dir, err := b.makeFolder(box, folder)
	if err != nil {
		return 0, err
	}
	if folder == Deleted {
		if err := b.makeRoom(box, dir); err != nil {
			return 0, err
		}
	} else if !room && b.full(box, folder) {
		return 0, ErrFull
	}
	all, err := numbers(dir)
	if err != nil {
		return 0, err
	}
	n := 0
	if len(all) > 0 {
		n = all[len(all)-1] + 1
	}
	if n > maxMessages {
		if err := compact(dir, nil); err != nil {
			return 0, err
		}
		n = len(all)
	}
	for ; n <= maxMessages; n++ {
		if err = place(stem, dir, n, m.Bytes()); !errors.Is(err, fs.ErrExist) { // else another program was faster
			return n, err
		}
	}
	return 0, ErrFull
}

// makeRoom removes the oldest messages of Deleted where it has as many as are kept.
func (b *Boxes) makeRoom(box *Box, dir string) error {
	all, err := numbers(dir)
	if err != nil {
		return err
	}
	for len(all) > 0 && len(all) >= box.BackupDeleted {
		if err := drop(base(dir, all[0])); err != nil {
			return err
		}
		all = all[1:]
	}
	return compact(dir, nil)
}

// compact closes the gaps in the numbers of a folder, as the original keeps it. moved, which may be nil, is told of each that gets another number.
func compact(dir string, moved func(from, to int)) error {
	all, err := numbers(dir)
	if err != nil {
		return err
	}
	for to, from := range all {
		if from == to {
			continue
		}
		text, err := os.ReadFile(base(dir, from) + ".txt")
		if err != nil {
			return err
		}
		if err := place(base(dir, from), dir, to, text); err != nil {
			return err
		}
		if err := drop(base(dir, from)); err != nil {
			return err
		}
		if moved != nil {
			moved(from, to)
		}
	}
	return nil
}

// abandoned is how old a recording in tmp is at least of which nothing more will come.
const abandoned = 2 * time.Hour

// Recover delivers what was being recorded when the server died: whatever of it is on the disk and is as long as a message must be. At the start only nothing is
// being recorded.
func (b *Boxes) Recover() {
	for _, box := range b.Settings().Boxes {
		dir := filepath.Join(b.Dir(box.Context, box.Name), "tmp")
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // it has none
		}
		for _, e := range entries {
			stem, isText := strings.CutSuffix(e.Name(), ".txt")
			if !isText || len(stem) != 16 || !strings.HasPrefix(stem, b.mark()) {
				continue // another server's, which may be at work
			}
			b.recover(box, filepath.Join(dir, stem))
		}
		b.sweep(dir)
	}
}

// recover delivers one recording.
func (b *Boxes) recover(box *Box, stem string) {
	m, err := readMessage(stem)
	if err != nil {
		b.c.Log.Warn("a recording that was cut off can't be delivered", "mailbox", box.ID(), "why", err)
		return
	}
	m.Duration = b.length(stem)
	if m.Duration < max(box.Shortest, time.Second) {
		if err := drop(stem); err != nil {
			b.c.Log.Warn("a recording that was cut off can't be removed", "mailbox", box.ID(), "why", err)
		}
		return
	}
	if b.delivered(box, m) {
		if err := drop(stem); err != nil {
			b.c.Log.Warn("a recording that was delivered can't be removed", "mailbox", box.ID(), "why", err)
		}
		return
	}
	d := &Draft{Stem: stem, Message: *m, boxes: b, box: box}
	if err := d.Deliver(); err != nil {
		b.c.Log.Error("a recording that was cut off is not delivered", "mailbox", box.ID(), "why", err)
		return
	}
	b.c.Log.Info("a recording that was cut off has been delivered", "mailbox", box.ID(), "from", m.CallerID, "length", m.Duration)
}

// delivered says whether the message is in the mailbox: the server died between that and the end of the draft.
func (b *Boxes) delivered(box *Box, m *Message) bool {
	for n := range Folders() {
		dir := b.folder(box, n)
		all, _ := numbers(dir)
		for _, i := range all {
			if o, err := readMessage(base(dir, i)); err == nil && o.same(m) {
				return true
			}
		}
	}
	return false
}

// sweep removes what else is left of recordings, when it is old.
func (b *Boxes) sweep(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		i, err := e.Info()
		if err == nil && i.Mode().IsRegular() && time.Since(i.ModTime()) > abandoned && filepath.Ext(e.Name()) != ".txt" {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				b.c.Log.Warn("an old recording can't be removed", "why", err)
			}
		}
	}
}
