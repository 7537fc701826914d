package record

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/media/sound"
	"obelus/prompt"
)

// phone is a leg whose phone says a tone for a while, then nothing.
type phone struct {
	mu     sync.Mutex
	talks  time.Duration // from when somebody listens
	after  time.Duration // its sound is there only then
	began  time.Time
	played int
	ears   sync.WaitGroup
}

func (p *phone) Ring() error                    { return nil }
func (p *phone) Progress([]media.Format) error  { return nil }
func (p *phone) Answer([]media.Format) error    { return nil }
func (p *phone) Indicate(call.Indication) error { return nil }
func (p *phone) Hangup(call.Cause)              {}
func (p *phone) Formats() []media.Format        { return []media.Format{media.Ulaw} }

func (p *phone) Media() call.Media {
	if time.Since(p.began) < p.after {
		return nil
	}
	return p
}

func (p *phone) Join(call.Media) error  { return nil }
func (p *phone) Part()                  {}
func (p *phone) Echo(bool)              {}
func (p *phone) Digit(call.Digit) error { return nil }
func (p *phone) Play(ctx context.Context, src media.Source) error {
	p.mu.Lock()
	p.played++
	p.mu.Unlock()
	return media.Discard(ctx, src)
}

func (p *phone) Hear(rate int, f func(in, out []int16)) (func(), error) {
	ctx, cancel := context.WithCancel(context.Background())
	p.ears.Go(func() {
		out, n := make([]int16, rate/50), 0
		for at := time.Duration(0); ; at += media.Frame {
			time.Sleep(media.Frame)
			if ctx.Err() != nil {
				return
			}
			in := make([]int16, rate/50)
			if at < p.talks {
				for i := range in {
					in[i] = []int16{2000, 2000, -2000, -2000}[n%4]
					n++
				}
			}
			f(in, out)
		}
	})
	return func() { cancel(); p.ears.Wait() }, nil
}

// library has any sound: a tenth of a second of silence.
type library struct{}

func (library) Exists(string, string) bool { return true }

func (library) Open(name, _ string, _ []media.Format) (prompt.Sound, error) {
	if name == "missing" {
		return nil, fs.ErrNotExist
	}
	return &short{left: 800}, nil
}

type short struct{ left int }

func (s *short) Rate() int    { return 8000 }
func (s *short) Close() error { return nil }

func (s *short) Read(b []int16) (int, error) {
	n := min(len(b), s.left)
	if s.left -= n; s.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

// inCall runs f on a channel's goroutine in a bubble; the phone presses keys.
func inCall(t *testing.T, p *phone, keys string, at time.Duration, f func(ctx context.Context, ch *call.Channel, log *strings.Builder)) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p.began = time.Now()
		r := call.NewRegistry(slog.New(slog.NewTextHandler(&log, nil)), nil)
		ch := r.New(call.Spec{Name: "SIP/a-1", Leg: p, State: call.StateUp})
		time.AfterFunc(at, func() {
			if keys == "hangup" {
				ch.Gone(call.CauseNormalClearing)
				return
			}
			for _, k := range []byte(keys) {
				ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: k}})
			}
		})
		ch.Start(func(ctx context.Context, ch *call.Channel) call.Order {
			f(ctx, ch, &log)
			return nil
		})
		<-ch.Done()
	})
}

