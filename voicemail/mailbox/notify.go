package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Command is something that the system carries out: what voicemail.conf says, with words of ours behind it.
type Command struct {
	Line  string // as the administrator wrote it, for the shell
	Args  []string
	Input []byte
}

// Runner carries a command out and returns what it writes.
type Runner func(ctx context.Context, c Command) ([]byte, error)

// commandTime bounds what a command may take.
const commandTime = 2 * time.Minute

// shell has the system's shell carry a command out. Our words are its arguments, which no shell looks into: whatever they hold, they are words.
func shell(ctx context.Context, c Command) ([]byte, error) {
	var cmd *exec.Cmd
	if runtime.GOOS == "windows" {
		words := append(strings.Fields(c.Line), c.Args...)
		if len(words) == 0 {
			return nil, errors.New("no command")
		}
		cmd = exec.CommandContext(ctx, words[0], words[1:]...)
	} else {
		line := c.Line
		if len(c.Args) > 0 {
			line += ` "$@"`
		}
		cmd = exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", line, "sh"}, c.Args...)...)
	}
	cmd.WaitDelay = time.Second
	cmd.Stdin = bytes.NewReader(c.Input)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.Bytes(), fmt.Errorf("%w: %s", err, firstLine(said.String()))
	}
	return out.Bytes(), nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return oneLine(s)
}

// notify calls externnotify as the original does: context, mailbox, new, old and urgent messages.
func (b *Boxes) notify(box *Box, c Counts) {
	line := b.Settings().General.Notify
	if line == "" {
		return
	}
	b.mail.later(func(ctx context.Context) {
		_, err := b.c.Run(ctx, Command{Line: line, Args: []string{box.Context, box.Name, strconv.Itoa(c.New), strconv.Itoa(c.Old), strconv.Itoa(c.Urgent)}})
		if err != nil {
			b.c.Log.Warn("externnotify failed", "mailbox", box.ID(), "why", err)
		}
	})
}
