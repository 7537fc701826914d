package media

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

func TestNames(t *testing.T) {
	seen := make(map[string]bool)
	for _, f := range All() {
		name := f.String()
		if name == "" || seen[name] || f.Description() == "" || !f.IsCodec() {
			t.Errorf("format %d: name %q, description %q", f, name, f.Description())
		}
		seen[name] = true
		if got, ok := ByName(name); !ok || got != f {
			t.Errorf("%q is found as %v", name, got)
		}
		if f.Encoding() == "" {
			continue
		}
		if got, ok := BySDP(f.Encoding(), f.Clock()); !ok || got != f {
			t.Errorf("%s/%d is found as %v, want %v", f.Encoding(), f.Clock(), got, f)
		}
		if pt := f.Payload(); pt != NoPayload {
			if got, ok := ByPayload(uint8(pt)); !ok || got != f {
				t.Errorf("payload type %d is found as %v, want %v", pt, got, f)
			}
		}
	}
}

func TestByName(t *testing.T) {
	for name, want := range map[string]Format{
		"ulaw": Ulaw, "ALAW": Alaw, " g722 ": G722, "g729a": G729, "g723.1": G723, "h263+": H263P, "slin16": Slin16, "opus": Opus, "g711u": Ulaw,
		"all": None, "": None, "none": None, "telephone-event": None, "cn": None, "ulaw:20": None,
	} {
		if got, ok := ByName(name); got != want || ok != (want != None) {
			t.Errorf("%q is found as %v, want %v", name, got, want)
		}
	}
}

func TestBySDP(t *testing.T) {
	for _, c := range []struct {
		name  string
		clock int
		want  Format
	}{
		{"pcmu", 8000, Ulaw}, {"PCMA", 0, Alaw}, {"G722", 8000, G722}, {"G722", 16000, G722}, {"opus", 48000, Opus}, {"OPUS", 16000, None},
		{"L16", 16000, Slin16}, {"L16", 44100, Slin44}, {"L16", 7000, None}, {"speex", 32000, Speex32}, {"telephone-event", 48000, TelephoneEvent},
		{"telephone-event", 8000, TelephoneEvent}, {"CN", 8000, ComfortNoise}, {"H263-2000", 90000, H263P}, {"VP8", 90000, VP8}, {"t140", 1000, T140},
		{"red", 1000, Red}, {"", 8000, None}, {"DVI4", 16000, None}, {"foo", 8000, None},
	} {
		if got, ok := BySDP(c.name, c.clock); got != c.want || ok != (c.want != None) {
			t.Errorf("%s/%d is found as %v, want %v", c.name, c.clock, got, c.want)
		}
	}
}

func TestByPayload(t *testing.T) {
	for pt, want := range map[uint8]Format{0: Ulaw, 3: GSM, 8: Alaw, 9: G722, 13: ComfortNoise, 19: ComfortNoise, 18: G729, 34: H263, 96: None, 127: None, 255: None} {
		if got, ok := ByPayload(pt); got != want || ok != (want != None) {
			t.Errorf("payload type %d is found as %v, want %v", pt, got, want)
		}
	}
}

// A number that is no format is none, whatever is asked of it.
func TestNoFormat(t *testing.T) {
	for _, f := range []Format{None, formats, 255} {
		if f.String() != "none" || f.IsCodec() || f.Encoding() != "" || f.Payload() != NoPayload {
			t.Errorf("format %d: %v %q %d", uint8(f), f, f.Encoding(), f.Payload())
		}
	}
}

func TestFamilies(t *testing.T) {
	for f, want := range map[Format]string{Slin: "slin", Slin192: "slin", Speex16: "speex", Silk24: "silk", Ulaw: "ulaw", LPC10: "lpc10", G729: "g729"} {
		if got := f.Family(); got != want {
			t.Errorf("%v is of the family %q, want %q", f, got, want)
		}
	}
}

func TestPtimes(t *testing.T) {
	for f, want := range map[Format]time.Duration{Ulaw: Frame, G723: 30 * time.Millisecond, ILBC: 30 * time.Millisecond, H264: 0, T140: 300 * time.Millisecond} {
		if got := f.Ptime(); got != want {
			t.Errorf("%v: %v, want %v", f, got, want)
		}
	}
}

// silence is a source of so many samples.
type silence struct {
	left int
	err  error
}

func (silence) Rate() int { return 8000 }

func (s *silence) Read(frame []int16) (int, error) {
	n := min(len(frame), s.left)
	if s.left -= n; s.left == 0 {
		return n, s.err
	}
	return n, nil
}

func TestDiscard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := Discard(t.Context(), &silence{1600, io.EOF}); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != 200*time.Millisecond {
			t.Errorf("200 ms took %v", took)
		}
		broken := errors.New("broken")
		if err := Discard(t.Context(), &silence{160, broken}); !errors.Is(err, broken) {
			t.Errorf("err = %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Millisecond)
		defer cancel()
		if err := Discard(ctx, &silence{1 << 30, nil}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
	})
}
