package mailbox

import (
	"errors"
	"fmt"
	"io/fs"
)

// Folder is a folder of a mailbox that somebody listens to. What he does with its messages is done when it is closed, as in the original. Somebody else may do the
// same at the same time: each finds the messages again that he has seen.
type Folder struct {
	Number  int
	Entries []*Entry

	boxes *Boxes
	box   *Box
	dir   string
}

// Entry is a message of an open folder.
type Entry struct {
	Message *Message
	Deleted bool // to be deleted
	Heard   bool

	n      int
	copied bool // it is in another folder
}

// Open opens a folder of a mailbox.
func (b *Boxes) Open(box *Box, folder int) (*Folder, error) {
	if folder < 0 || folder >= len(Folders()) {
		return nil, fmt.Errorf("there is no folder %d", folder)
	}
	f := &Folder{Number: folder, boxes: b, box: box, dir: b.folder(box, folder)}
	l := b.lock(box.Context, box.Name)
	l.Lock()
	defer l.Unlock()
	if err := compact(f.dir, nil); err != nil {
		b.c.Log.Warn("the numbers of voice messages can't be put in order", "mailbox", box.ID(), "why", err)
	}
	all, err := numbers(f.dir)
	if err != nil {
		return nil, fmt.Errorf("open folder %s of mailbox %s: %w", f.Name(), box.ID(), err)
	}
	for _, n := range all {
		m, err := readMessage(base(f.dir, n))
		if err != nil {
			b.c.Log.Warn("a voice message can't be read", "mailbox", box.ID(), "why", err)
			m = &Message{CallerID: "Unknown", ID: fmt.Sprintf("unread-%d", n)}
		}
		f.Entries = append(f.Entries, &Entry{Message: m, n: n})
	}
	return f, nil
}

// Name is the folder's name.
func (f *Folder) Name() string { return Folders()[f.Number] }

// Stem is where a message lies, without the endings of its files; "" when it is not there any more.
func (f *Folder) Stem(e *Entry) string {
	if f.is(e, e.n) {
		return base(f.dir, e.n)
	}
	all, _ := numbers(f.dir) // what can't be read isn't there
	for _, n := range all {
		if f.is(e, n) {
			e.n = n
			return base(f.dir, n)
		}
	}
	return ""
}

// is says whether a message has that number now.
func (f *Folder) is(e *Entry, n int) bool {
	m, err := readMessage(base(f.dir, n))
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err != nil {
		return e.Message.ID == fmt.Sprintf("unread-%d", n)
	}
	return m.same(e.Message)
}

// Move copies a message into another folder and has it deleted here when the folder is closed: it fails with [ErrFull] where that has no room.
func (f *Folder) Move(e *Entry, folder int) error {
	if folder < 0 || folder >= len(Folders()) {
		return fmt.Errorf("there is no folder %d", folder)
	}
	l := f.boxes.lock(f.box.Context, f.box.Name)
	l.Lock()
	defer l.Unlock()
	if folder == f.Number {
		return nil
	}
	if err := f.copyTo(e, folder); err != nil {
		return err
	}
	e.Deleted, e.copied = true, true
	return nil
}

// copyTo copies a message; the mailbox's lock is held.
func (f *Folder) copyTo(e *Entry, folder int) error {
	stem := f.Stem(e)
	if stem == "" {
		return fmt.Errorf("a message of mailbox %s is not there any more", f.box.ID())
	}
	_, err := f.boxes.insert(f.box, folder, stem, e.Message, false)
	return err
}

// Close does what was decided: messages that were deleted go, to Deleted where some are kept there, those that were heard go to Old, and the others close the
// gaps. It tells who watches of the new counts; externnotify is told by [Boxes.Left].
func (f *Folder) Close() error {
	l := f.boxes.lock(f.box.Context, f.box.Name)
	l.Lock()
	err := f.settle()
	l.Unlock()
	f.boxes.changed(f.box.Context, f.box.Name)
	return err
}

func (f *Folder) settle() error {
	var all []error
	inbox := f.Number == Inbox || f.Number == Urgent
	for _, e := range f.Entries {
		var err error
		switch {
		case e.Deleted && f.box.BackupDeleted > 0 && f.Number != Deleted && !e.copied:
			err = f.copyTo(e, Deleted)
		case !e.Deleted && inbox && e.Heard && f.box.MoveHeard:
			if err = f.copyTo(e, Old); err != nil {
				f.boxes.c.Log.Warn("Save failed.  Not moving message: destination folder full.", "mailbox", f.box.ID(), "why", err)
				continue
			}
			e.Deleted = true
		}
		if err != nil {
			all = append(all, err)
		} else if stem := f.Stem(e); e.Deleted && stem != "" {
			all = append(all, drop(stem))
		}
	}
	f.Entries = nil
	return errors.Join(append(all, compact(f.dir, nil))...)
}

// Left is called when the owner leaves his mailbox: externnotify is told, whether anything has changed or not, as with the original.
func (b *Boxes) Left(box *Box) { b.tell(box) }

// Message finds a message of a mailbox by its ID, in any folder: where it lies, without endings.
func (b *Boxes) Message(box *Box, id string) (stem string, m *Message) {
	for n := range Folders() {
		dir := b.folder(box, n)
		all, _ := numbers(dir) // what can't be read isn't there
		for _, i := range all {
			if m, err := readMessage(base(dir, i)); err == nil && m.ID == id && id != "" {
				return base(dir, i), m
			}
		}
	}
	return "", nil
}
