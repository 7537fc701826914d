package console

import (
	"fmt"
	"log/slog"
	"strings"

	"obelus/event"
)

// Watch returns what a [Server] watches with: each console subscribes to bus
// and is shown its facts as the original's verbose lines.
func Watch(bus *event.Bus) func(show func(level int, line string)) (stop func()) {
	return func(show func(int, string)) func() {
		events, cancel := bus.Subscribe(1024)
		go func() {
			for e := range events {
				if e.Lost > 0 {
					show(0, fmt.Sprintf("    -- %d lines were lost: this console is too slow", e.Lost))
				}
				if level, line := Line(e.Fact); line != "" {
					show(level, line)
				}
			}
		}()
		return cancel
	}
}

// Line is a fact as a line of the console, with the verbosity that shows it; ""
// for what the original is silent about. What phones have sent can't move the
// cursor or start a new line: control characters are shown as ?.
func Line(f event.Fact) (level int, line string) {
	level, line = lineOf(f)
	return level, Plain(line)
}

func lineOf(f event.Fact) (int, string) {
	switch x := f.(type) {
	case event.Step:
		return 3, fmt.Sprintf("    -- Executing [%s@%s:%d] %s(\"%s\", \"%s\") in new stack", x.Exten, x.Context, x.Priority, x.App, x.Name, x.Data)
	case event.ChannelEnded:
		return 3, fmt.Sprintf("    -- Hungup '%s' (cause %d, %s)", x.Name, x.Cause, x.CauseText)
	case event.BridgeEntered:
		return 3, fmt.Sprintf("    -- Channel %s joined 'simple_bridge' basic-bridge <%s>", x.Name, x.Bridge)
	case event.BridgeLeft:
		return 3, fmt.Sprintf("    -- Channel %s left 'simple_bridge' basic-bridge <%s>", x.Name, x.Bridge)
	case event.CallFailed:
		return 1, fmt.Sprintf("  == Call from %s to %s failed: %s", orUnknown(x.From), x.To, x.Reason)
	case event.MessageReceived:
		return 3, fmt.Sprintf("    -- Message from %s to %s (%s, %d bytes)", x.From, x.To, x.ContentType, x.Size)
	case event.MessageSent:
		if x.Status != "SUCCESS" {
			return 1, fmt.Sprintf("  == Message to %s was not sent (%s): %s", x.To, x.Status, x.Reason)
		}
		return 3, fmt.Sprintf("    -- Message to %s sent", x.To)
	case event.PeerRegistered:
		return 3, fmt.Sprintf("    -- Registered SIP '%s' at %s", x.Peer, x.Contact)
	case event.PeerUnregistered:
		return 3, fmt.Sprintf("    -- Unregistered SIP '%s'", x.Peer)
	case event.PeerReachable:
		return 1, fmt.Sprintf("  == Peer '%s' is now Reachable. (%dms)", x.Peer, x.RoundTrip.Milliseconds())
	case event.PeerUnreachable:
		return 1, fmt.Sprintf("  == Peer '%s' is now UNREACHABLE!", x.Peer)
	case event.AuthFailed:
		return 0, fmt.Sprintf("NOTICE: %s from '%s' failed for '%s' - %s", x.Method, x.Account, x.Addr, x.Reason)
	case event.Notice:
		if x.Level > slog.LevelInfo {
			return 0, x.Level.String() + ": " + x.Text
		}
		level := int(slog.LevelInfo - x.Level)
		return level, indent(level) + x.Text
	}
	return 0, ""
}

// indent is what the original puts before a line of that verbosity.
func indent(level int) string {
	switch level {
	case 0, 1:
		return " "
	case 2:
		return "  == "
	case 3:
		return "    -- "
	}
	return "       > "
}

func orUnknown(s string) string {
	if s == "" {
		return "somebody"
	}
	return s
}

// Plain is a text of others fit for a terminal: it can't move the cursor or start a new line.
func Plain(s string) string {
	if strings.IndexFunc(s, control) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if control(r) {
			return '?'
		}
		return r
	}, s)
}

func control(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 }
