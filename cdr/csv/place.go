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
	"slices"
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

// complete writes what is not there yet of text, which was to be written when the file ended at p. What is there is in the file behind that place;
// or, where files were moved away since, in those and in the ones that were begun after them, one piece behind the other.
func complete(path string, p place, text []byte) (place, error) {
	c := completing{path: path, rest: text}
	// Opened before the others are listed: it may be moved away in between, and is not missed then.
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		c.file = f
	} else if !errors.Is(err, fs.ErrNotExist) {
		return place{}, err
	}
	moved, err := filepath.Glob(globSafe(path) + "?*")
	if err != nil {
		return place{}, fmt.Errorf("look for files that were moved away: %w", err)
	}
	c.names = append([]string{path}, moved...)
	if err := c.find(p); err != nil {
		return place{}, err
	}
	for begun := true; begun && len(c.rest) > 0; {
		if begun, err = c.findBegun(); err != nil {
			return place{}, err
		}
	}
	if c.last != path && len(c.rest) > 0 {
		if _, now, err := c.look(path, start(), nil); err != nil {
			return place{}, err
		} else if now.half {
			c.rest = append([]byte{'\n'}, c.rest...) // somebody else's line is not ours to go on with
		}
	}
	return appendTo(path, c.rest)
}

// completing is a text of which some is in files already.
type completing struct {
	path  string
	file  *os.File // the one of that name; nil: there is none
	names []string // where more of it may be; one goes with what was found
	rest  []byte   // what was not found
	last  string   // the file that ends with what was found, and may be gone on with
}

// find looks behind the place where the file had ended.
func (c *completing) find(p place) error {
	for i, f := range c.names {
		same, there, err := c.look(f, p, c.rest)
		if err != nil && f == c.path {
			return err
		}
		if err == nil && same && (there.bytes > 0 || p.At > 0) {
			return c.found(i, there)
		}
	}
	return nil
}

// findBegun looks for a file that begins with the rest. One that was moved away has nothing else in it.
func (c *completing) findBegun() (bool, error) {
	for i, f := range c.names {
		_, there, err := c.look(f, start(), c.rest)
		if err != nil && f == c.path {
			return false, err
		}
		if err == nil && there.bytes > 0 && (there.all || f == c.path) {
			return true, c.found(i, there)
		}
	}
	return false, nil
}

// look is behind for a file by its name.
func (c *completing) look(name string, p place, text []byte) (same bool, got found, err error) {
	f := c.file
	if name != c.path {
		if f, err = os.Open(name); err != nil {
			return false, got, err
		}
		defer f.Close()
	}
	if f == nil {
		return false, got, nil
	}
	return behind(f, p, text)
}

// found takes away what is in a file. Half a line in one that was moved away is finished there.
func (c *completing) found(i int, there found) error {
	f := c.names[i]
	c.names = slices.Delete(c.names, i, i+1)
	text := c.rest
	c.rest = text[there.bytes:]
	if c.last = ""; there.all {
		c.last = f
	}
	if f == c.path || there.bytes == 0 || text[there.bytes-1] == '\n' {
		return nil
	}
	line := bytes.IndexByte(c.rest, '\n') + 1
	if _, err := appendTo(f, c.rest[:line]); err != nil {
		return err
	}
	c.rest = c.rest[line:]
	return nil
}

// start is where any file has been.
func start() place { return place{Tail: tailOf(nil)} }

// found is how much of a text is in a file.
type found struct {
	bytes int
	all   bool // and nothing else is behind that place
	half  bool // what is behind it is somebody else's and ends in half a line
}

// behind says whether the file is the one that ended at p, and how much of text stands behind that place.
func behind(f *os.File, p place, text []byte) (same bool, got found, err error) {
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
	got.all = p.At+int64(got.bytes) == info.Size()
	got.half = p.At+int64(got.bytes) < info.Size() && len(last) > 0 && last[len(last)-1] != '\n'
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
