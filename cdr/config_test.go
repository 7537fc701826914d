package cdr

import (
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/conf"
)

func read(t testing.TB, text string) (Config, []string) {
	t.Helper()
	f, _, err := (&conf.Loader{}).Parse("cdr.conf", []byte(text))
	if err != nil {
		return Defaults(), nil // no file of this syntax: conf says so
	}
	c, found := Read(f)
	var said []string
	for _, d := range found {
		said = append(said, d.String())
	}
	return c, said
}

func TestRead(t *testing.T) {
	if c, found := Read(nil); c != Defaults() || found != nil {
		t.Errorf("without a file %+v, %v", c, found)
	}
	if c, said := read(t, "[csv]\nusegmtime=yes\n"); c != Defaults() || said != nil {
		t.Errorf("without [general] %+v, %v", c, said)
	}
	c, said := read(t, `[general]
enable=no
unanswered=yes
congestion=yes
endbeforehexten=no
initiatedseconds=yes
channeldefaultenabled=no
ignorestatechanges=yes
ignoredialchanges=yes
batch=yes
size=7
time=60
safeshutdown=no
[csv]
loguniqueid=yes
`)
	want := Config{
		Unanswered: true, Congestion: true, InitiatedSeconds: true, IgnoreBridges: true, IgnoreDials: true,
		Batch: Batch{On: true, Size: 7, Time: time.Minute},
	}
	if c != want || said != nil {
		t.Errorf("%+v, %q", c, said)
	}
	_, said = read(t, "[general]\nunansered=yes\nscheduleronly=yes\nsize=many\ntime=100000\nbatch=maybe\ninitiateddatetime=yes\n")
	if want := []string{
		"cdr.conf:2: warning: unknown option 'unansered' (it is ignored; did you mean unanswered?)",
		"cdr.conf:3: note: scheduleronly does nothing (records are written by a goroutine of their own, which no call waits for)",
		`cdr.conf:4: warning: size: "many" is no number from 0 to 1000: the default is kept`,
		`cdr.conf:5: warning: time: "100000" is no number from 0 to 86400: the default is kept`,
		`cdr.conf:6: warning: batch: "maybe" is neither yes nor no: it counts as no`,
		"cdr.conf:7: note: initiateddatetime does nothing (there is no such option in the original: initiatedseconds=yes bills each second that has begun)",
	}; !slices.Equal(said, want) {
		t.Errorf("said\n%s", strings.Join(said, "\n"))
	}
}

// FuzzRead: no file makes settings that can't be worked with, and what is wrong is said with its line.
func FuzzRead(f *testing.F) {
	f.Add("[general]\nbatch=yes\nsize=10\ntime=0\n")
	f.Add("[general]\nsize=-1\ntime=99999999999999999999\n[csv]\nx=y\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, said := read(t, text)
		if c.Batch.Size < 0 || c.Batch.Size > 1000 || c.Batch.Time < 0 || c.Batch.Time > 86400*time.Second {
			t.Errorf("%+v", c)
		}
		for _, line := range said {
			if !strings.HasPrefix(line, "cdr.conf:") {
				t.Errorf("%q does not say where", line)
			}
		}
	})
}

// TestSet: what is settled at the start stays.
func TestSet(t *testing.T) {
	e := New(Defaults(), nil)
	c := Defaults()
	c.Unanswered, c.IgnoreDials, c.IgnoreBridges = true, true, true
	e.Set(c)
	if got := e.Config(); !got.Unanswered || got.IgnoreDials || got.IgnoreBridges {
		t.Errorf("%+v", got)
	}
}

// TestGeneralInPieces: a section may be written more than once, in any case of letters.
func TestGeneralInPieces(t *testing.T) {
	f, _, err := (&conf.Loader{}).Parse("cdr.conf", []byte("[general]\nunanswered=yes\n[csv]\n[General]\ncongestion=yes\nodd=1\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, found := Read(f)
	if !c.Unanswered || !c.Congestion || len(found) != 1 {
		t.Errorf("%+v, %v", c, found)
	}
}
