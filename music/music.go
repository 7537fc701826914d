package music

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/prompt"
)

// ErrNone says that there is no music of a class.
var ErrNone = errors.New("there is no music")

// Music plays. It is a [call.Musician].
type Music struct {
	voice *prompt.Voice
	data  []string // directories that music lies below
	log   *slog.Logger

	config   atomic.Pointer[Config]
	mu       sync.Mutex
	places   map[*call.Channel]*place // of those who have listened, until they end
	programs map[string]*program      // that run, by class
}

// New makes a player. voice opens the files and says what stands between two pieces. A
// directory that is relative lies below the first of data that has it.
func New(c Config, data []string, voice *prompt.Voice, log *slog.Logger) *Music {
	m := &Music{voice: voice, data: data, log: log, places: make(map[*call.Channel]*place), programs: make(map[string]*program)}
	m.config.Store(&c)
	return m
}

// Reload makes c the configuration. Who listens goes on with what he hears.
func (m *Music) Reload(c Config) { m.config.Store(&c) }

// Config is the configuration.
func (m *Music) Config() *Config { return m.config.Load() }

// Class finds what a channel hears when whoever has it wait wishes for a class, which
// may be "": the channel's own where preferchannelclass says so, the wish, the
// channel's own, default. A name that there is not is passed over with a warning, as in
// the original.
func (m *Music) Class(ch *call.Channel, wish string) (*Class, error) {
	c := m.config.Load()
	names := []string{wish, ch.Music(), "default"}
	if c.PreferChannelClass {
		names = []string{ch.Music(), wish, "default"}
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if x, ok := c.Classes[strings.ToLower(name)]; ok {
			return x, nil
		}
		ch.Log().Warn(fmt.Sprintf("Music on Hold class '%s' not found in memory.  Verify your configuration.", name))
	}
	return nil, fmt.Errorf("%w: no class of %s", ErrNone, strings.Join(names, ", "))
}

// Play plays to the channel's party until ctx ends.
func (m *Music) Play(ctx context.Context, ch *call.Channel, wish string) error {
	if ch.Music() == "passthrough" {
		return nil
	}
	c, err := m.Class(ch, wish)
	if err != nil {
		return err
	}
	if c.AnsweredOnly && ch.State() != call.StateUp {
		return fmt.Errorf("%w: class %s is for answered calls alone", ErrNone, c.Name)
	}
	sound := ch.Media()
	if sound == nil {
		return fmt.Errorf("%s carries no sound", ch.Name())
	}
	if !c.Files {
		return m.playProgram(ctx, sound, c)
	}
	return m.playFiles(ctx, ch, sound, c)
}

// place is where a listener is in a class of files.
type place struct {
	class string
	file  string
	at    time.Duration // into it
}

// placeOf is where the channel left off.
func (m *Music) placeOf(ch *call.Channel, class string) place {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.places[ch]; p != nil && p.class == class {
		return *p
	}
	return place{class: class}
}

func (m *Music) keepPlace(ch *call.Channel, p place) {
	m.mu.Lock()
	_, known := m.places[ch]
	m.places[ch] = &p
	m.mu.Unlock()
	if known {
		return
	}
	ch.AtEnd(func() {
		m.mu.Lock()
		delete(m.places, ch)
		m.mu.Unlock()
	})
}

// playFiles plays one file after another. A file that can't be played is named once
// and passed over; where none can, that is the error.
func (m *Music) playFiles(ctx context.Context, ch *call.Channel, sound call.Media, c *Class) error {
	p := m.placeOf(ch, c.Name)
	defer func() {
		if !ch.IsGone() {
			m.keepPlace(ch, p)
		}
	}()
	for failed := 0; ; {
		files, err := m.Files(c)
		if err != nil {
			return err
		}
		if p.at == 0 {
			p.file = c.next(files, p.file)
		}
		err = m.playFile(ctx, ch, sound, &p)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			m.log.Warn("a file of music could not be played", "class", c.Name, "file", p.file, "why", err)
			if failed++; failed >= len(files) {
				return fmt.Errorf("%w: class %s has no file that can be played", ErrNone, c.Name)
			}
		default:
			failed = 0
			m.announce(ctx, ch, sound, c)
		}
		p.at = 0
	}
}

func (m *Music) playFile(ctx context.Context, ch *call.Channel, sound call.Media, p *place) error {
	src, err := m.voice.Sounds.Open(p.file, "", ch.Leg().Formats())
	if err != nil {
		return err
	}
	defer src.Close()
	if p.at > 0 && prompt.Wind(src, p.at) != nil {
		return nil // it has become shorter
	}
	from, began := p.at, time.Now()
	err = sound.Play(ctx, src)
	lasted := time.Since(began)
	switch {
	case ctx.Err() != nil:
		p.at += lasted
	case err == nil && from == 0 && lasted < media.Frame:
		return fmt.Errorf("it lasts %s", lasted) // it would be played round and round without a pause
	}
	return err
}

// announce says what the class says between two pieces.
func (m *Music) announce(ctx context.Context, ch *call.Channel, sound call.Media, c *Class) {
	if c.Announcement == "" {
		return
	}
	src, err := m.voice.Sounds.Open(c.Announcement, ch.Language(), ch.Leg().Formats())
	if err == nil {
		err = sound.Play(ctx, src)
		src.Close()
	}
	if err != nil && ctx.Err() == nil {
		m.log.Warn("the announcement of a class of music could not be played", "class", c.Name, "sound", c.Announcement, "why", err)
	}
}

// directory is where the files of a class are.
func (m *Music) directory(c *Class) string {
	if c.Directory == "" || filepath.IsAbs(c.Directory) {
		return c.Directory
	}
	for _, d := range m.data {
		if s, err := os.Stat(filepath.Join(d, c.Directory)); err == nil && s.IsDir() {
			return filepath.Join(d, c.Directory)
		}
	}
	if len(m.data) > 0 {
		return filepath.Join(m.data[0], c.Directory)
	}
	return c.Directory
}

// Files lists the pieces of a class by their names without endings, in order.
func (m *Music) Files(c *Class) ([]string, error) {
	if len(c.Entries) > 0 {
		out := make([]string, len(c.Entries))
		for i, e := range c.Entries {
			out[i] = stem(e)
		}
		return out, nil
	}
	dir := m.directory(c)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: class %s: %w", ErrNone, c.Name, err)
	}
	var out []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || e.IsDir() || filepath.Ext(name) == "" {
			continue
		}
		if s := filepath.Join(dir, stem(name)); !slices.Contains(out, s) && m.voice.Sounds.Exists(s, "") { // a LICENSE.txt is no piece
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: class %s: no files in %s", ErrNone, c.Name, dir)
	}
	return out, nil
}

// stem is a file's name without its ending.
func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// next is what comes after a piece; last is "" for a listener who is new.
func (c *Class) next(files []string, last string) string {
	at := slices.Index(files, last)
	switch {
	case c.Order == Random, c.Order == RandomStart && at < 0:
		return files[rand.IntN(len(files))]
	default:
		return files[(at+1)%len(files)]
	}
}
