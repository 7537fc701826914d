package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/media/sound"
	"obelus/prompt"
)

// Recorder records what channels say. There is one for the server, used by all of
// them at once.
type Recorder struct {
	Voice *prompt.Voice
	// Threshold is what counts as silence: silencethreshold of dsp.conf; 0 for 256.
	Threshold int
	// NoFiles has nothing written: a simulation.
	NoFiles bool
}

// Order is what to record, and until when.
type Order struct {
	Path    string   // of the files, without ending
	Formats []string // by the names of the original: wav, wav49, gsm ...
	Append  bool     // go on behind what is in them
	Prepend bool     // put it before what is in them

	Before []string // sounds that are played first; "beep"

	Max       time.Duration // ends it; 0: never
	Silence   time.Duration // so much silence in a row ends it; 0: never
	Threshold int           // of silence; 0: the Recorder's
	Stop      string        // keys that end it
	Cancel    string        // keys that end it, too, and are told from the others
	// Key, if not nil, is called with every other key, and says whether it ends it.
	Key func(key byte) (ends bool)

	KeepSilence time.Duration // of the silence that ended it; the rest is cut off
	CutKey      time.Duration // is cut off at the end when a key has ended it
	Gain        float64       // the samples are multiplied by this; 0: left as they are
}

// Why is why a recording ended.
type Why uint8

// The ends of a recording.
const (
	ByKey     Why = iota + 1 // a key of Order.Stop, or one that Order.Key wants
	ByCancel                 // a key of Order.Cancel
	BySilence                // Order.Silence
	ByLimit                  // Order.Max
	ByHangup                 // the channel has gone, or was given another order
	ByFailure                // the files can't be written
)

// String names the end.
func (w Why) String() string {
	names := [...]string{"", "a key", "a cancelling key", "silence", "the limit", "the channel's end", "a failure"}
	if int(w) < len(names) {
		return names[w]
	}
	return "unknown"
}

// Result is what was recorded.
type Result struct {
	Length time.Duration // of what was recorded, what was cut off left out
	Talked time.Duration // ... without the silence in it
	Ended  Why
	Key    byte // for ByKey and ByCancel
}

// ErrNoKind says that a format is none that can be written.
var ErrNoKind = errors.New("sound can't be recorded in this format")

// Kinds finds the kinds of files of formats.
func Kinds(formats []string) ([]sound.Kind, error) {
	var list []sound.Kind
	for _, name := range formats {
		k, ok := sound.KindOf(name)
		if !ok {
			return nil, fmt.Errorf("%w: %q", ErrNoKind, name)
		}
		list = append(list, k)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: none is named", ErrNoKind)
	}
	return list, nil
}

// Record records what the channel says. It is called by the channel's goroutine. The
// error is why the files can't be written ([ByFailure]), or ctx's cause
// ([ByHangup]): then, too, there is what was said until then.
func (r *Recorder) Record(ctx context.Context, ch *call.Channel, o Order) (Result, error) {
	kinds, err := Kinds(o.Formats)
	if err != nil {
		return Result{Ended: ByFailure}, err
	}
	if _, err := r.Voice.Play(ctx, ch, "", o.Before...); err != nil && !errors.Is(err, prompt.ErrMissing) {
		return Result{Ended: ByHangup}, err
	}
	files := Files{Path: o.Path, Kinds: kinds, Append: o.Append && !o.Prepend}
	if o.Prepend {
		files.Path += prependEnd
	}
	if r.NoFiles {
		files.Kinds = nil
		if o.Max == 0 {
			o.Max = simulated
		}
	}
	x := &recording{o: o, tape: NewTape(ch.Log(), files), happened: make(chan struct{}, 1)}
	if x.meter.Threshold = o.Threshold; o.Threshold <= 0 {
		x.meter.Threshold = r.Threshold
	}
	stop, err := Listen(ch, x.tape.Rate(), x.hear)
	if err != nil {
		x.tape.End()
		return Result{Ended: ByFailure}, err
	}
	res, err := x.wait(ctx, ch)
	stop()
	return x.finish(ctx, res, err, &files)
}

