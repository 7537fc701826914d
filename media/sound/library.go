package sound

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"obelus/media"
	"obelus/media/codec"
)

// Sound is an open sound. One in a phone's own coding is [media.Encoded] too.
type Sound interface {
	media.Source
	io.Closer
}

// Library finds prompts as the original does: NAME.wav and the like, in the
// folder of a language first. Dirs are searched in order.
type Library struct{ Dirs []string }

// ending is a kind of file, by the end of its name.
type ending struct {
	ext    string
	format media.Format
	wav    bool // a head says what it is
}

// endings are those that can be played, best first for a phone of 8,000 samples
// a second.
var endings = []ending{
	{"wav", media.Slin, true},
	{"ulaw", media.Ulaw, false},
	{"ul", media.Ulaw, false},
	{"mu", media.Ulaw, false},
	{"ulw", media.Ulaw, false},
	{"pcm", media.Ulaw, false},
	{"alaw", media.Alaw, false},
	{"al", media.Alaw, false},
	{"alw", media.Alaw, false},
	{"sln", media.Slin, false},
	{"raw", media.Slin, false},
	{"wav16", media.Slin16, true},
	{"sln16", media.Slin16, false},
	{"g722", media.G722, false},
	{"gsm", media.GSM, false},
	{"WAV", media.GSM, true},
	{"sln12", media.Slin12, false},
	{"sln24", media.Slin24, false},
	{"sln32", media.Slin32, false},
	{"sln44", media.Slin44, false},
	{"sln48", media.Slin48, false},
	{"sln96", media.Slin96, false},
	{"sln192", media.Slin192, false},
}

// Open opens a sound by its name without ending. Where there are several files
// the one in a format of the phone's is taken, best format first, and else the
// one that loses least. An absolute name is taken as it is; others may not leave
// the library. "beep" and "silence/1" to "silence/10" are there even where no file is. Languages fall back as in
// the original: en_GB, then en, then none; a language without a folder is also
// found under the name of its voice, as Debian has it (en_US_f_Allison).
func (l Library) Open(name, language string, phone ...media.Format) (Sound, error) {
	if name == "" || strings.ContainsRune(name, 0) {
		return nil, fmt.Errorf("a sound needs a name: %w", fs.ErrNotExist)
	}
	clean := filepath.Clean(filepath.FromSlash(name))
	if !filepath.IsAbs(clean) && !filepath.IsLocal(clean) {
		return nil, fmt.Errorf("sound %q lies outside of the library: %w", name, fs.ErrNotExist)
	}
	order := preferred(phone)
	for _, stem := range l.stems(clean, language) {
		s, err := openStem(stem, order)
		if err == nil {
			return s, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("sound %q: %w", name, err)
		}
	}
	if made := builtin(clean); made != nil {
		return noClose{made}, nil
	}
	return nil, fmt.Errorf("sound %q is in none of %s: %w", name, strings.Join(l.Dirs, ", "), fs.ErrNotExist)
}

// Exists says whether there is a sound of that name: whether Open would find a file,
// or has one built in.
func (l Library) Exists(name, language string) bool {
	clean := filepath.Clean(filepath.FromSlash(name))
	if name == "" || strings.ContainsRune(name, 0) || !filepath.IsAbs(clean) && !filepath.IsLocal(clean) {
		return false
	}
	for _, stem := range l.stems(clean, language) {
		for _, e := range endings {
			if s, err := os.Stat(stem + "." + e.ext); err == nil && s.Mode().IsRegular() {
				return true
			}
		}
	}
	return builtin(clean) != nil
}

// builtin is a sound that needs no file: beep, and silence/1 to silence/10, so many
// seconds of it. nil for any other.
func builtin(name string) media.Source {
	if name == "beep" {
		return Beep()
	}
	dir, base := filepath.Split(name)
	if n, err := strconv.Atoi(base); err == nil && filepath.Clean(dir) == "silence" && n >= 1 && n <= 10 {
		return mustTone("!0/" + strconv.Itoa(1000*n))
	}
	return nil
}

// preferred is the endings in the order in which to try them.
func preferred(phone []media.Format) []ending {
	order := slices.Clone(endings)
	rank := func(e ending) int {
		if i := slices.Index(phone, e.format); i >= 0 && !e.wav {
			return i
		}
		return len(phone)
	}
	slices.SortStableFunc(order, func(a, b ending) int { return rank(a) - rank(b) })
	return order
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
			if filepath.IsLocal(lang) && !strings.ContainsAny(lang, `/\`) {
				out = append(out, filepath.Join(root, lang, name), filepath.Join(root, dir, lang, base))
			}
			i := strings.LastIndexByte(lang, '_')
			if i < 0 {
				break
			}
			lang = lang[:i]
		}
		out = append(out, filepath.Join(root, name))
		for _, voice := range voices(root, language) {
			out = append(out, filepath.Join(voice, name))
		}
	}
	return out
}

// voices are the folders of a language that bear more than its name.
func voices(root, language string) []string {
	if language == "" || strings.ContainsAny(language, `*?[]/\`) {
		return nil
	}
	// The pattern is well formed, and a folder that can't be read has none.
	found, _ := filepath.Glob(filepath.Join(root, language+"_*"))
	return found
}

func openStem(stem string, order []ending) (Sound, error) {
	for _, e := range order {
		f, err := os.Open(stem + "." + e.ext)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s, err := e.open(f)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		return s, nil
	}
	return nil, fs.ErrNotExist
}

func (e ending) open(f *os.File) (Sound, error) {
	if s, err := f.Stat(); err != nil {
		return nil, err
	} else if !s.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is no file", ErrFormat)
	}
	if e.wav {
		return newWAV(f, f.Close)
	}
	made := decoderOf(e.format)
	if e.format >= media.Slin && e.format <= media.Slin192 {
		made = func() codec.Decoder { return little{} }
	}
	return newFile(f, f.Close, e.format, made).open(), nil
}

type noClose struct{ media.Source }

func (noClose) Close() error { return nil }
