package sound

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obelus/media"
	"obelus/media/codec"
)

// Sound is an open sound.
type Sound interface {
	media.Source
	io.Closer
}

// Library finds prompts as the original does: NAME.wav and the like, in the
// folder of a language first. Dirs are searched in order.
type Library struct{ Dirs []string }

// kinds are the file endings that can be played, best first for a phone of 8,000
// samples a second.
var kinds = []struct {
	ext  string
	open func(f *os.File) (Sound, error)
}{
	{"wav", func(f *os.File) (Sound, error) { return newWAV(f, f.Close) }},
	{"ulaw", func(f *os.File) (Sound, error) {
		return newRaw(f, f.Close, 8000, 1, func(b []byte) int16 { return codec.DecodeUlaw(b[0]) }), nil
	}},
	{"pcm", func(f *os.File) (Sound, error) {
		return newRaw(f, f.Close, 8000, 1, func(b []byte) int16 { return codec.DecodeUlaw(b[0]) }), nil
	}},
	{"alaw", func(f *os.File) (Sound, error) {
		return newRaw(f, f.Close, 8000, 1, func(b []byte) int16 { return codec.DecodeAlaw(b[0]) }), nil
	}},
	{"sln", func(f *os.File) (Sound, error) { return newRaw(f, f.Close, 8000, 2, little), nil }},
	{"raw", func(f *os.File) (Sound, error) { return newRaw(f, f.Close, 8000, 2, little), nil }},
	{"wav16", func(f *os.File) (Sound, error) { return newWAV(f, f.Close) }},
	{"sln16", func(f *os.File) (Sound, error) { return newRaw(f, f.Close, 16000, 2, little), nil }},
}

// Open opens a sound by its name without ending. An absolute name is taken as
// it is; others may not leave the library. "beep" is there even where no file
// is. Languages fall back as in the original: en_GB, then en, then none.
func (l Library) Open(name, language string) (Sound, error) {
	if name == "" || strings.ContainsRune(name, 0) {
		return nil, fmt.Errorf("a sound needs a name: %w", fs.ErrNotExist)
	}
	clean := filepath.Clean(filepath.FromSlash(name))
	if !filepath.IsAbs(clean) && !filepath.IsLocal(clean) {
		return nil, fmt.Errorf("sound %q lies outside of the library: %w", name, fs.ErrNotExist)
	}
	for _, stem := range l.stems(clean, language) {
		s, err := openStem(stem)
		if err == nil {
			return s, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("sound %q: %w", name, err)
		}
	}
	if clean == "beep" {
		return noClose{Beep()}, nil
	}
	return nil, fmt.Errorf("sound %q is in none of %s: %w", name, strings.Join(l.Dirs, ", "), fs.ErrNotExist)
}

// stems lists where a sound may lie, without endings.
func (l Library) stems(name, language string) []string {
	if filepath.IsAbs(name) {
		return []string{name}
	}
	var out []string
	dir, base := filepath.Split(name)
	for _, root := range l.Dirs {
		for lang := language; lang != ""; {
			if filepath.IsLocal(lang) {
				out = append(out, filepath.Join(root, lang, name), filepath.Join(root, dir, lang, base))
			}
			i := strings.LastIndexByte(lang, '_')
			if i < 0 {
				break
			}
			lang = lang[:i]
		}
		out = append(out, filepath.Join(root, name))
	}
	return out
}

func openStem(stem string) (Sound, error) {
	for _, k := range kinds {
		f, err := os.Open(stem + "." + k.ext)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s, err := k.open(f)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		return s, nil
	}
	return nil, fs.ErrNotExist
}

type noClose struct{ media.Source }

func (noClose) Close() error { return nil }
