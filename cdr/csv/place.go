package csv

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// A file is only ever appended to, opened for each batch and closed again, as the original does: it may be moved away or emptied at any
// time (logrotate), and nobody needs to be told. So that every line is there once also after the server died between writing and noting
// that it had, the place where the file ended before is noted first; what stands behind it is compared with what was to be written.

// place is where a file ended.
type place struct {
	Path string `json:"path"`
	At   int64  `json:"at"`
	Tail string `json:"tail"` // of the bytes before: whether it is still the same file
}

// tailSize is how many bytes make a file the same.
const tailSize = 256

// end is where the file ends now; one that is not there ends at 0.
func end(path string) (place, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return place{Path: path, Tail: tailOf(nil)}, nil
	}
	if err != nil {
		return place{}, err
	}
	defer f.Close()
	return endOf(f)
}

func endOf(f *os.File) (place, error) {
	info, err := f.Stat()
	if err != nil {
		return place{}, err
	}
	tail, err := readTail(f, info.Size())
	return place{Path: f.Name(), At: info.Size(), Tail: tailOf(tail)}, err
}

// readTail reads the bytes before at.
func readTail(f *os.File, at int64) ([]byte, error) {
	b := make([]byte, min(at, tailSize))
	if _, err := f.ReadAt(b, at-int64(len(b))); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

func tailOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// appendTo writes text at the end of the file, and returns when it is on the disk, with where the file ends now.
func appendTo(path string, text []byte) (place, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return place{}, err
	}
	_, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return place{}, err
	}
	defer f.Close()
	if len(text) > 0 {
		if _, err := f.Write(text); err != nil {
			return place{}, err
		}
		if err := f.Sync(); err != nil {
			return place{}, err
		}
	}
	if isNew {
		if err := syncDir(filepath.Dir(path)); err != nil {
			return place{}, err
		}
	}
	return endOf(f)
}

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // there, a directory can't be synced and need not be
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// complete writes what is not there yet of text, which was to be written when the file ended at p.
func complete(path string, p place, text []byte) (place, error) {
	done, err := written(path, p, text)
	if err != nil {
		return place{}, err
	}
	rest := text[done.bytes:]
	if line := bytes.IndexByte(rest, '\n') + 1; done.path != path && done.bytes > 0 && text[done.bytes-1] != '\n' {
		// The file was moved away with half a line.
		if _, err := appendTo(done.path, rest[:line]); err != nil {
			return place{}, err
		}
		rest = rest[line:]
	}
	if done.foreign {
		rest = append([]byte{'\n'}, rest...)
	}
	return appendTo(path, rest)
}

// found is how much of a text is in a file.
type found struct {
	path    string
	bytes   int
	foreign bool // and the file ends in half a line of somebody else's
}

// written looks how much of text is there: in the file; in the file from its beginning, if it was moved away before; or in the one moved away.
func written(path string, p place, text []byte) (found, error) {
	same, here, err := behind(path, p, text)
	if err != nil || same && (p.At > 0 || here.bytes > 0) {
		return here, err
	}
	if _, fresh, err := behind(path, place{Tail: tailOf(nil)}, text); err != nil || fresh.bytes > 0 {
		return fresh, err
	}
	moved, err := filepath.Glob(globSafe(path) + "?*")
	if err != nil {
		return found{}, fmt.Errorf("look for the file that was moved away: %w", err)
	}
	for _, m := range moved {
		if same, there, err := behind(m, p, text); err == nil && same && there.bytes > 0 {
			return there, nil
		}
	}
	_, now, err := behind(path, place{Tail: tailOf(nil)}, nil)
	return now, err
}

// behind says whether the file is the one that ended at p, and how much of text stands behind that place.
func behind(path string, p place, text []byte) (same bool, got found, err error) {
	got.path = path
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, got, nil
	}
	if err != nil {
		return false, got, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() < p.At {
		return false, got, err
	}
	tail, err := readTail(f, p.At)
	if err != nil || tailOf(tail) != p.Tail {
		return false, got, err
	}
	more := make([]byte, min(info.Size()-p.At, int64(len(text))))
	if _, err := f.ReadAt(more, p.At); err != nil && !errors.Is(err, io.EOF) {
		return false, got, err
	}
	last, err := readTail(f, info.Size())
	if err != nil {
		return false, got, err
	}
	for got.bytes < len(more) && more[got.bytes] == text[got.bytes] {
		got.bytes++
	}
	if p.At+int64(got.bytes) < info.Size() && got.bytes < len(text) {
		got.bytes = bytes.LastIndexByte(text[:got.bytes], '\n') + 1 // somebody else wrote behind our last whole line
	}
	got.foreign = p.At+int64(got.bytes) < info.Size() && len(last) > 0 && last[len(last)-1] != '\n'
	return true, got, nil
}

// globSafe is a path as a pattern that means it alone.
func globSafe(path string) string {
	var b []byte
	for i := range len(path) {
		switch c := path[i]; {
		case c == '\\' && runtime.GOOS != "windows":
			b = append(b, '\\', c)
		case c == '*' || c == '?' || c == '[':
			b = append(b, '[', c, ']')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}
