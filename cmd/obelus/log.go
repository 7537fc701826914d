package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// logHandler writes lines that a person reads, in the original's shape:
//
//	[2026-11-24 09:30:00] WARNING: what happened (channel=SIP/1001-00000001)
//
// What phones have sent can't begin a new line in it or move the cursor.
type logHandler struct {
	out   *locked
	level slog.Level
	attrs []slog.Attr
}

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func newLogHandler(w io.Writer, level slog.Level) *logHandler {
	return &logHandler{out: &locked{w: w}, level: level}
}

// Enabled says whether lines of that level are written.
func (h *logHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// Handle writes one line.
func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(r.Time.Format("[2006-01-02 15:04:05] "))
	b.WriteString(levelWord(r.Level))
	b.WriteString(": ")
	b.WriteString(printable(r.Message, strings.HasPrefix(r.Message, "<---")))
	first := true
	add := func(a slog.Attr) bool {
		sep := ", "
		if first {
			sep, first = " (", false
		}
		fmt.Fprintf(&b, "%s%s=%s", sep, a.Key, printable(a.Value.String(), false))
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	if !first {
		b.WriteByte(')')
	}
	b.WriteByte('\n')
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	_, err := io.WriteString(h.out.w, b.String())
	return err
}

// WithAttrs returns a handler that adds attributes to every line.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.attrs = append(append([]slog.Attr(nil), h.attrs...), attrs...)
	return &c
}

// WithGroup returns the handler: groups are not shown.
func (h *logHandler) WithGroup(string) slog.Handler { return h }

func levelWord(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "ERROR"
	case l >= slog.LevelWarn:
		return "WARNING"
	case l >= slog.LevelInfo:
		return "NOTICE"
	}
	return "DEBUG"
}

// printable masks control characters; lines says that line ends may stay.
func printable(s string, lines bool) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' && lines || r == '\t' {
			return r
		}
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			if r == '\r' && lines {
				return -1
			}
			return '?'
		}
		return r
	}, s)
}
