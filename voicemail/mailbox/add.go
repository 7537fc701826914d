package mailbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Add puts a recording that is there already into a mailbox, as a new message: the
// copies that MixMonitor makes. name is box@context.
func (b *Boxes) Add(name, file string, m Message) error {
	box := b.Find(name)
	if box == nil {
		return fmt.Errorf("there is no mailbox %s", name)
	}
	d, err := b.Begin(box, m)
	if err != nil {
		return err
	}
	ending := filepath.Ext(file)
	if err := copyFile(d.Stem+ending, file); err != nil {
		return errors.Join(fmt.Errorf("copy %s into mailbox %s: %w", file, box.ID(), err), d.Drop())
	}
	d.Message.Duration = b.length(d.Stem)
	if err := writeSynced(d.Stem+".txt", d.Message.Bytes(), 0o660); err != nil {
		return errors.Join(err, d.Drop())
	}
	return d.Deliver()
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o660)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
