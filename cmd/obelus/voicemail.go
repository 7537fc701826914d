package main

import (
	"log/slog"
	"os"
	"path/filepath"

	"obelus/cmd/obelus/settings"
	"obelus/dialplan/expand"
	"obelus/dialplan/expr"
	"obelus/voicemail/mailbox"
)

// openBoxes makes the mailboxes, and delivers what a crash has cut off.
func openBoxes(dirs settings.Dirs, c *settings.Files, log *slog.Logger) *mailbox.Boxes {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	var send mailbox.Sender
	if server := c.Own.Mail; server.Host != "" {
		server.Hello = host
		send = server.Send
	}
	b := mailbox.New(mailbox.Config{
		Send: send, Spool: filepath.Join(dirs.Spool, "voicemail"), Etc: dirs.Config, Host: host, Log: log,
		Expand: func(text string, vars map[string]string) string { return expand.Expand(text, mailEnv{vars, log}) },
	}, c.Voicemail)
	b.Recover()
	return b
}

// mailEnv is what the text of a mail is filled in with.
type mailEnv struct {
	vars map[string]string
	log  *slog.Logger
}

func (e mailEnv) Var(name string) (string, bool) { v, ok := e.vars[name]; return v, ok }
func (e mailEnv) Warn(msg string)                { e.log.Warn(msg, "where", "a mail of voicemail.conf") }

func (e mailEnv) Call(name, _ string) (string, error) { return "", expr.NoFunction(name) }

// counts are the messages of mailboxes as the phones are told of them: urgent ones
// count among the new.
type counts struct{ *mailbox.Boxes }

// Counts is [watch.Mailboxes].
func (b counts) Counts(context, box string) (unheard, heard, urgent, urgentHeard int, ok bool) {
	c, ok := b.Boxes.Counts(box + "@" + context)
	return c.New + c.Urgent, c.Old, c.Urgent, 0, ok
}
