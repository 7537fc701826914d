package mailbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// maxMessages is how many messages a folder can have: their numbers are of four digits.
const maxMessages = 9999

// The folders by their numbers, as keys of the telephone choose them.
const (
	Inbox   = 0
	Old     = 1
	Deleted = 10
	Urgent  = 11
)

// Folders lists the folders' names by their numbers.
func Folders() []string {
	return []string{"INBOX", "Old", "Work", "Family", "Friends", "Cust1", "Cust2", "Cust3", "Cust4", "Cust5", "Deleted", "Urgent"}
}

// FolderNumber is the number of a folder by its name, in any case of letters; -1 for none.
func FolderNumber(name string) int {
	return slices.IndexFunc(Folders(), func(f string) bool { return strings.EqualFold(f, name) })
}

// fileName says whether a name can be that of one file, whoever has chosen it.
func fileName(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/\\\x00") && filepath.IsLocal(s)
}

// numbers lists the numbers of the messages in a folder, in order. A folder that is not there has none.
func numbers(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []int
	for _, e := range entries {
		if n, ok := numberOf(e.Name()); ok {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, err
}

// numberOf is the number of a message by the name of its text file.
func numberOf(name string) (int, bool) {
	s, ok := strings.CutPrefix(name, "msg")
	if s, ok2 := strings.CutSuffix(s, ".txt"); ok && ok2 && len(s) == 4 {
		n, err := strconv.Atoi(s)
		return n, err == nil && n >= 0
	}
	return 0, false
}

// base is where a message lies, without the endings of its files.
func base(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("msg%04d", n)) }

// parts lists the endings of the files of a recording, without that of its text: .wav, .gsm.
func parts(stem string) []string {
	dir, name := filepath.Split(stem)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if ext, ok := strings.CutPrefix(e.Name(), name); ok && ext != ".txt" && strings.HasPrefix(ext, ".") && !strings.HasSuffix(ext, ".new") {
			out = append(out, ext)
		}
	}
	return out
}

// readMessage reads the text of a message.
func readMessage(stem string) (*Message, error) {
	b, err := os.ReadFile(stem + ".txt")
	if err != nil {
		return nil, err
	}
	m, err := ParseMessage(b)
	if err != nil {
		return nil, fmt.Errorf("%s.txt: %w", stem, err)
	}
	return m, nil
}

// place puts a message whose files lie at from into a folder of the spool as its number n. The text comes last: with it the message is there. It fails with
// fs.ErrExist where another has the number. The files at from stay.
func place(from, dir string, n int, text []byte) error {
	to := base(dir, n)
	if _, err := os.Lstat(to + ".txt"); err == nil {
		return fs.ErrExist
	}
	for _, ext := range parts(to) { // of a message that lost its text, as the original leaves them behind
		if err := os.Remove(to + ext); err != nil {
			return err
		}
	}
	for _, ext := range parts(from) {
		if err := twin(from+ext, to+ext); err != nil {
			return err
		}
	}
	if err := writeNew(to+".txt", text); err != nil {
		return err
	}
	return syncDir(dir)
}

// twin gives a file a second name, or copies it where file systems can't do that.
func twin(from, to string) error {
	if err := os.Link(from, to); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o660)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// writeNew writes a file that is not there yet, whole or not at all.
func writeNew(path string, b []byte) error {
	tmp := path + ".new"
	if err := writeSynced(tmp, b, 0o660); err != nil {
		return err
	}
	defer os.Remove(tmp)
	if err := os.Link(tmp, path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(tmp, path)
}

// replace writes a file anew, whole or not at all.
func replace(path string, b []byte, mode fs.FileMode) error {
	tmp := path + ".new"
	if err := writeSynced(tmp, b, mode); err != nil {
		return err
	}
	keepOwner(path, tmp)
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp)
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeSynced(path string, b []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(path)
	}
	return err
}

// syncDir has the names in a folder outlive a power cut, where the system can be told to.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders can't be opened to be written there; NTFS keeps a journal of names
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}

// drop removes a message: its text first, so that it is never there without its sound.
func drop(stem string) error {
	err := os.Remove(stem + ".txt")
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for _, ext := range parts(stem) {
		err = errors.Join(err, os.Remove(stem+ext))
	}
	return err
}
