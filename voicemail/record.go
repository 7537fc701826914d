package voicemail

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/media/sound"
	"obelus/voicemail/mailbox"
)

// Tape is a file of sound that is being written: one voice, 8,000 samples a second.
type Tape interface {
	Write(pcm []int16) error
	Flush() error // what was written outlives the process
	Close() error // the file is whole then
}

// Create makes a file of sound. format is a name of voicemail.conf: wav, wav49, gsm.
type Create func(path, format string) (Tape, error)

// rate is how many samples of a second are recorded.
const rate = 8000

// keepSilence is how much of the silence at the end of a recording stays.
const keepSilence = 200 * time.Millisecond

// recording is what is to be recorded.
type recording struct {
	stem       string // where, without endings
	longest    time.Duration
	maxSilence time.Duration
	level      int     // mean level below which it is silent
	gain       float64 // decibels
	accept     string  // keys that end it
	cancel     string  // keys that end it and have it forgotten
	beep       string
	prompts    []string
}

// taken is what came of it.
type taken struct {
	key      byte // that ended it, 's' for silence, 't' for the time, 0 when the caller hung up
	length   time.Duration
	spoken   time.Duration // without silence
	canceled bool
}

// record records what the caller says. The error is that of a context that has ended: then what was said until then has been recorded.
func (l *line) record(ctx context.Context, r recording) (taken, error) {
	if _, err := l.tell(ctx, r.prompts...); err != nil { // a key goes on to the tone
		return taken{}, err
	}
	if _, err := l.play(ctx, "", r.beep); err != nil {
		return taken{}, err
	}
	hearing, ok := l.ch.Media().(call.Hearing)
	if !ok {
		return taken{}, fmt.Errorf("%s can't be listened to", l.ch.Name())
	}
	tapes, err := l.tapes(r.stem)
	if err != nil {
		return taken{}, err
	}
	w := &writer{recording: r, tapes: tapes, factor: math.Pow(10, r.gain/20)}
	heard := &ear{more: make(chan struct{}, 1)}
	stop, err := hearing.Hear(rate, heard.put)
	if err == nil {
		err = l.listen(ctx, w, heard)
		stop()
	}
	for _, t := range tapes {
		if e := t.Close(); e != nil {
			l.x.Warnf("a recording: %v", e)
		}
	}
	return w.taken, err
}

// listen writes what is heard until something ends it.
func (l *line) listen(ctx context.Context, w *writer, heard *ear) error {
	box := l.ch.Inbox()
	for {
		for e, ok := box.Take(); ok; e, ok = box.Take() {
			if d, is := e.Indication.(call.Digit); is && e.Kind == call.EventDigit {
				w.canceled = strings.IndexByte(w.cancel, d.Key) >= 0
				if w.canceled || strings.IndexByte(w.accept, d.Key) >= 0 {
					w.key = d.Key
					return w.flush(w.silence)
				}
			}
		}
		select {
		case <-ctx.Done():
			return errors.Join(w.write(heard.take()), w.flush(w.silence), context.Cause(ctx))
		case <-box.C:
		case <-heard.more:
			if err := w.write(heard.take()); err != nil {
				return err
			}
			if w.key != 0 {
				return nil
			}
		}
	}
}

