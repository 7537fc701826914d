package main

import (
	"bytes"
	"errors"
	"log/slog"
	"regexp"
	"testing"
)

// TestLog: what a phone has sent can't begin a line of its own.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(newLogHandler(&out, slog.LevelInfo)).With("channel", "SIP/a\x1b[2J-1")
	log.Debug("not shown")
	log.Info("registered\r\n[2026-01-01 00:00:00] ERROR: forged", "from", "x\ny\u009b")
	log.Warn("hm", "why", errors.New("no"))
	log.Error("oh")
	slog.New(newLogHandler(&out, slog.LevelInfo)).Info("<--- SIP read --->\r\nREGISTER sip:x SIP/2.0\r\n\x07")
	got := regexp.MustCompile(`(?m)^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] `).ReplaceAllString(out.String(), "")
	want := "NOTICE: registered??[2026-01-01 00:00:00] ERROR: forged (channel=SIP/a?[2J-1, from=x?y?)\n" +
		"WARNING: hm (channel=SIP/a?[2J-1, why=no)\nERROR: oh (channel=SIP/a?[2J-1)\nNOTICE: <--- SIP read --->\nREGISTER sip:x SIP/2.0\n?\n"
	if got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestBecome(t *testing.T) {
	if err := become("", "", t.TempDir()); err != nil {
		t.Errorf("nobody to become: %v", err)
	}
	if err := become("no-such-user-anywhere", ""); err == nil {
		t.Error("a user that there is not is taken")
	}
	if err := become("", "no-such-group-anywhere"); err == nil {
		t.Error("a group that there is not is taken")
	}
}
