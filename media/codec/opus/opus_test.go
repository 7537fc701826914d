package opus

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"

	"obelus/media"
	"obelus/media/codec"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func pretendedEncoders(t *testing.T) *Encoders {
	t.Helper()
	e, err := New(t.Context(), pretend(pretended()), quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func newEncoder(t *testing.T, e *Encoders, rate int) codec.Encoder {
	t.Helper()
	enc, err := e.NewOpusEncoder(rate)
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

func frameOf(first int16, n int) []int16 {
	pcm := make([]int16, n)
	pcm[0] = first
	return pcm
}

func TestEncodePutsTogetherWholeFrames(t *testing.T) {
	e := pretendedEncoders(t)
	for _, c := range []struct{ rate, samples, coded int }{
		{8000, 160, 160}, {8000, 320, 320}, {8000, 1, 160}, {8000, 161, 320}, {8000, 960, 960}, {8000, 4000, 960},
		{16000, 320, 320}, {48000, 960, 960}, {48000, 5760, 5760},
	} {
		got := newEncoder(t, e, c.rate).Encode([]byte{9}, frameOf(0x1234, c.samples))
		if want := []byte{9, byte(c.coded), byte(c.coded >> 8), 0x34, 0x12}; !bytes.Equal(got, want) {
			t.Errorf("%d samples of %d: %x, want %x", c.samples, c.rate, got, want)
		}
	}
	if got := newEncoder(t, e, 8000).Encode(nil, nil); got != nil {
		t.Errorf("nothing became %x", got)
	}
	if _, err := e.NewOpusEncoder(11025); err == nil {
		t.Error("11025 samples a second were taken")
	}
}

// An encoder that fails costs one packet; one whose machine breaks down goes on
// in another, and its neighbours do too.
func TestEncodeSurvivesTheModule(t *testing.T) {
	e := pretendedEncoders(t)
	a := newEncoder(t, e, 8000)
	for range runtime.GOMAXPROCS(0) {
		newEncoder(t, e, 8000)
	}
	b := newEncoder(t, e, 8000)
	for _, first := range []int16{failing, trapping} {
		if got := a.Encode(nil, frameOf(first, 160)); got != nil {
			t.Errorf("a frame that fails became %x", got)
		}
		if got := a.Encode(nil, frameOf(7, 160)); len(got) != 4 {
			t.Errorf("after a failure: %x", got)
		}
	}
	got := b.Encode(nil, frameOf(7, 160))
	if got == nil { // it lived in the broken one
		got = b.Encode(nil, frameOf(7, 160))
	}
	if len(got) != 4 {
		t.Errorf("the neighbour gives %x", got)
	}
}

func TestClosedEncodersGiveNothing(t *testing.T) {
	e := pretendedEncoders(t)
	a, b := newEncoder(t, e, 8000), newEncoder(t, e, 8000)
	if err := codec.Close(a); err != nil {
		t.Error(err)
	}
	if err := codec.Close(a); err != nil {
		t.Error("the second time:", err)
	}
	if got := a.Encode(nil, frameOf(7, 160)); got != nil {
		t.Errorf("closed, it gives %x", got)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if got := b.Encode(nil, frameOf(7, 160)); got != nil {
		t.Errorf("with all closed it gives %x", got)
	}
	if err := codec.Close(b); err != nil {
		t.Error(err)
	}
	if _, err := e.NewOpusEncoder(8000); !errors.Is(err, ErrClosed) {
		t.Errorf("a new one of the closed: %v", err)
	}
}

func TestEncodersAtOnce(t *testing.T) {
	e := pretendedEncoders(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 20 {
				enc, err := e.NewOpusEncoder(16000)
				if err != nil {
					t.Error(err)
					return
				}
				for range 5 {
					if got := enc.Encode(nil, frameOf(7, 320)); len(got) != 4 {
						t.Errorf("%x", got)
					}
				}
				codec.Close(enc)
			}
		})
	}
	wait.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.machines); n > runtime.GOMAXPROCS(0) {
		t.Errorf("%d machines", n)
	}
	for _, m := range e.machines {
		if n := m.users.Load(); n != 0 {
			t.Errorf("%d encoders are still counted", n)
		}
	}
}

func TestModuleIsRefused(t *testing.T) {
	without := func(name string) []byte {
		return pretend(slices.DeleteFunc(pretended(), func(f function) bool { return f.name == name }))
	}
	narrow := pretended()
	narrow[5].params = 4
	narrow[5].body = []byte{0x41, 0}
	for name, code := range map[string][]byte{
		"empty": nil, "text": []byte("opus"), "no encoder": without("opus_encode"), "no malloc": without("malloc"), "another signature": pretend(narrow),
	} {
		e, err := New(t.Context(), code, quiet())
		if !errors.Is(err, ErrModule) {
			t.Errorf("%s: %v", name, err)
		}
		if e != nil {
			e.Close()
		}
	}
	full := pretended()
	full[0].body = []byte{0x41, 0} // malloc has nothing to give
	e, err := New(t.Context(), pretend(full), quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, err := e.NewOpusEncoder(8000); err == nil {
		t.Error("without memory there is an encoder all the same")
	}
}

func TestOpenSaysWhichFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	if _, err := Open(t.Context(), path, quiet()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if got := Find("", dir); got != "" {
		t.Errorf("found %s, which is not there", got)
	}
	if err := os.WriteFile(path, pretend(pretended()), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Find(filepath.Join(dir, "no"), dir); got != path {
		t.Errorf("found %q, want %s", got, path)
	}
	e, err := Open(t.Context(), path, quiet())
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	if err := os.WriteFile(path, []byte("no module"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, quiet()); err == nil || !bytes.Contains([]byte(err.Error()), []byte(path)) {
		t.Errorf("a broken file: %v", err)
	}
}

func TestEncodeAllocatesNothing(t *testing.T) {
	enc := newEncoder(t, pretendedEncoders(t), 8000)
	pcm, out := frameOf(7, 160), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(50, func() { out = enc.Encode(out[:0], pcm) }); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

// The real thing: its packets are what our decoder reads, as long as they were.
func TestRealModule(t *testing.T) {
	path := realModule(t)
	if path == "" {
		t.Log("there is no opus.wasm here: make opus fetches it, and make test does")
		return
	}
	e, err := Open(t.Context(), path, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	set := codec.NewSet(codec.Options{Opus: e})
	for _, rate := range []int{8000, 12000, 16000, 24000, 48000} {
		enc := newEncoder(t, e, rate)
		var sizes []int
		for _, ms := range []int{20, 40, 60, 120} {
			packet := enc.Encode(nil, make([]int16, rate/1000*ms))
			l, err := set.NewListener(media.Opus, rate)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(l.Hear(packet)); got != rate/1000*ms {
				t.Errorf("%d ms at %d became %d samples", ms, rate, got)
			}
			sizes = append(sizes, len(packet))
		}
		pcm, out := make([]int16, rate/50), make([]byte, 0, 2000)
		if n := testing.AllocsPerRun(50, func() { out = enc.Encode(out[:0], pcm) }); n > 0 {
			t.Errorf("%v allocations a packet at %d", n, rate)
		}
		t.Logf("%d: packets of silence have %v bytes", rate, sizes)
		if err := enc.(io.Closer).Close(); err != nil {
			t.Error(err)
		}
	}
}

// Encoders come and go: their memory comes back.
func TestRealModuleForgets(t *testing.T) {
	path := realModule(t)
	if path == "" {
		t.Log("there is no opus.wasm here: make opus fetches it, and make test does")
		return
	}
	e, err := Open(t.Context(), path, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for range 500 {
		enc := newEncoder(t, e, 8000)
		enc.Encode(nil, make([]int16, 160))
		codec.Close(enc)
	}
	for _, m := range e.machines {
		if got := m.module.Memory().Size(); got > 16<<20 {
			t.Errorf("500 encoders one after the other made a machine grow to %d bytes", got)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	path := realModule(b)
	if path == "" {
		b.Fatal("there is no opus.wasm here: make opus fetches it")
	}
	e, err := Open(b.Context(), path, quiet())
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for _, rate := range []int{8000, 16000, 48000} {
		b.Run(strconv.Itoa(rate), func(b *testing.B) {
			enc, err := e.NewOpusEncoder(rate)
			if err != nil {
				b.Fatal(err)
			}
			defer codec.Close(enc)
			pcm, out := make([]int16, rate/50), []byte(nil)
			for i := range pcm {
				pcm[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(i)/float64(rate)))
			}
			for b.Loop() {
				out = enc.Encode(out[:0], pcm)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	path := realModule(b)
	if path == "" {
		b.Fatal("there is no opus.wasm here: make opus fetches it")
	}
	for b.Loop() {
		e, err := Open(b.Context(), path, quiet())
		if err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
