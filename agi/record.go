package agi

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"obelus/call"
	"obelus/prompt"
)

// Recording is a sound file that is being written.
type Recording interface {
	// Rate is how many samples a second it takes.
	Rate() int
	Write(samples []int16) error
	// Cut takes away what is behind a place.
	Cut(at time.Duration) error
	Close() error
}

const (
	// quiet is the mean size of samples below which nobody speaks: the default of
	// the original's dsp.conf.
	quiet = 256
	// keyLength is what is cut off the end where a key ended it: the key's tone.
	keyLength = 200 * time.Millisecond
)

// wish is what RECORD FILE asks for.
type wish struct {
	name, format, stop string
	most               time.Duration // 0: for as long as it takes
	offset             time.Duration
	beep               bool
	silence            time.Duration // that ends it; 0: none does
}

func readWish(args []string) (w wish, ok bool) {
	if len(args) < 4 {
		return w, false
	}
	w.name, w.format, w.stop = args[0], args[1], args[2]
	ms, isNumber := leadingInt(args[3])
	if !isNumber {
		return w, false
	}
	w.most = time.Duration(max(ms, 0)) * time.Millisecond
	for i, a := range args[4:] {
		n, isNumber := leadingInt(a)
		switch silence, has := strings.CutPrefix(a, "s="); {
		case has:
			s, _ := strconv.Atoi(silence)
			w.silence = time.Duration(max(s, 0)) * time.Second
		case i == 0 && isNumber:
			w.offset = time.Duration(max(n, 0)) * time.Second / 8000
		default:
			w.beep = true
		}
	}
	return w, true
}

func recordFile(s *session, args []string) (string, error) {
	w, ok := readWish(args)
	if !ok {
		return "", errUsage
	}
	s.ch.Unhold()
	if w.beep {
		if key, err := s.d.Voice.Play(s.ctx, s.ch, w.stop, "beep"); key != 0 || s.ctx.Err() != nil {
			reply, err := s.keyResult(key, err)
			return fmt.Sprintf("%s (randomerror) endpos=%d", reply, samples(w.offset)), err
		}
	}
	h, hears := s.ch.Media().(call.Hearing)
	if s.d.Record == nil || !hears {
		s.x.Warn("RECORD FILE: this channel's sound can't be recorded")
		return "result=-1 (writefile)", errFailed
	}
	file, err := s.d.Record(w.name, w.format, w.offset)
	if err != nil {
		s.x.Warnf("RECORD FILE: %v", err)
		return "result=-1 (writefile)", errFailed
	}
	defer file.Close()
	t := &take{wish: w, file: file}
	stop, err := h.Hear(file.Rate(), t.hear)
	if err != nil {
		s.x.Warnf("RECORD FILE: %v", err)
		return "result=-1 (writefile)", errFailed
	}
	reply, err := t.wait(s, stop)
	return fmt.Sprintf("%s endpos=%d", reply, samples(t.length())), err
}

// take is a recording under way. Samples are gathered as they are heard and written
// by the channel's goroutine: a disk never holds the sound up.
type take struct {
	wish
	file Recording

	mu      sync.Mutex
	heard   []int16 // not yet written
	silent  int     // samples of silence at the end
	written int     // samples
	at      time.Duration
}

// backlog bounds what waits for the disk, in seconds.
const backlog = 60

func (t *take) hear(in, _ []int16) {
	sum := 0
	for _, v := range in {
		sum += max(int(v), -int(v))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if sum > quiet*len(in) {
		t.silent = 0
	} else {
		t.silent += len(in)
	}
	if len(t.heard) < backlog*t.file.Rate() {
		t.heard = append(t.heard, in...)
	}
}

// wait records until it ends for one reason or another.
func (t *take) wait(s *session, stop func()) (reply string, err error) {
	ctx := s.ctx
	if t.most > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.most)
		defer cancel()
	}
	for {
		key, err := prompt.Key(ctx, s.ch, time.Second/5)
		over := err != nil || key != 0 && strings.IndexByte(t.stop, key) >= 0
		if over {
			stop()
		}
		if err := t.save(); err != nil {
			stop()
			s.x.Warnf("RECORD FILE: %v", err)
			return "result=-1 (writefile)", errFailed
		}
		switch {
		case s.ctx.Err() != nil:
			return "result=-1 (hangup)", errFailed
		case err != nil:
			return "result=0 (timeout)", nil
		case over:
			return fmt.Sprintf("result=%d (dtmf)", key), t.cut(keyLength)
		case t.silence > 0 && t.pause() >= t.silence:
			stop()
			return "result=0 (timeout)", t.cut(t.silence - time.Second)
		}
	}
}

// save writes what was heard.
func (t *take) save() error {
	t.mu.Lock()
	heard := t.heard
	t.heard = nil
	t.mu.Unlock()
	t.written += len(heard)
	t.at = t.offset + time.Duration(t.written)*time.Second/time.Duration(t.file.Rate())
	return t.file.Write(heard)
}

func (t *take) length() time.Duration { return t.at }

// pause is how long nobody has spoken.
func (t *take) pause() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Duration(t.silent) * time.Second / time.Duration(t.file.Rate())
}

// cut takes some of the end away.
func (t *take) cut(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t.at = max(t.at-d, t.offset)
	return t.file.Cut(t.at)
}
