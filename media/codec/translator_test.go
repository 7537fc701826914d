package codec

import (
	"testing"
	"time"

	"obelus/media"
)

// codable are the formats that turn into each other wherever obelus runs.
func codable() []media.Format {
	var out []media.Format
	for _, f := range media.All() {
		if f.Kind() == media.Audio && NewSet(Options{}).CanEncode(f) {
			out = append(out, f)
		}
	}
	return out
}

// pairs are every format to and from three that stand for the rest.
func pairs() (out [][2]media.Format) {
	for _, f := range codable() {
		for _, g := range []media.Format{media.Ulaw, media.GSM, media.Slin16} {
			out = append(out, [2]media.Format{f, g}, [2]media.Format{g, f})
		}
	}
	return out
}

func TestSetKnowsWhatItCan(t *testing.T) {
	s := NewSet(Options{})
	for _, f := range media.All() {
		e, err := s.NewEncoder(f)
		if (err == nil) != s.CanEncode(f) {
			t.Errorf("%v: CanEncode is %v, NewEncoder says %v", f, s.CanEncode(f), err)
		}
		d, err := s.NewDecoder(f)
		if (err == nil) != s.CanDecode(f) {
			t.Errorf("%v: CanDecode is %v, NewDecoder says %v", f, s.CanDecode(f), err)
		}
		if e != nil {
			Close(e)
		}
		if d != nil {
			Close(d)
		}
		for _, to := range media.All() {
			tr, err := s.NewTranslator(f, to)
			if want := s.Translates(f, to); (err == nil) != want && f != to {
				t.Errorf("%v to %v: Translates is %v, NewTranslator says %v", f, to, want, err)
			}
			if err == nil {
				tr.Close()
			}
		}
	}
	for _, c := range []struct {
		from, to media.Format
		want     bool
	}{
		{media.Ulaw, media.GSM, true}, {media.Opus, media.Ulaw, true}, {media.Ulaw, media.Opus, false}, {media.Opus, media.Opus, true},
		{media.G729, media.G729, true}, {media.G729, media.Ulaw, false}, {media.VP8, media.H264, false}, {media.None, media.None, false},
		{media.TelephoneEvent, media.Ulaw, false},
	} {
		if got := s.Translates(c.from, c.to); got != c.want {
			t.Errorf("%v to %v: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

// A packet in is a packet out, of as much sound; lost or quiet ones too.
func TestTranslatorKeepsTime(t *testing.T) {
	s := NewSet(Options{})
	for _, p := range pairs() {
		tr, err := s.NewTranslator(p[0], p[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []time.Duration{media.Frame, 3 * media.Frame} {
			in, want := make([]byte, Bytes(p[0], d)), Bytes(p[1], d)
			if got := len(tr.Translate(nil, in)); got != want {
				t.Errorf("%v of %v to %v: %d bytes, want %d", d, p[0], p[1], got, want)
			}
			if got := len(tr.Lost(nil, d)); got != want {
				t.Errorf("%v of lost %v to %v: %d bytes, want %d", d, p[0], p[1], got, want)
			}
			if got := len(tr.Quiet(nil, []byte{60}, d)); got != want {
				t.Errorf("%v of quiet %v to %v: %d bytes, want %d", d, p[0], p[1], got, want)
			}
		}
	}
}

// Packets of 30 ms become frames of 20 ms, and nothing gets lost.
func TestTranslatorJoinsFrames(t *testing.T) {
	tr, err := NewSet(Options{}).NewTranslator(media.Ulaw, media.GSM)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 4 {
		got = append(got, len(tr.Translate(nil, make([]byte, 240)))/33)
	}
	if got[0] != 1 || got[1] != 2 || got[2] != 1 || got[3] != 2 {
		t.Errorf("frames of 20 ms out of packets of 30: %v, want 1 2 1 2", got)
	}
}

func TestTranslatorAllocatesNothing(t *testing.T) {
	s := NewSet(Options{})
	for _, p := range append(pairs(), [2]media.Format{media.Opus, media.Ulaw}) {
		tr, err := s.NewTranslator(p[0], p[1])
		if err != nil {
			t.Fatal(err)
		}
		in, out := s.sample(Coding{p[0], nearRate(p[0], p[1].Rate())}), make([]byte, 0, 2*Bytes(p[1], media.Frame))
		work := func() {
			out = tr.Translate(out[:0], in)
			out = tr.Lost(out[:0], media.Frame)
			out = tr.Quiet(out[:0], []byte{40, 100, 150}, media.Frame)
		}
		for range 3 {
			work()
		}
		if n := testing.AllocsPerRun(5, work); n > 0 {
			t.Errorf("%v to %v: %v allocations for three packets", p[0], p[1], n)
		}
	}
}

// No packet, however long, makes more than a few of its kind.
func TestSpeakerBoundsOpus(t *testing.T) {
	set := NewSet(Options{Opus: counting{}})
	sp, err := set.NewSpeaker(media.Opus, 8000)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ ms, coded int }{{20, 20}, {30, 20}, {30, 40}, {10, 0}, {110, 120}, {200, 120}, {0, 80}, {1000, 120}, {0, 120}, {0, 0}} {
		if got := len(sp.Say(nil, make([]int16, 8*c.ms))); got != c.coded {
			t.Errorf("%d ms of sound: %d coded, want %d", c.ms, got, c.coded)
		}
	}
}

// counting codes a byte for every millisecond.
type counting struct{}

func (counting) NewOpusEncoder(rate int) (Encoder, error) { return perMillisecond{rate / 1000}, nil }

type perMillisecond struct{ samples int }

func (p perMillisecond) Encode(dst []byte, pcm []int16) []byte {
	return append(dst, make([]byte, len(pcm)/p.samples)...)
}

// A packet that can't be read is a lost one; an empty one is nothing.
func TestListenerHearsGarbageAsLoss(t *testing.T) {
	l, err := NewSet(Options{}).NewListener(media.Opus, 16000)
	if err != nil {
		t.Fatal(err)
	}
	if l.Rate() != 16000 {
		t.Errorf("it gives %d samples a second", l.Rate())
	}
	for _, c := range []struct {
		payload []byte
		want    int
	}{{opusVoice[:], 320}, {[]byte{0xff, 0xff}, 320}, {[]byte{0xff}, 320}, {nil, 0}} {
		if got := len(l.Hear(c.payload)); got != c.want {
			t.Errorf("%d bytes became %d samples, want %d", len(c.payload), got, c.want)
		}
	}
}

// closing is an encoder that counts how often it is closed.
type closing struct {
	perMillisecond
	times *int
}

func (c closing) Close() error {
	*c.times++
	return nil
}

type closingOpus struct{ times int }

func (c *closingOpus) NewOpusEncoder(rate int) (Encoder, error) {
	return closing{perMillisecond{rate / 1000}, &c.times}, nil
}

func TestTranslatorClosesItsEncoder(t *testing.T) {
	o := &closingOpus{}
	set := NewSet(Options{Opus: o})
	for range 3 {
		tr, err := set.NewTranslator(media.G722, media.Opus)
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
	set.Cost(media.Ulaw, media.Opus)
	if o.times < 4 {
		t.Errorf("closed %d times, want 3 and those that were measured", o.times)
	}
}
