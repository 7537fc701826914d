package csv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}

const (
	older = "older 1\nolder 2\n"
	batch = "line 1\nline 2\nline 3\n"
)

// TestEveryCutIsCompleted: wherever the server died while it wrote a batch, the batch is there once when it has been shipped again, also when it has
// grown meanwhile, and when the file was moved away or emptied since.
func TestEveryCutIsCompleted(t *testing.T) {
	for _, before := range []string{"", older, strings.Repeat(older, 40)} {
		for cut := range len(batch) + 1 {
			for _, now := range []string{batch, batch + "line 4\n"} {
				for _, since := range []string{"nothing", "moved", "moved and made", "copied and emptied"} {
					name := fmt.Sprintf("%d before, cut at %d of %d, %s", len(before), cut, len(now), since)
					dir := t.TempDir()
					path := filepath.Join(dir, "Master[1].csv") // a name that is a pattern too
					put(t, path, before)
					p, err := end(path)
					if err != nil {
						t.Fatal(err)
					}
					put(t, path, before+batch[:cut])
					put(t, path+".2", "from long ago\n")
					moved := path + ".1"
					switch since {
					case "moved", "moved and made":
						if err := os.Rename(path, moved); err != nil {
							t.Fatal(err)
						}
						if since == "moved and made" {
							put(t, path, "")
						}
					case "copied and emptied":
						put(t, moved, get(t, path))
						put(t, path, "")
					}
					if _, err := complete(path, p, []byte(now)); err != nil {
						t.Fatal(name, err)
					}
					if got := get(t, moved) + get(t, path); got != before+now {
						t.Errorf("%s: got\n%s", name, got)
					}
				}
			}
		}
	}
}

// TestMovedBeforeTheBatch: the server died when it had begun a file anew.
func TestMovedBeforeTheBatch(t *testing.T) {
	for cut := range len(batch) + 1 {
		path := filepath.Join(t.TempDir(), "Master.csv")
		put(t, path, older)
		p, err := end(path)
		if err != nil {
			t.Fatal(err)
		}
		put(t, path+".1", older)
		put(t, path, batch[:cut])
		if _, err := complete(path, p, []byte(batch)); err != nil {
			t.Fatal(err)
		}
		if got := get(t, path); got != batch || get(t, path+".1") != older {
			t.Errorf("cut at %d: got\n%s", cut, got)
		}
	}
}

// TestMovedTwice: the file was moved away, begun anew, and moved away again.
func TestMovedTwice(t *testing.T) {
	for cut := range len(batch) + 1 {
		path := filepath.Join(t.TempDir(), "Master.csv")
		put(t, path, older)
		p, err := end(path)
		if err != nil {
			t.Fatal(err)
		}
		put(t, path+".1", older)
		put(t, path+".2", batch[:cut])
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := complete(path, p, []byte(batch+"line 4\n")); err != nil {
			t.Fatal(err)
		}
		if got := get(t, path+".1") + get(t, path+".2") + get(t, path); got != older+batch+"line 4\n" {
			t.Errorf("cut at %d: got\n%s", cut, got)
		}
	}
}

// TestPiecesInManyFiles: a server was killed, started and killed again, and the file moved away in between: each file goes on where the last one ends.
func TestPiecesInManyFiles(t *testing.T) {
	for first := range len(batch) + 1 {
		for second := first; second <= len(batch); second++ {
			path := filepath.Join(t.TempDir(), "Master.csv")
			put(t, path, older)
			p, err := end(path)
			if err != nil {
				t.Fatal(err)
			}
			first := first
			if first > 0 && batch[first-1] != '\n' { // half a line is finished first
				first += strings.IndexByte(batch[first:], '\n') + 1
			}
			second := max(first, second)
			put(t, path+".1", older+batch[:first])
			put(t, path+".2", batch[first:second])
			put(t, path, "")
			if _, err := complete(path, p, []byte(batch)); err != nil {
				t.Fatal(err)
			}
			if got := get(t, path+".1") + get(t, path+".2") + get(t, path); got != older+batch {
				t.Errorf("cut at %d and %d: got\n%s", first, second, got)
			}
		}
	}
}

// TestOthersMayWrite: what somebody else has written stays, and is not taken for ours.
func TestOthersMayWrite(t *testing.T) {
	for _, tt := range []struct{ behind, want string }{
		{"a note\n", "a note\n" + batch},
		{"a note", "a note\n" + batch},
		{"line 1\na note\n", "line 1\na note\nline 2\nline 3\n"},
		{"line 1\nline 2\nlost", "line 1\nline 2\nlost\nline 3\n"},
		{batch + "a note\n", batch + "a note\n"},
		{batch + "a note", batch + "a note"},
	} {
		path := filepath.Join(t.TempDir(), "Master.csv")
		put(t, path, older)
		p, err := end(path)
		if err != nil {
			t.Fatal(err)
		}
		put(t, path, older+tt.behind)
		if _, err := complete(path, p, []byte(batch)); err != nil {
			t.Fatal(err)
		}
		if got := get(t, path); got != older+tt.want {
			t.Errorf("behind %q: got\n%s", tt.behind, got)
		}
	}
}
