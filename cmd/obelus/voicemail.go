package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"obelus/call"
	"obelus/cmd/obelus/settings"
	"obelus/media"
	"obelus/pbx"
	"obelus/voicemail/mailbox"
)

// openBoxes makes the mailboxes.
func (s *server) openBoxes(c *settings.Files) *mailbox.Boxes {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	var send mailbox.Sender
	if server := c.Own.Mail; server.Host != "" {
		server.Hello = host
		send = server.Send
	}
	return mailbox.New(mailbox.Config{
		Send: send, Spool: filepath.Join(s.dirs.Spool, "voicemail"), Etc: s.dirs.Config, Host: host, Log: s.log,
		Expand: func(text string, vars map[string]string) string { return letter(s.pbx, s.log, text, vars) },
	}, c.Voicemail)
}

// letter fills in the text of a mail: what it says of functions and global variables is that of the dialplan. It is done on a channel that nobody sees.
func letter(board *pbx.PBX, log *slog.Logger, text string, vars map[string]string) (out string) {
	ch := call.NewRegistry(log, nil).New(call.Spec{Name: "Voicemail/mail", Leg: noLeg{}, Internal: true, Vars: vars})
	ch.Start(func(_ context.Context, ch *call.Channel) call.Order {
		out = board.NewExec(ch, call.Place{}).Expand(text)
		return nil
	})
	<-ch.Done()
	return out
}

// noLeg is the leg of a channel that is no call.
type noLeg struct{}

func (noLeg) Ring() error                    { return nil }
func (noLeg) Progress([]media.Format) error  { return nil }
func (noLeg) Answer([]media.Format) error    { return nil }
func (noLeg) Indicate(call.Indication) error { return call.ErrUnsupported }
func (noLeg) Hangup(call.Cause)              {}
func (noLeg) Formats() []media.Format        { return nil }
func (noLeg) Media() call.Media              { return nil }

// counts are the messages of mailboxes as the phones are told of them: urgent ones
// count among the new.
type counts struct{ *mailbox.Boxes }

// Counts is [watch.Mailboxes].
func (b counts) Counts(context, box string) (unheard, heard, urgent, urgentHeard int, ok bool) {
	c, ok := b.Boxes.Counts(box + "@" + context)
	return c.New + c.Urgent, c.Old, c.Urgent, 0, ok
}
