package scenario

import (
	"io"
	"log/slog"
	"testing"

	"obelus/call"
	"obelus/media"
)

// mute is a phone without sound that says yes to everything.
type mute struct{}

func (*mute) Ring() error                    { return nil }
func (*mute) Progress([]media.Format) error  { return nil }
func (*mute) Answer([]media.Format) error    { return nil }
func (*mute) Indicate(call.Indication) error { return nil }
func (*mute) Hangup(call.Cause)              {}
func (*mute) Formats() []media.Format        { return []media.Format{media.Ulaw} }
func (*mute) Media() call.Media              { return nil }

// testLog is a log that is shown with the test when it is asked for more.
func testLog(t *testing.T) *slog.Logger {
	var to io.Writer = io.Discard
	if testing.Verbose() {
		to = logTo{t}
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
