// Package record holds the applications that record and listen: Record, MixMonitor,
// Monitor, Dictate, WaitForSilence, AMD and their like, and the functions that change
// or follow the sound of a channel. [Table] and [Functions] list them.
//
// A recording that goes on beside the call is a take. It hears the channel as
// [call.Hearing] does, whatever the channel does meanwhile, and ends with it; the
// [Desk] knows them all, so that they can be stopped, muted and asked after from
// anywhere.
package record

import (
	"context"
	"embed"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"obelus/call"
	"obelus/event"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/record"
)

// pages are the manual, one page an application or function.
//
//go:embed *.md functions/*.md
var pages embed.FS

// Deps are what the applications reach the world by.
type Deps struct {
	Voice *prompt.Voice
	Bus   *event.Bus
	// Shell carries out what is to happen with a recording that has ended; nil: nothing does.
	Shell func(ctx context.Context, line string) (code int, err error)
	// Mail puts a recording into a mailbox, box@context; nil: there are none.
	Mail func(box, file string, from *call.Channel, at call.Place) error
	// Sounds is where Record puts what has no path, Monitor where recordings of calls
	// go, Dictation where Dictate keeps its files.
	Sounds, Monitor, Dictation string
	// NoFiles has nothing written: a simulation, or a check.
	NoFiles bool
}

// Desk knows the recordings that go on. Its methods are safe from any goroutine.
type Desk struct {
	deps     Deps
	settings atomic.Pointer[Settings]

	serial  atomic.Uint64
	closing sync.WaitGroup // what is still done with recordings that have ended

	mu    sync.Mutex
	takes map[*call.Channel][]*take // oldest first
	talks map[*call.Channel]func()  // ends what TALK_DETECT follows
	loud  map[*call.Channel]*volume // of VOLUME
}

// New makes a desk.
func New(d Deps) *Desk {
	k := &Desk{deps: d, takes: make(map[*call.Channel][]*take), talks: make(map[*call.Channel]func()), loud: make(map[*call.Channel]*volume)}
	s := Defaults()
	k.settings.Store(&s)
	return k
}

// Load takes the settings of dsp.conf and amd.conf over, for what begins from now on.
func (k *Desk) Load(s Settings) { k.settings.Store(&s) }

// Threshold is silencethreshold of dsp.conf.
func (k *Desk) Threshold() int { return k.settings.Load().SilenceThreshold }

// recorder is who records for Record and Dictate.
func (k *Desk) recorder() *record.Recorder {
	return &record.Recorder{Voice: k.deps.Voice, Threshold: k.settings.Load().SilenceThreshold, NoFiles: k.deps.NoFiles}
}

// Close waits until what is done with recordings that have ended is done, or ctx is.
func (k *Desk) Close(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		k.closing.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("recordings are still being written: %w", context.Cause(ctx))
	}
}

// Table lists the applications.
func Table(k *Desk) []pbx.Application {
	return pbx.Describe(pages, []pbx.Application{
		recordApp(k), mixMonitor(k), stopMixMonitor(k), monitor(k), stopMonitor(k), pauseMonitor(k, "PauseMonitor", true), pauseMonitor(k, "UnpauseMonitor", false), changeMonitor(k),
		waitForSilence(k), waitForNoise(k), amd(k), backgroundDetect(k), dictate(k),
	})
}

// fileName is the whole name of a recording: one without a path lies in dir. A name
// that climbs out of where it says it lies is refused: it has come from outside.
func fileName(name, dir string) (string, error) {
	if strings.ContainsRune(name, 0) || slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == filepath.Separator }), "..") {
		return "", fmt.Errorf("%q is no name for a recording: it leads elsewhere", name)
	}
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return name, nil
	}
	return filepath.Join(dir, name), nil
}
