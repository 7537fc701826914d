package codec

import (
	"slices"
	"testing"

	"obelus/media"
)

func TestCostIsThereWhereAPathIs(t *testing.T) {
	s := NewSet(Options{})
	for _, from := range []media.Format{media.Ulaw, media.G722, media.Opus, media.G729, media.H264} {
		for _, to := range []media.Format{media.Ulaw, media.GSM, media.Slin48, media.Opus, media.G729} {
			d, ok := s.Cost(from, to)
			path := s.Path(from, to)
			if want := from != to && s.Translates(from, to); ok != want || ok != (path != nil) || ok != (d > 0) {
				t.Errorf("%v to %v costs %v (%v), by %v", from, to, d, ok, path)
			}
		}
	}
}

// What was measured stays, until it is asked to be measured again.
func TestCostIsMeasuredOnce(t *testing.T) {
	s := NewSet(Options{})
	first, _ := s.Cost(media.Ulaw, media.GSM)
	for range 3 {
		if again, _ := s.Cost(media.Ulaw, media.GSM); again != first {
			t.Fatalf("%v, then %v", first, again)
		}
	}
	s.Recalculate(2)
	if n := s.costs.rounds * framesARound; n != 100 {
		t.Errorf("two seconds are %d frames, want 100", n)
	}
	if d, ok := s.Cost(media.Ulaw, media.GSM); !ok || d <= 0 {
		t.Errorf("measured again: %v %v", d, ok)
	}
}

func TestPath(t *testing.T) {
	s := NewSet(Options{Opus: counting{}})
	for _, c := range []struct {
		from, to media.Format
		want     []Coding
	}{
		{media.Ulaw, media.Alaw, []Coding{{media.Ulaw, 8000}, {media.Slin, 8000}, {media.Alaw, 8000}}},
		{media.Slin, media.Ulaw, []Coding{{media.Slin, 8000}, {media.Ulaw, 8000}}},
		{media.G722, media.GSM, []Coding{{media.G722, 16000}, {media.Slin16, 16000}, {media.Slin, 8000}, {media.GSM, 8000}}},
		{media.Slin16, media.Slin48, []Coding{{media.Slin16, 16000}, {media.Slin48, 48000}}},
		{media.Ulaw, media.Opus, []Coding{{media.Ulaw, 8000}, {media.Slin, 8000}, {media.Opus, 8000}}},
		{media.Opus, media.G722, []Coding{{media.Opus, 16000}, {media.Slin16, 16000}, {media.G722, 16000}}},
		{media.Slin44, media.Opus, []Coding{{media.Slin44, 44100}, {media.Slin48, 48000}, {media.Opus, 48000}}},
		{media.Ulaw, media.Ulaw, nil}, {media.Ulaw, media.G729, nil},
	} {
		if got := s.Path(c.from, c.to); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v goes by %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
