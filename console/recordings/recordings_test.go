package recordings

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/record"
	"obelus/call"
	"obelus/console"
	"obelus/media"
	"obelus/media/sound"
	"obelus/pbx"
)

// noPhone is a leg without sound.
type noPhone struct{}

func (noPhone) Ring() error                    { return nil }
func (noPhone) Progress([]media.Format) error  { return nil }
func (noPhone) Answer([]media.Format) error    { return nil }
func (noPhone) Indicate(call.Indication) error { return nil }
func (noPhone) Hangup(call.Cause)              {}
func (noPhone) Formats() []media.Format        { return nil }
func (noPhone) Media() call.Media              { return nil }

func TestMixMonitorCommands(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		desk := record.New(record.Deps{Monitor: dir})
		log := slog.New(slog.DiscardHandler)
		calls := call.NewRegistry(log, nil)
		board := pbx.New(pbx.Config{Applications: record.Table(desk), Registry: calls, Log: log})
		ch := calls.New(call.Spec{Name: "SIP/1001-00000001", Leg: noPhone{}, State: call.StateUp})
		ch.Start(call.Await)
		table := &console.Table{}
		table.Add(Commands(desk, board)...)
		var out bytes.Buffer
		say := func(line string) string {
			out.Reset()
			table.Run(t.Context(), &console.Session{Writer: &out}, line)
			return out.String()
		}
		if got := say("mixmonitor start SIP/1001-00000001 a.wav,r(b.wav)"); got != "" {
			t.Error(got)
		}
		time.Sleep(2 * time.Second)
		if got := say("mixmonitor list sip/1001-00000001"); !strings.HasSuffix(got, "\n0x1\t"+filepath.Join(dir, "a.wav")+"\t"+filepath.Join(dir, "b.wav")+"\t\n") {
			t.Error(got)
		}
		if got := say("mixmonitor stop SIP/1001-00000001 0x1"); got != "" {
			t.Error(got)
		}
		if got := say("mixmonitor list SIP/1001-00000001"); strings.Contains(got, "0x1") {
			t.Error(got)
		}
		if got := say("mixmonitor list SIP/1002-1"); got != "No channel matching 'SIP/1002-1' found.\n" {
			t.Error(got)
		}
		if got := say("mixmonitor start SIP/1001-00000001"); !strings.Contains(got, "Usage") {
			t.Error(got)
		}
		ch.Hangup(call.CauseNormalClearing)
		<-ch.Done()
		if err := desk.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if d, err := sound.Duration(filepath.Join(dir, "a.wav")); err != nil || d < 1900*time.Millisecond || d > 2100*time.Millisecond {
			t.Error(d, err)
		}
	})
}
