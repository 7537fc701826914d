// Package hold is the console's commands about music on hold.
package hold

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"obelus/console"
	"obelus/music"
)

// Commands are those about the music that m plays.
func Commands(m *music.Music) []console.Command {
	return []console.Command{
		{Words: "moh show classes", Summary: "List MusicOnHold classes", Run: console.Show(func(w io.Writer) { showClasses(w, m) })},
		{Words: "moh show files", Summary: "List MusicOnHold file-based classes", Run: console.Show(func(w io.Writer) { showFiles(w, m) })},
	}
}

// showClasses is moh show classes, in the original's layout.
func showClasses(w io.Writer, m *music.Music) {
	c := m.Config()
	for _, name := range c.Names() {
		x := c.Classes[strings.ToLower(name)]
		mode := "custom"
		switch {
		case len(x.Entries) > 0:
			mode = "playlist"
		case x.Files:
			mode = "files"
		}
		fmt.Fprintf(w, "Class: %s\n\tMode: %s\n\tDirectory: %s\n", name, mode, orNone(x.Directory))
		if len(x.Command) > 0 {
			fmt.Fprintf(w, "\tApplication: %s\n", strings.Join(x.Command, " "))
			fmt.Fprintf(w, "\tFormat: %s\n", x.Format)
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return "<none>"
	}
	return s
}

// showFiles is moh show files.
func showFiles(w io.Writer, m *music.Music) {
	c := m.Config()
	for _, name := range c.Names() {
		x := c.Classes[strings.ToLower(name)]
		if x.Files {
			fmt.Fprintf(w, "Class: %s\n", name)
			showPieces(w, m, x)
		}
	}
}

func showPieces(w io.Writer, m *music.Music, x *music.Class) {
	files, err := m.Files(x)
	if err != nil {
		fmt.Fprintf(w, "\t(%v)\n", err)
		return
	}
	for _, f := range files {
		fmt.Fprintf(w, "\tFile: %s\n", filepath.ToSlash(f))
	}
}
