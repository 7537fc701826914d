package main

import (
	"obelus/media"
	"obelus/media/sound"
	"obelus/prompt"
)

// sounds is the library of prompts as applications see it.
type sounds struct{ dirs []string }

// Open opens a prompt.
func (s sounds) Open(name, language string, formats []media.Format) (prompt.Sound, error) {
	return sound.Library{Dirs: s.dirs}.Open(name, language, formats...)
}

// Exists says whether there is a prompt of that name.
func (s sounds) Exists(name, language string) bool {
	return sound.Library{Dirs: s.dirs}.Exists(name, language)
}