func TestRecord(t *testing.T) {
	for _, c := range []struct {
		name     string
		o        Order
		keys     string
		at       time.Duration
		ended    Why
		key      byte
		length   time.Duration
		talked   time.Duration
		finished error
	}{
		{"a key", Order{Stop: "#", Before: []string{"beep", "missing"}, CutKey: 250 * time.Millisecond}, "12#", 2100 * time.Millisecond, ByKey, '#', 1750 * time.Millisecond, 2 * time.Second, nil},
		{"a key that cancels", Order{Stop: "#", Cancel: "0"}, "0", 2 * time.Second, ByCancel, '0', 2 * time.Second, 2 * time.Second, nil},
		{"a key of its own", Order{Key: func(k byte) bool { return k == '7' }}, "567", time.Second, ByKey, '7', time.Second, time.Second, nil},
		{"silence", Order{Silence: 2 * time.Second, KeepSilence: time.Second}, "5", time.Second, BySilence, 0, 4 * time.Second, 3 * time.Second, nil},
		{"the limit", Order{Max: 1500 * time.Millisecond}, "5", time.Second, ByLimit, 0, 1500 * time.Millisecond, 1500 * time.Millisecond, nil},
		{"hangup", Order{}, "hangup", time.Second, ByHangup, 0, time.Second, time.Second, call.ErrGone},
		{"threshold", Order{Threshold: 3000, Silence: time.Second}, "", time.Hour, BySilence, 0, 0, 0, nil},
		{"louder", Order{Threshold: 3000, Silence: time.Second, Gain: 2}, "", time.Hour, BySilence, 0, 3 * time.Second, 3 * time.Second, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.o.Path, c.o.Formats = filepath.Join(dir, "x"), []string{"wav", "gsm", "wav16"}
			inCall(t, &phone{talks: 3 * time.Second}, c.keys, c.at, func(ctx context.Context, ch *call.Channel, _ *strings.Builder) {
				r := &Recorder{Voice: &prompt.Voice{Sounds: library{}}}
				res, err := r.Record(ctx, ch, c.o)
				if !errors.Is(err, c.finished) || res.Ended != c.ended || res.Key != c.key {
					t.Errorf("%v, key %q, %v", res.Ended, res.Key, err)
				}
				off := func(a, b time.Duration) bool { return a-b > 60*time.Millisecond || b-a > 60*time.Millisecond }
				if off(res.Length, c.length) || off(res.Talked, c.talked) {
					t.Errorf("%v long, %v of it talk; want %v and %v", res.Length, res.Talked, c.length, c.talked)
				}
			})
			for _, ending := range []string{"wav", "gsm", "wav16"} {
				d, err := sound.Duration(filepath.Join(dir, "x."+ending))
				if err != nil || d-c.length > 60*time.Millisecond || c.length-d > 60*time.Millisecond {
					t.Errorf("x.%s is %v long, want %v (%v)", ending, d, c.length, err)
				}
			}
		})
	}
}

