package main

import (
	"obelus/app"
	"obelus/media"
	"obelus/media/sound"
)

// sounds is the library of prompts as applications see it.
type sounds struct{ dirs []string }

// Open opens a prompt.
func (s sounds) Open(name, language string, formats []media.Format) (app.SoundSource, error) {
	return sound.Library{Dirs: s.dirs}.Open(name, language, formats...)
}
