package main

import (
	"path/filepath"

	"obelus/app/record"
	"obelus/cmd/obelus/settings"
	"obelus/event"
	"obelus/internal/shell"
	"obelus/prompt"
)

// openTapes makes the desk of recordings.
func openTapes(dirs settings.Dirs, c *settings.Files, voice *prompt.Voice, bus *event.Bus) *record.Desk {
	k := record.New(record.Deps{
		Voice: voice, Bus: bus, Shell: shell.Run,
		Sounds: dirs.Sounds()[0], Monitor: filepath.Join(dirs.Spool, "monitor"), Dictation: filepath.Join(dirs.Spool, "dictate"),
	})
	k.Load(c.Listening)
	return k
}
