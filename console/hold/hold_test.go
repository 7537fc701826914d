package hold

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obelus/media"
	"obelus/music"
	"obelus/prompt"
)

// every is a library that has every sound.
type every struct{ prompt.Library }

func (every) Exists(string, string) bool { return true }

// TestShow prints classes and files in the original's layout.
func TestShow(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.wav"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := music.New(music.Config{Classes: map[string]*music.Class{
		"default": {Name: "default", Files: true, Directory: dir},
		"lost":    {Name: "lost", Files: true, Directory: filepath.Join(dir, "nosuch")},
		"radio":   {Name: "Radio", Command: []string{"mpg123", "-q"}, Format: media.Slin},
	}}, nil, &prompt.Voice{Sounds: every{}}, slog.New(slog.DiscardHandler))
	var b strings.Builder
	showClasses(&b, m)
	want := "Class: Radio\n\tMode: custom\n\tDirectory: <none>\n\tApplication: mpg123 -q\n\tFormat: slin\n" +
		"Class: default\n\tMode: files\n\tDirectory: " + dir + "\nClass: lost\n\tMode: files\n\tDirectory: " + filepath.Join(dir, "nosuch") + "\n"
	if b.String() != want {
		t.Errorf("classes:\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	showFiles(&b, m)
	if got := b.String(); !strings.Contains(got, "\tFile: "+filepath.ToSlash(filepath.Join(dir, "a"))+"\n") || !strings.Contains(got, "Class: lost\n\t(there is no music: ") {
		t.Errorf("files:\n%s", got)
	}
}
