package voicemail

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/conf"
	"obelus/media"
	"obelus/media/sound"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/voicemail/mailbox"
)

// rate is how many samples of a second are heard, frame how many are played at a time.
const (
	rate  = 8000
	frame = rate / 50
)

// note is a tone of 1,000 Hz that lasts for some seconds; then it is silent for ever.
type note struct {
	left int // samples
	at   int
}

func (*note) Rate() int { return rate }

func (n *note) Read(b []int16) (int, error) {
	for i := range b {
		b[i] = 0
		if n.left > 0 {
			b[i] = int16(8000 * math.Sin(2*math.Pi*1000*float64(n.at)/rate))
			n.left--
			n.at++
		}
	}
	return len(b), nil
}

// office is a house with mailboxes.
type office struct {
	*apptest.House
	boxes *mailbox.Boxes
	dir   string
}

// library has the sounds of a house, and what is on the disk where a name is a path.
type library struct{ prompt.Library }

func (l library) Open(name, language string, f []media.Format) (prompt.Sound, error) {
	if filepath.IsAbs(name) {
		s, err := sound.Library{}.Open(name, "", f...)
		if err == nil {
			if p, err := l.Library.Open("="+filepath.Base(filepath.Dir(name))+"/"+filepath.Base(name), "", f); err == nil {
				p.Close()
			}
		}
		return s, err
	}
	return l.Library.Open(name, language, f)
}

func (l library) Exists(name, language string) bool {
	if filepath.IsAbs(name) {
		return sound.Library{}.Exists(name, "")
	}
	return l.Library.Exists(name, language)
}

// shown is an application whose steps show what was filled in.
func shown() pbx.Application {
	return pbx.Application{Name: "NoOp", Run: func(context.Context, *pbx.Exec, string) error { return nil }}
}

// open makes a house with a voicemail.conf and a dialplan.
func open(t *testing.T, conf_, plan string) *office {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "voicemail.conf"), []byte(conf_), 0o640); err != nil {
		t.Fatal(err)
	}
	return at(t, dir, plan)
}

// reopen is the same house with another dialplan and no call.
func reopen(t *testing.T, o *office, plan string) *office { t.Helper(); return at(t, o.dir, plan) }

func at(t *testing.T, dir, plan string) *office {
	t.Helper()
	o := &office{dir: dir}
	f, _, err := (&conf.Loader{Dir: o.dir}).Load("voicemail.conf")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := mailbox.Read(f)
	var d *Deps
	o.House = apptest.New(t, apptest.Config{Plan: plan,
		Applications: func(h *apptest.House) []pbx.Application {
			d = &Deps{Voice: h.Voice}
			return append(Table(d), shown())
		},
		Functions: func(*apptest.House) []pbx.Function { return Functions(d) },
	})
	o.Voice.Sounds = library{o.Voice.Sounds}
	o.boxes = mailbox.New(mailbox.Config{Spool: filepath.Join(o.dir, "spool"), Etc: o.dir, Host: "pbx", Log: slog.New(slog.DiscardHandler)}, s)
	d.Boxes = o.boxes
	return o
}

// says has the caller say a tone of so many seconds once he is recorded.
func (o *office) says(seconds float64) {
	o.Incoming()
	o.Caller.Sound.Source = &note{left: int(seconds * rate)}
}

// files lists what a mailbox has.
func (o *office) files(t *testing.T, box string) string {
	t.Helper()
	root := filepath.Join(o.dir, "spool", "default", box)
	var out []string
	if err := filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(root, p)
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

// length is how long a recording of a mailbox is, and of how much of it is a tone of 1,000 Hz.
func (o *office) length(t *testing.T, path string) (all, tone time.Duration) {
	t.Helper()
	s, err := sound.Library{}.Open(filepath.Join(o.dir, "spool", "default", path), "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	src, err := sound.Resample(s, rate)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]int16, frame)
	for {
		n, err := src.Read(buf)
		all += time.Duration(n) * time.Second / rate
		if n == frame && isTone(buf) {
			tone += media.Frame
		}
		if err == io.EOF {
			return all, tone
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// isTone says whether a frame is a tone of 1,000 Hz: what Goertzel finds there is nearly all there is.
func isTone(pcm []int16) bool {
	var s1, s2, energy float64
	k := 2 * math.Cos(2*math.Pi*1000/rate)
	for _, x := range pcm {
		s := float64(x) + k*s1 - s2
		s2, s1 = s1, s
		energy += float64(x) * float64(x)
	}
	power := s1*s1 + s2*s2 - k*s1*s2
	return energy > 1e6 && power > 0.9*energy*float64(len(pcm))/2
}

func bubble(t *testing.T, f func(t *testing.T)) { t.Helper(); synctest.Test(t, f) }

func hangs(o *office, at time.Duration) {
	time.AfterFunc(at, func() { o.Ch.Gone(call.CauseNormalClearing) })
}

// message puts a message of two seconds into a mailbox, from a caller.
func (o *office) message(t *testing.T, box, from string) {
	t.Helper()
	b := o.boxes.Find(box)
	d, err := o.boxes.Begin(b, mailbox.Message{OrigMailbox: b.Name, Context: "c", CallerID: from, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	o.recorded(t, d.Stem, 2)
	d.Message.Duration = 2 * time.Second
	if err := d.Deliver(); err != nil {
		t.Fatal(err)
	}
}

// recorded writes a recording of so many seconds of a tone.
func (o *office) recorded(t *testing.T, stem string, seconds int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(stem), 0o770); err != nil {
		t.Fatal(err)
	}
	k, _ := sound.KindOf("wav")
	w, err := sound.Create(stem+".wav", k)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, seconds*rate)
	n := note{left: len(pcm)}
	if _, err := n.Read(pcm); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(pcm), w.Close()); err != nil {
		t.Fatal(err)
	}
}

// greetingOf records a greeting of a mailbox.
func (o *office) greetingOf(t *testing.T, box, name string) {
	t.Helper()
	o.recorded(t, o.boxes.Greeting(o.boxes.Find(box), name), 1)
}

// keys are pressed one after another, each so long after the one before and a little more, so that no sound of whole seconds ends just then.
func (o *office) keys(all ...any) {
	at := time.Duration(0)
	for _, x := range all {
		at += 7 * time.Millisecond
		switch x := x.(type) {
		case time.Duration:
			at += x
		case float64:
			at += time.Duration(x * float64(time.Second))
		case int:
			at += time.Duration(x) * time.Second
		case string:
			o.Press(at, x)
		}
	}
}

// played is what was heard, as one line.
func (o *office) played() string { return strings.Join(o.Played, " ") }
