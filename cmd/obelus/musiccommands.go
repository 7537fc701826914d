package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"obelus/console"
	"obelus/music"
)

// musicCommands are the console commands of music on hold.
func (s *server) musicCommands() []console.Command {
	return []console.Command{
		{Words: "moh show classes", Summary: "List MusicOnHold classes", Run: show(s.showMusic)},
		{Words: "moh show files", Summary: "List MusicOnHold file-based classes", Run: show(s.showMusicFiles)},
	}
}

// showMusic is moh show classes, in the original's layout.
func (s *server) showMusic(w io.Writer) {
	c := s.music.Config()
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

// showMusicFiles is moh show files.
func (s *server) showMusicFiles(w io.Writer) {
	c := s.music.Config()
	for _, name := range c.Names() {
		x := c.Classes[strings.ToLower(name)]
		if x.Files {
			fmt.Fprintf(w, "Class: %s\n", name)
			s.showPieces(w, x)
		}
	}
}

func (s *server) showPieces(w io.Writer, x *music.Class) {
	files, err := s.music.Files(x)
	if err != nil {
		fmt.Fprintf(w, "\t(%v)\n", err)
		return
	}
	for _, f := range files {
		fmt.Fprintf(w, "\tFile: %s\n", filepath.ToSlash(f))
	}
}
