//go:build unix

package conf

import (
	"strings"
	"testing"
)

// TestBounded keeps what fits, and says when there is more.
func TestBounded(t *testing.T) {
	told := 0
	b := bounded{most: 5, over: func() { told++ }}
	for _, c := range []struct {
		text string
		n    int
		ok   bool
	}{{"abc", 3, true}, {"de", 2, true}, {"", 0, true}, {"f", 0, false}} {
		if n, err := b.Write([]byte(c.text)); n != c.n || (err == nil) != c.ok {
			t.Errorf("%q: %d, %v", c.text, n, err)
		}
	}
	if b.kept.String() != "abcde" || !b.full || told != 1 {
		t.Errorf("kept is %q, full %v, told %d times", b.kept.String(), b.full, told)
	}
}

// TestExecWritesTooMuch has a command stopped that writes without end; what it wrote is
// not taken for lines of its own beyond the bound.
func TestExecWritesTooMuch(t *testing.T) {
	l := Loader{ExecIncludes: true, Dir: t.TempDir()}
	out, err := l.run("yes ';'")
	if err == nil || !strings.Contains(err.Error(), "more than 64 MiB") || len(out) != execBytes {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}
