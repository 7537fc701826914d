package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"obelus/media/codec"
	"obelus/media/sound"
)

// Files says which files a tape writes: one of each kind.
type Files struct {
	Path   string // without an ending
	Kinds  []sound.Kind
	Append bool // go on behind what is in them
	Rate   int  // of what is put; 0: the highest of the kinds
	// Exact is the whole name, where there is one kind and its name has not its
	// ending; "" for Path and the ending.
	Exact string
	// Before, if not nil, is called before the files are opened, by the goroutine
	// that does: to make their folder.
	Before func() error
}

// name is the whole name of the file of a kind.
func (f *Files) name(k sound.Kind) string {
	if f.Exact != "" {
		return f.Exact
	}
	return f.Path + "." + k.Ending
}

// rate is the highest of the kinds: the others are made from it.
func (f *Files) rate() int {
	if f.Rate > 0 {
		return f.Rate
	}
	most := 8000
	for _, k := range f.Kinds {
		most = max(most, k.Rate())
	}
	return most
}

const (
	waitMost  = 10 * time.Second       // of sound, for a disk that hangs
	waitLeast = 200 * time.Millisecond // before the writer is woken
	flushing  = time.Second            // of sound, between what a crash leaves readable
)

// Tape is files that are being written. Put, Cut and End are safe from any
// goroutine and never wait; what is put is written in order.
type Tape struct {
	files Files
	log   *slog.Logger
	rate  int
	wake  chan struct{}
	done  chan struct{}

	mu     sync.Mutex
	queue  []int16
	ended  bool
	cut    time.Duration
	lost   time.Duration // for want of room
	taken  time.Duration // of what was put
	failed error         // the first failure

	// What follows belongs to the writer.
	out    []*track
	opened bool
}

// track is one file.
type track struct {
	w      *sound.Writer
	r      *codec.Resampler // nil where the tape's rate is the file's
	behind int              // samples since the last flush
}

// NewTape begins a tape: its files are opened when the first sound is put, or at its
// end. log is told of what goes wrong.
func NewTape(log *slog.Logger, files Files) *Tape {
	t := &Tape{files: files, log: log, rate: files.rate(), wake: make(chan struct{}, 1), done: make(chan struct{})}
	go t.run()
	return t
}

// Rate is how many samples make a second of what is put.
func (t *Tape) Rate() int { return t.rate }

// Put adds sound. What the disk has not taken for ten seconds is lost, and logged.
func (t *Tape) Put(pcm []int16) {
	t.mu.Lock()
	d := time.Duration(len(pcm)) * time.Second / time.Duration(t.rate)
	most := int(waitMost * time.Duration(t.rate) / time.Second)
	switch {
	case t.ended:
	case len(t.queue)+len(pcm) > most:
		t.lost += d
	default:
		t.queue = append(t.queue, pcm...)
		t.taken += d
	}
	full := len(t.queue) >= int(waitLeast*time.Duration(t.rate)/time.Second)
	t.mu.Unlock()
	if full {
		t.rouse()
	}
}

func (t *Tape) rouse() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Cut takes sound off the end, when the tape ends.
func (t *Tape) Cut(d time.Duration) {
	t.mu.Lock()
	t.cut = max(d, 0)
	t.mu.Unlock()
}

// End has the tape written to its end and closed; [Tape.Wait] waits for that.
func (t *Tape) End() {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	t.rouse()
}

// Done is closed when an ended tape has been closed.
func (t *Tape) Done() <-chan struct{} { return t.done }

// Wait waits until an ended tape has been closed, and returns how much is on it, what
// was cut left out, and what went wrong. It fails with ctx's cause when that ends
// first.
func (t *Tape) Wait(ctx context.Context) (time.Duration, error) {
	select {
	case <-t.done:
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(t.taken-t.cut, 0), t.failed
}

// Failed is what went wrong so far.
func (t *Tape) Failed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

// run is the writer.
func (t *Tape) run() {
	defer close(t.done)
	var spare []int16
	for {
		<-t.wake
		t.mu.Lock()
		pcm, over := t.queue, t.ended
		t.queue = spare[:0]
		t.mu.Unlock()
		t.fail(t.write(pcm))
		spare = pcm
		if over {
			t.fail(t.close())
			return
		}
	}
}

// fail notes a failure, and logs the first.
func (t *Tape) fail(err error) {
	if err == nil {
		return
	}
	t.mu.Lock()
	first := t.failed == nil
	if first {
		t.failed = err
	}
	t.mu.Unlock()
	if first {
		t.log.Warn("Unable to record: "+err.Error(), "file", t.files.Path)
	}
}

// write puts sound into the files. A file that fails is given up.
func (t *Tape) write(pcm []int16) error {
	if !t.opened {
		t.opened = true
		if err := t.open(); err != nil {
			return err
		}
	}
	var errs []error
	for i, one := range t.out {
		if one == nil {
			continue
		}
		if err := one.write(pcm); err != nil {
			errs = append(errs, err, one.w.Close())
			t.out[i] = nil
		}
	}
	return errors.Join(errs...)
}

func (t *Tape) open() error {
	if t.files.Before != nil {
		if err := t.files.Before(); err != nil {
			return err
		}
	}
	make := sound.Create
	if t.files.Append {
		make = sound.Append
	}
	var errs []error
	for _, k := range t.files.Kinds {
		w, err := make(t.files.name(k), k)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		one := &track{w: w}
		if k.Rate() != t.rate {
			if one.r, err = codec.NewResampler(t.rate, k.Rate()); err != nil {
				errs = append(errs, err, w.Close())
				continue
			}
		}
		t.out = append(t.out, one)
	}
	return errors.Join(errs...)
}

func (o *track) write(pcm []int16) error {
	if o.r != nil {
		pcm = o.r.Run(pcm)
	}
	if err := o.w.Write(pcm); err != nil {
		return err
	}
	if o.behind += len(pcm); time.Duration(o.behind)*time.Second/time.Duration(o.w.Rate()) >= flushing {
		o.behind = 0
		return o.w.Flush()
	}
	return nil
}

// close cuts and closes the files.
func (t *Tape) close() error {
	t.mu.Lock()
	cut, lost := min(t.cut, t.taken), t.lost
	t.mu.Unlock()
	if lost > 0 {
		t.log.Warn(fmt.Sprintf("The recording lacks %v: the disk was too slow to take it", lost), "file", t.files.Path)
	}
	var errs []error
	for _, one := range t.out {
		if one != nil {
			errs = append(errs, one.w.Cut(cut), one.w.Close())
		}
	}
	return errors.Join(errs...)
}