// simulated is how long a recording without a limit lasts at most where nothing is
// written.
const simulated = 10 * time.Second

// prependEnd is what stands behind the name of a file while it is to be put before another.
const prependEnd = "-prepend"

// recording is one that is going on.
type recording struct {
	o        Order
	tape     *Tape
	happened chan struct{} // there is an end
	scaled   []int16

	mu    sync.Mutex
	meter Meter
	took  time.Duration
	over  Why
}

// hear is called by the media plane.
func (x *recording) hear(in, _ []int16) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over != 0 {
		return
	}
	if x.o.Gain > 0 {
		x.scaled = append(x.scaled[:0], in...)
		scale(x.scaled, x.o.Gain)
		in = x.scaled
	}
	x.tape.Put(in)
	x.meter.Hear(in, media.Frame)
	x.took += media.Frame
	switch {
	case x.tape.Failed() != nil:
		x.over = ByFailure
	case x.o.Silence > 0 && x.meter.Silent >= x.o.Silence:
		x.over = BySilence
	case x.o.Max > 0 && x.took >= x.o.Max:
		x.over = ByLimit
	default:
		return
	}
	x.happened <- struct{}{} // once
}

func scale(pcm []int16, by float64) {
	for i, s := range pcm {
		pcm[i] = int16(min(max(float64(s)*by, -32768), 32767))
	}
}

// wait waits for the end.
func (x *recording) wait(ctx context.Context, ch *call.Channel) (Result, error) {
	box := ch.Inbox()
	for {
		for e, ok := box.Take(); ok; e, ok = box.Take() {
			d, is := e.Indication.(call.Digit)
			if !is || e.Kind != call.EventDigit {
				continue
			}
			switch {
			case strings.IndexByte(x.o.Stop, d.Key) >= 0:
				return Result{Ended: ByKey, Key: d.Key}, nil
			case strings.IndexByte(x.o.Cancel, d.Key) >= 0:
				return Result{Ended: ByCancel, Key: d.Key}, nil
			case x.o.Key != nil && x.o.Key(d.Key):
				return Result{Ended: ByKey, Key: d.Key}, nil
			}
		}
		select {
		case <-ctx.Done():
			return Result{Ended: ByHangup}, context.Cause(ctx)
		case <-x.happened:
			x.mu.Lock()
			defer x.mu.Unlock()
			return Result{Ended: x.over}, nil
		case <-box.C:
		}
	}
}

// finish closes the files. The call may be over: what was said is kept all the same.
func (x *recording) finish(ctx context.Context, res Result, ended error, files *Files) (Result, error) {
	switch res.Ended {
	case BySilence:
		x.tape.Cut(x.meter.Silent - x.o.KeepSilence)
	case ByKey, ByCancel:
		x.tape.Cut(x.o.CutKey)
	}
	x.tape.End()
	patient, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), patience, errors.New("the disk does not take the recording"))
	defer cancel()
	length, err := x.tape.Wait(patient)
	res.Length, res.Talked = length, x.meter.Talked
	if err == nil && x.o.Prepend {
		err = join(files, x.o.Path)
	}
	if err != nil {
		res.Ended = ByFailure
		return res, fmt.Errorf("record %s: %w", x.o.Path, err)
	}
	return res, ended
}

// patience is how long a disk may take to close files that an application needs.
const patience = 20 * time.Second

// join puts what is in the files at path behind what was recorded, which takes their
// place.
func join(files *Files, path string) error {
	for _, k := range files.Kinds {
		from, to := files.name(k), path+"."+k.Ending
		w, err := sound.Append(from, k)
		if err != nil {
			return err
		}
		err = w.AddFile(to)
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		if err = errors.Join(err, w.Close()); err != nil {
			return err
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
	}
	return nil
}
