package codec

import (
	"testing"

	"obelus/media"
)

// What is said to be coded and decoded is, and takes no memory to be said.
func TestKnows(t *testing.T) {
	set := NewSet(Options{})
	for _, f := range media.All() {
		if _, ok := NewEncoder(f); ok != Encodes(f) {
			t.Errorf("%s: Encodes says %v", f, !ok)
		}
		if _, ok := NewDecoder(f); ok != set.CanDecode(f) {
			t.Errorf("%s: CanDecode says %v", f, !ok)
		}
	}
	if n := testing.AllocsPerRun(100, func() { set.Translates(media.G722, media.GSM) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