func TestRecordTwice(t *testing.T) {
	for _, c := range []struct {
		name  string
		o     Order
		first bool // what was there is at the beginning
	}{{"append", Order{Append: true}, true}, {"prepend", Order{Prepend: true}, false}} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x")
			var kinds []sound.Kind
			for _, ending := range []string{"wav", "wav49", "ulaw"} {
				k, _ := sound.KindOf(ending)
				kinds = append(kinds, k)
				w, err := sound.Create(path+"."+k.Ending, k)
				if err == nil {
					err = errors.Join(w.Write(make([]int16, 8000)), w.Close())
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			c.o.Path, c.o.Formats, c.o.Max = path, []string{"wav", "wav49", "ulaw"}, 2*time.Second
			inCall(t, &phone{talks: time.Hour}, "", time.Hour, func(ctx context.Context, ch *call.Channel, _ *strings.Builder) {
				r := &Recorder{Voice: &prompt.Voice{Sounds: library{}}}
				if res, err := r.Record(ctx, ch, c.o); err != nil || res.Length != 2*time.Second {
					t.Errorf("%v, %v", res, err)
				}
			})
			for _, k := range kinds {
				src, err := sound.OpenFile(path + "." + k.Ending)
				if err != nil {
					t.Fatal(err)
				}
				pcm := make([]int16, 80000)
				n := 0
				for {
					got, err := src.Read(pcm[n:])
					if n += got; err != nil {
						break
					}
				}
				src.Close()
				begin, end := Loudness(pcm[1600:3200]), Loudness(pcm[n-3200:n-1600])
				if n < 24000 || n > 24400 || (begin < 100) != c.first || (end < 100) == c.first {
					t.Errorf("%s: %d samples, loudness %d at the beginning, %d at the end", k.Ending, n, begin, end)
				}
			}
			if left, _ := filepath.Glob(path + "-*"); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestRecordThatFails(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Order
		want error
	}{
		{"no folder", Order{Path: filepath.Join(t.TempDir(), "no", "x"), Formats: []string{"wav"}}, fs.ErrNotExist},
		{"no format", Order{Path: "x", Formats: []string{"wav", "ogg"}}, ErrNoKind},
		{"none", Order{Path: "x"}, ErrNoKind},
	} {
		t.Run(c.name, func(t *testing.T) {
			inCall(t, &phone{talks: time.Hour}, "", time.Hour, func(ctx context.Context, ch *call.Channel, log *strings.Builder) {
				r := &Recorder{Voice: &prompt.Voice{Sounds: library{}}}
				if res, err := r.Record(ctx, ch, c.o); !errors.Is(err, c.want) || res.Ended != ByFailure {
					t.Errorf("%v: %v", res.Ended, err)
				}
			})
		})
	}
}

// A channel whose sound comes later is silent until then.
func TestRecordBeforeThereIsSound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	inCall(t, &phone{talks: time.Hour, after: time.Second}, "", time.Hour, func(ctx context.Context, ch *call.Channel, _ *strings.Builder) {
		r := &Recorder{Voice: &prompt.Voice{Sounds: library{}}}
		res, err := r.Record(ctx, ch, Order{Path: path, Formats: []string{"sln"}, Max: 3 * time.Second})
		if err != nil || res.Ended != ByLimit || res.Talked > 2100*time.Millisecond || res.Talked < 1900*time.Millisecond {
			t.Errorf("%v, %v", res, err)
		}
	})
}

// A disk that hangs costs sound, and is logged; nobody waits for it.
func TestDiskThatHangs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		k, _ := sound.KindOf("sln")
		free := make(chan struct{})
		tape := NewTape(slog.New(slog.NewTextHandler(&log, nil)), Files{Path: path, Kinds: []sound.Kind{k}, Before: func() error { <-free; return nil }})
		for range 50 * 15 {
			tape.Put(make([]int16, 160))
			time.Sleep(20 * time.Millisecond)
		}
		tape.End()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := tape.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waited: %v", err)
		}
		close(free)
		d, err := tape.Wait(context.Background())
		if err != nil || d < 10*time.Second || d > 10400*time.Millisecond {
			t.Errorf("%v were kept (%v)", d, err)
		}
		if !strings.Contains(log.String(), "The recording lacks 4.") {
			t.Errorf("logged: %s", log.String())
		}
	})
	if s, err := os.Stat(path + ".sln"); err != nil || s.Size() < 160000 {
		t.Errorf("%v %v", s, err)
	}
}

func TestMeter(t *testing.T) {
	loud, quiet := make([]int16, 160), make([]int16, 160)
	for i := range loud {
		loud[i] = 256 - int16(i%2)*512
		quiet[i] = 255
	}
	var m Meter
	for _, c := range []struct {
		frame                 []int16
		silent, talks, talked time.Duration
	}{
		{quiet, 20, 0, 0}, {quiet, 40, 0, 0}, {loud, 0, 20, 20}, {loud, 0, 40, 40}, {nil, 20, 0, 40}, {loud, 0, 20, 60},
	} {
		m.Hear(c.frame, media.Frame)
		if m.Silent != c.silent*time.Millisecond || m.Talks != c.talks*time.Millisecond || m.Talked != c.talked*time.Millisecond {
			t.Errorf("silent %v, talks %v, talked %v; want %v %v %v ms", m.Silent, m.Talks, m.Talked, c.silent, c.talks, c.talked)
		}
	}
}
