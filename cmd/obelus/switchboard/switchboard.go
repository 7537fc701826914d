// Package switchboard is all that the dialplan can do: the applications and functions
// of every room, with what they reach the world by. The server, the simulation, the
// check and the tests have theirs from here, so that none of them lacks any.
package switchboard

import (
	"log/slog"
	"slices"

	"obelus/agi"
	"obelus/app"
	"obelus/app/dial"
	"obelus/app/record"
	"obelus/app/sound"
	"obelus/call"
	"obelus/device"
	"obelus/event"
	"obelus/features"
	"obelus/function"
	"obelus/function/file"
	"obelus/function/lamp"
	"obelus/function/lookup"
	"obelus/function/sip"
	"obelus/function/web"
	"obelus/message"
	"obelus/music"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/voicemail"
	"obelus/voicemail/mailbox"
)

// Deps are what applications and functions reach the world by. What is nil is not
// there: whatever needs it says so when it runs.
type Deps struct {
	Dialers  call.Dialers
	Senders  message.Senders
	Voice    *prompt.Voice
	Bus      *event.Bus
	DB       Database
	Records  Records
	Tones    sound.Tones // of indications.conf
	Say      sound.Rules // of say.conf
	Privacy  func() sound.Privacy
	Shell    app.Shell       // what carries commands out
	Capture  file.Shell      // ... whose output is read
	AGI      agi.Deps        // where scripts are, and what they are told
	Accounts sip.Accounts    // of sip.conf
	Config   string          // the directory of configuration
	Resolver lookup.Resolver // is asked for names; nil: the system's
	Web      web.Dialer      // opens connections to web servers; nil: as the system does

	Features *features.Desk // what the parties of a call may begin by keys
	Music    call.Musician
	Player   []string      // of MP3 files; nil: mpg123
	Board    *device.Board // the states of devices, and the hints; nil: there is none but Custom: devices
	Boxes    *mailbox.Boxes

	Recordings *record.Desk // nil: nothing is written
}

// Database is what the DB functions and applications work on.
type Database interface {
	app.Database
	function.Database
	sound.Database
	agi.Database
	dial.Database
}

// Records are the call records.
type Records interface {
	app.Records
	function.Records
}

// Applications lists all applications.
func Applications(d *Deps) []pbx.Application {
	a := &app.Deps{Senders: d.Senders, Voice: d.Voice, Bus: d.Bus, Shell: d.Shell}
	calls := &dial.Deps{Dialers: d.Dialers, Voice: d.Voice, Bus: d.Bus, Features: d.Features}
	if d.Board != nil && d.Board.Knows("SIP") { // a simulation has no phones to ask
		calls.State = func(name string) int { return int(d.Board.State(name)) }
	}
	sounds := &sound.Deps{Voice: d.Voice, Tones: d.Tones, Rules: d.Say, Privacy: d.Privacy}
	scripts := d.AGI
	scripts.Voice = d.Voice
	sounds.Messages = func(name string) bool {
		c, _ := d.Boxes.Counts(name)
		return c.Waiting() > 0
	}
	if d.DB != nil {
		a.DB, sounds.DB, calls.DB, scripts.DB = d.DB, d.DB, d.DB, d.DB // not an interface that holds nil
	}
	if d.Records != nil {
		a.Records, calls.Records = d.Records, d.Records
	}
	if d.Board != nil {
		calls.State = func(name string) int { return int(d.Board.State(name)) }
	}
	return slices.Concat(app.Table(a), dial.Table(calls), sound.Table(sounds), agi.Table(&scripts), music.Table(&music.Deps{Music: d.Music, MP3Player: d.Player}),
		voicemail.Table(d.voicemail()), record.Table(d.recordings()))
}

// Functions lists all functions.
func Functions(d *Deps) []pbx.Function {
	f := &function.Deps{Shell: d.Capture, Web: d.Web, Accounts: d.Accounts, Config: d.Config, Resolver: d.Resolver}
	if d.DB != nil {
		f.DB = d.DB
	}
	if d.Records != nil {
		f.Records = d.Records
	}
	board := d.Board
	if board == nil {
		board = device.New(device.Config{})
	}
	return slices.Concat(function.Table(f), lamp.Table(board), features.Functions(d.Features), voicemail.Functions(d.voicemail()), record.Functions(d.recordings()),
		sound.Functions(&sound.Deps{}))
}

// recordings is what records, nothing to the disk where nobody says where to.
func (d *Deps) recordings() *record.Desk {
	if d.Recordings == nil {
		d.Recordings = record.New(record.Deps{Voice: d.Voice, Bus: d.Bus, Shell: d.Shell, NoFiles: true})
	}
	return d.Recordings
}

// voicemail is what its applications work on: no mailboxes where none are given.
func (d *Deps) voicemail() *voicemail.Deps {
	if d.Boxes == nil {
		d.Boxes = mailbox.New(mailbox.Config{Log: slog.New(slog.DiscardHandler)}, mailbox.Defaults())
	}
	return &voicemail.Deps{Voice: d.Voice, Boxes: d.Boxes, Threshold: d.recordings().Threshold}
}
