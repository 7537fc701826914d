package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretFile is where a mailbox's password is with passwordlocation=spooldir.
func (b *Boxes) secretFile(box *Box) string {
	return filepath.Join(b.Dir(box.Context, box.Name), "secret.conf")
}

// spoolSecret reads the password of a mailbox in the spool.
func (b *Boxes) spoolSecret(box *Box) (string, bool) {
	text, err := os.ReadFile(b.secretFile(box))
	if errors.Is(err, fs.ErrNotExist) {
		return "", false
	}
	if err != nil {
		b.c.Log.Warn(fmt.Sprintf("Failed reading voicemail password from %s, using secret from config file", b.secretFile(box)), "why", err)
		return "", false
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		key, v, ok := strings.Cut(line, "=")
		if ok && strings.EqualFold(strings.TrimSpace(key), "password") {
			return strings.TrimSpace(strings.TrimPrefix(v, ">")), true
		}
	}
	b.c.Log.Warn(fmt.Sprintf("Failed reading voicemail password from %s, using secret from config file", b.secretFile(box)))
	return "", false
}

// Secret is a mailbox's password now.
func (b *Boxes) Secret(box *Box) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return box.Password
}

// GoodPassword says whether a new password may be had: it is long enough, is made of digits, and externpasscheck, where there is one, does not refuse it.
func (b *Boxes) GoodPassword(ctx context.Context, box *Box, password string) bool {
	g := &b.Settings().General
	if len(password) < g.MinPassword || strings.HasPrefix(password, "*") || strings.Trim(password, "0123456789*#ABCD") != "" {
		return false
	}
	if g.PassCheck == "" {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	out, err := b.c.Run(ctx, Command{Line: g.PassCheck, Args: []string{box.Name, box.Context, b.Secret(box), password}})
	switch answer := string(bytes.TrimSpace(out)); {
	case err != nil, strings.HasPrefix(answer, "FAILURE"):
		b.c.Log.Warn(fmt.Sprintf("Unable to execute password validation script: '%s'.", g.PassCheck), "mailbox", box.ID(), "why", err)
		return true // as the original: a broken script locks nobody out of a change
	case strings.HasPrefix(answer, "VALID"):
		return true
	case strings.HasPrefix(answer, "INVALID"):
		return false
	}
	b.c.Log.Warn("externpasscheck said neither VALID nor INVALID", "mailbox", box.ID())
	return true
}

// ChangePassword gives a mailbox another password: where externpass is set that is told and has to keep it, else it is written into voicemail.conf, in its line
// and nowhere else, or into the spool. It holds at once in every case.
func (b *Boxes) ChangePassword(ctx context.Context, box *Box, password string) error {
	g := &b.Settings().General
	l := b.lock(box.Context, box.Name)
	l.Lock()
	defer l.Unlock()
	b.mu.Lock()
	old := box.Password
	box.Password = password
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	var err error
	switch {
	case g.Pass != "":
		_, err = b.c.Run(ctx, Command{Line: g.Pass, Args: []string{box.Context, box.Name, password}})
	case box.SecretInSpool:
		err = b.writeSecret(box, password)
	default:
		err = b.rewrite(box, old, password)
	}
	if g.Pass == "" && g.PassNotify != "" {
		if _, e := b.c.Run(ctx, Command{Line: g.PassNotify, Args: []string{box.Context, box.Name, password}}); e != nil {
			b.c.Log.Warn("externpassnotify failed", "mailbox", box.ID(), "why", e)
		}
	}
	if err != nil {
		return fmt.Errorf("the new password of mailbox %s holds until the next start only: %w", box.ID(), err)
	}
	return nil
}

func (b *Boxes) writeSecret(box *Box, password string) error {
	if err := os.MkdirAll(b.Dir(box.Context, box.Name), 0o770); err != nil {
		return err
	}
	return replace(b.secretFile(box), []byte("[general]\npassword = "+password+"\n"), 0o660)
}

// rewrite puts the password into the mailbox's line of voicemail.conf, or of the file that is included there: every other byte stays.
func (b *Boxes) rewrite(box *Box, old, password string) error {
	path := box.file
	if !filepath.IsAbs(path) {
		path = filepath.Join(b.c.Etc, path)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a file that a link leads to is replaced there
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for _, i := range order(len(lines), box.line-1) {
		if line, ok := withPassword(string(lines[i]), box.Name, old, password); ok {
			lines[i] = []byte(line)
			return replace(path, bytes.Join(lines, nil), info.Mode().Perm())
		}
	}
	return fmt.Errorf("%s: the line of the mailbox is not there any more", path)
}

// order is the indexes of n lines: the one where the line was when it was read first, then those around it, nearest first.
func order(n, at int) []int {
	var out []int
	for d := range n + max(at, 0) + 1 {
		for _, i := range [...]int{at - d, at + d} {
			if i >= 0 && i < n && (d > 0 || len(out) == 0) {
				out = append(out, i)
			}
		}
	}
	return out
}

// withPassword is a line of voicemail.conf with another password, where it is that of the mailbox with the old one.
func withPassword(line, name, old, password string) (string, bool) {
	key, value, ok := strings.Cut(line, "=")
	if !ok || strings.TrimSpace(key) != name {
		return line, false
	}
	if arrow, is := strings.CutPrefix(value, ">"); is {
		key, value = key+"=>", arrow
	} else {
		key += "="
	}
	blank := value[:len(value)-len(strings.TrimLeft(value, " \t"))]
	value = value[len(blank):]
	end := strings.IndexAny(value, ",;\r\n")
	if end < 0 {
		end = len(value)
	}
	was := strings.TrimRight(value[:end], " \t")
	if was != old {
		return line, false
	}
	return key + blank + password + value[len(was):], true
}
