package main

import (
	"path/filepath"

	"obelus/app/record"
	"obelus/call"
	"obelus/cmd/obelus/settings"
	"obelus/event"
	"obelus/internal/shell"
	"obelus/prompt"
	"obelus/voicemail/mailbox"
)

// openTapes makes the desk of recordings.
func openTapes(dirs settings.Dirs, c *settings.Files, voice *prompt.Voice, bus *event.Bus, boxes *mailbox.Boxes) *record.Desk {
	k := record.New(record.Deps{
		Voice: voice, Bus: bus, Shell: shell.Run, Mail: copyTo(boxes),
		Sounds: dirs.Sounds()[0], Monitor: filepath.Join(dirs.Spool, "monitor"), Dictation: filepath.Join(dirs.Spool, "dictate"),
	})
	k.Load(c.Listening)
	return k
}

// copyTo puts recordings into mailboxes.
func copyTo(boxes *mailbox.Boxes) func(box, file string, from *call.Channel, at call.Place) error {
	return func(box, file string, from *call.Channel, at call.Place) error {
		caller := from.Identity().Caller.String()
		if caller == "" {
			caller = "Unknown"
		}
		return boxes.Add(box, file, mailbox.Message{
			OrigMailbox: box, Context: at.Context, Exten: at.Exten, Priority: at.Priority, RDNIS: "unknown", CallerChan: from.Name(), CallerID: caller,
		})
	}
}
