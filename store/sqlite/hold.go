package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obelus/store"
)

// lockName is the file in the data directory whose lock says that a server works there. Its text says which; a server that ends in good
// order leaves it empty.
const lockName = "lock"

// hold is a data directory held by this process.
type hold struct {
	file  *os.File
	clean bool // the run before ended in good order, or there was none
}

// holdDirectory takes the directory, by the lock of that name, or says who has it. The lock goes with the process, however that ends.
func holdDirectory(dir, lock string) (*hold, error) {
	path := filepath.Join(dir, lock)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unheld(err)
	}
	held, err := tryLock(f)
	text, readErr := io.ReadAll(io.LimitReader(f, 200))
	switch {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	case !held:
		return nil, errors.Join(fmt.Errorf("%w: %s is held by %s; stop it, or name another data directory", store.ErrHeld, dir, who(text)), f.Close())
	case readErr != nil:
		return nil, errors.Join(unheld(readErr), f.Close())
	}
	h := &hold{file: f, clean: len(text) == 0}
	if err := h.sign(); err != nil {
		return nil, errors.Join(unheld(err), f.Close())
	}
	return h, nil
}

// unmade says why the directory can't be made, and what to do.
func unmade(err error) error {
	if advice := aboutDirectory(err); advice != "" {
		return fmt.Errorf("make data directory: %w; %s", err, advice)
	}
	return fmt.Errorf("make data directory: %w", err)
}

// unheld says why the directory can't be taken, and what to do.
func unheld(err error) error {
	if advice := aboutDirectory(err); advice != "" {
		return fmt.Errorf("hold data directory: %w; %s", err, advice)
	}
	return fmt.Errorf("hold data directory: %w", err)
}

// HeldBy is who works in a data directory, or did when it ended in no good order: "process 123 since ..."; "" if nobody is known.
func HeldBy(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, lockName))
	if err != nil || len(text) == 0 {
		return ""
	}
	return who(text[:min(len(text), 200)])
}

// who is the text of the lock file, fit to be printed.
func who(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	line = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, line)
	if line == "" {
		return "another process"
	}
	return line
}

// sign writes who holds the directory.
func (h *hold) sign() error {
	if err := h.file.Truncate(0); err != nil {
		return err
	}
	_, err := h.file.WriteAt(fmt.Appendf(nil, "process %d since %s\n", os.Getpid(), time.Now().Format(time.DateTime)), 0)
	return errors.Join(err, h.file.Sync())
}

// release gives the directory back.
func (h *hold) release(clean bool) error {
	var err error
	if clean {
		err = h.file.Truncate(0)
	}
	return errors.Join(err, h.file.Close())
}