// tapes begins a file for each format.
func (l *line) tapes(stem string) ([]Tape, error) {
	create := l.Create
	if create == nil {
		create = fileOf
	}
	var out []Tape
	var all []error
	for _, f := range l.general().Formats {
		t, err := create(stem+mailbox.Ending(f), f)
		if err != nil {
			all = append(all, err)
			continue
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing can be recorded: %w", errors.Join(all...))
	}
	for _, err := range all {
		l.x.Warnf("a format of voicemail.conf: %v", err)
	}
	return out, nil
}

// ear gathers what is heard for the goroutine that writes it.
type ear struct {
	more chan struct{}

	mu  sync.Mutex
	pcm []int16
}

func (e *ear) put(in, _ []int16) {
	e.mu.Lock()
	e.pcm = append(e.pcm, in...)
	e.mu.Unlock()
	select {
	case e.more <- struct{}{}:
	default:
	}
}

func (e *ear) take() []int16 {
	e.mu.Lock()
	defer e.mu.Unlock()
	pcm := e.pcm
	e.pcm = nil
	return pcm
}

// writer writes a recording and knows when it is over. The silence that it ends with is held back, and left out where it ends it.
type writer struct {
	recording
	taken
	tapes   []Tape
	factor  float64
	rest    []int16 // less than a frame
	held    []int16
	silence time.Duration // that lasts
}

const frame = rate / 50

func (w *writer) write(pcm []int16) error {
	w.rest = append(w.rest, pcm...)
	for len(w.rest) >= frame && w.key == 0 {
		f := w.rest[:frame]
		w.rest = w.rest[frame:]
		w.amplify(f)
		if w.maxSilence > 0 && quiet(f, w.level) {
			w.held = append(w.held, f...)
			if w.silence += media.Frame; w.silence >= w.maxSilence {
				w.key = 's'
				return w.flush(min(keepSilence, w.silence))
			}
		} else {
			if err := w.flush(w.silence); err != nil {
				return err
			}
			if err := w.tape(f); err != nil {
				return err
			}
			if !quiet(f, w.level) {
				w.spoken += media.Frame
			}
		}
		if w.longest > 0 && w.length+w.silence >= w.longest {
			w.key = 't'
			return w.flush(w.silence)
		}
	}
	return nil
}

// flush writes the first of the silence that was held back, and forgets the rest.
func (w *writer) flush(d time.Duration) error {
	n := min(int(d*rate/time.Second), len(w.held))
	err := w.tape(w.held[:n])
	w.held, w.silence = w.held[:0], 0
	return err
}

func (w *writer) tape(pcm []int16) error {
	if len(pcm) == 0 {
		return nil
	}
	before := w.length / time.Second
	w.length += time.Duration(len(pcm)) * time.Second / rate
	for _, t := range w.tapes {
		if err := t.Write(pcm); err != nil {
			return fmt.Errorf("a recording can't be written: %w", err)
		}
		if w.length/time.Second > before {
			if err := t.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) amplify(pcm []int16) {
	if w.gain == 0 {
		return
	}
	for i, s := range pcm {
		pcm[i] = int16(max(min(float64(s)*w.factor, math.MaxInt16), math.MinInt16))
	}
}

// quiet says whether the mean level of a frame is below a threshold.
func quiet(pcm []int16, level int) bool {
	sum := 0
	for _, s := range pcm {
		sum += max(int(s), -int(s))
	}
	return sum < level*len(pcm)
}

// fileOf makes a file of a format of voicemail.conf.
func fileOf(path, format string) (Tape, error) {
	k, ok := sound.KindOf(format)
	if !ok {
		return nil, fmt.Errorf("format %s can't be recorded", format)
	}
	w, err := sound.Create(path, k)
	if err != nil {
		return nil, err
	}
	if k.Rate() == rate {
		return w, nil
	}
	return &stretched{Writer: w, step: float64(rate) / float64(k.Rate())}, nil
}

// stretched is a file of another rate than is recorded with: what lies between two samples is on the line between them.
type stretched struct {
	*sound.Writer
	step float64 // in samples of what is recorded
	at   float64 // of the next sample, from last on
	last int16
	out  []int16
}

// Write adds samples.
func (s *stretched) Write(pcm []int16) error {
	s.out = s.out[:0]
	for _, next := range pcm {
		for ; s.at < 1; s.at += s.step {
			s.out = append(s.out, int16(float64(s.last)+(float64(next)-float64(s.last))*s.at))
		}
		s.at--
		s.last = next
	}
	return s.Writer.Write(s.out)
}
