package record

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/media/sound"
	"obelus/pbx"
	"obelus/prompt/record"
)

// house is a house with the applications of this room, and a folder.
type house struct {
	*apptest.House
	desk *Desk
	dir  string
	ran  []string // commands, and copies into mailboxes
}

// talk is a source: words of a second and a half, with half a second between.
type talk struct {
	rate    int
	pattern func(at time.Duration) bool

	mu sync.Mutex // several may listen
	n  int
}

func (s *talk) Rate() int { return s.rate }

func (s *talk) Read(frame []int16) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range frame {
		frame[i] = 0
		if s.pattern(time.Duration(s.n) * time.Second / time.Duration(s.rate)) {
			frame[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(s.n)/float64(s.rate)))
		}
		s.n++
	}
	return len(frame), nil
}

// until talks for so long, and is silent then.
func until(d time.Duration) func(time.Duration) bool {
	return func(at time.Duration) bool { return at < d }
}

// inHouse runs a dialplan in a bubble; before may say what happens meanwhile.
func inHouse(t *testing.T, plan string, says func(time.Duration) bool, before func(h *house), after func(h *house)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := &house{dir: dir}
		h.House = apptest.New(t, apptest.Config{
			Plan: strings.ReplaceAll(plan, "DIR", dir), Phones: map[string]apptest.Script{"bob": {Events: []apptest.Event{
				{At: time.Second, Event: call.Event{Kind: call.EventAnswered}},
				{At: 4 * time.Second, Event: call.Event{Kind: call.EventGone, Cause: call.CauseNormalClearing}},
			}}},
			Applications: func(a *apptest.House) []pbx.Application {
				h.desk = New(Deps{Voice: a.Voice, Sounds: dir, Monitor: dir, Dictation: dir, Shell: func(_ context.Context, line string) (int, error) {
					h.ran = append(h.ran, line)
					return 0, nil
				}, Mail: func(box, file string, from *call.Channel, at call.Place) error {
					h.ran = append(h.ran, fmt.Sprint(box, " ", file, " ", from.Name(), " ", at.Exten))
					return nil
				}})
				return append(Table(h.desk), helpers(a)...)
			},
			Functions: func(*apptest.House) []pbx.Function { return Functions(h.desk) },
		})
		h.Incoming()
		h.Caller.Sound.Source = &talk{rate: 8000, pattern: says}
		if before != nil {
			before(h)
		}
		h.Call()
		if err := h.desk.Close(context.Background()); err != nil {
			t.Error(err)
		}
		after(h)
	})
}

// helpers are applications that tests need beside those of this room.
func helpers(a *apptest.House) []pbx.Application {
	return []pbx.Application{
		{Name: "Wait", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			d, err := pbx.Seconds(data)
			if err != nil {
				return err
			}
			return x.Sleep(ctx, d)
		}},
		{Name: "NoOp", Run: func(context.Context, *pbx.Exec, string) error { return nil }},
		{Name: "Answer", Run: func(_ context.Context, x *pbx.Exec, _ string) error { return x.Channel().Answer(nil) }},
		{Name: "Set", Run: func(_ context.Context, x *pbx.Exec, data string) error {
			name, value, _ := strings.Cut(data, "=")
			if f, args, ok := strings.Cut(name, "("); ok {
				fn, _ := x.PBX().Function(f)
				return fn.Write(x, strings.TrimSuffix(args, ")"), value)
			}
			x.Set(name, value)
			return nil
		}},
		{Name: "Bridge", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			list, err := a.Dial.Dial(ctx, "SIP/"+data, call.Request{From: x.Channel(), Inbox: call.NewMailbox()})
			if err != nil {
				return err
			}
			b := call.NewBridge()
			if err := list[0].Do(b.Order()); err != nil {
				return err
			}
			if err := b.Stay(ctx, x.Channel(), nil); err != nil && ctx.Err() != nil {
				return err
			}
			return nil
		}},
	}
}

// lasts checks how long a file is.
func (h *house) lasts(t *testing.T, name string, want time.Duration) {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(h.dir, name)
	}
	got, err := sound.Duration(name)
	if err != nil || got-want > 100*time.Millisecond || want-got > 100*time.Millisecond {
		t.Errorf("%s lasts %v, want %v (%v)", filepath.Base(name), got, want, err)
	}
}

func TestRecord(t *testing.T) {
	for _, c := range []struct {
		name, data   string
		keys         string // after two seconds
		gone         bool   // ... hangs up
		status, file string
		length       time.Duration // 0: there is no file
		played       string
		told         string
	}{
		{"key", "a/b.wav", "#", false, "DTMF", "a/b", 750 * time.Millisecond, "beep", "answer hangup:0"},
		{"other key", "b.wav,0,5", "1", false, "TIMEOUT", "b", 5 * time.Second, "beep", ""},
		{"colon", "b:gsm,0,3", "", false, "TIMEOUT", "b", 3 * time.Second, "beep", ""},
		{"quiet, star", "b.wav,,,qt", "*", false, "DTMF", "b", 1750 * time.Millisecond, "", ""},
		{"any key", "b.wav,,,qy", "5", false, "DTMF", "b", 1750 * time.Millisecond, "", ""},
		{"operator", "b.wav,,,qo", "0", false, "OPERATOR", "b", 1750 * time.Millisecond, "", ""},
		{"no key", "b.wav,0,4,qx", "#*0", false, "TIMEOUT", "b", 4 * time.Second, "", ""},
		{"silence", "b.wav,2,0,q", "", false, "SILENCE", "b", 4 * time.Second, "", ""},
		{"silence is kept", "b.wav,2,0,qu", "", false, "SILENCE", "b", 5 * time.Second, "", ""},
		{"hangup", "b.wav,,,q", "", true, "HANGUP", "b", 0, "", ""},
		{"hangup is kept", "b.wav,,,qk", "", true, "HANGUP", "b", 2 * time.Second, "", ""},
		{"skip", "b.wav,,,s", "", false, "SKIP", "b", 0, "", "hangup:0"},
		{"no answer", "b.wav,0,2,nq", "", false, "TIMEOUT", "b", 2 * time.Second, "", "hangup:0"},
		{"numbered", "x%d.wav,0,2,q", "", false, "TIMEOUT", "x2", 2 * time.Second, "", ""},
		{"wav49", "b.wav49,0,2,q", "", false, "TIMEOUT", "b", 2 * time.Second, "", ""},
		{"no format", "b", "", false, "ERROR", "", 0, "", ""},
		{"bad format", "b.ogg", "", false, "ERROR", "", 0, "", ""},
		{"climbs out", "../b.wav", "", false, "ERROR", "", 0, "", ""},
		{"nothing", "", "", false, "ERROR", "", 0, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := "[c]\nexten => s,1,Record(" + c.data + ")\n same => n,NoOp\nexten => h,1,NoOp\n"
			inHouse(t, plan, until(3*time.Second), func(h *house) {
				for _, taken := range []string{"x0.wav", "x1.wav"} {
					if err := os.WriteFile(filepath.Join(h.dir, taken), nil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if c.keys != "" {
					h.Press(2*time.Second, c.keys)
				}
				if c.gone {
					ch := h.Ch
					time.AfterFunc(2*time.Second, func() { ch.Gone(call.CauseNormalClearing) })
				}
			}, func(h *house) {
				if h.Vars["RECORD_STATUS"] != c.status || h.Vars["RECORDED_FILE"] != c.file {
					t.Errorf("RECORD_STATUS %s, RECORDED_FILE %s; want %s, %s", h.Vars["RECORD_STATUS"], h.Vars["RECORDED_FILE"], c.status, c.file)
				}
				if got := strings.Join(h.Played, " "); got != c.played {
					t.Errorf("played %q, want %q", got, c.played)
				}
				if c.told != "" && h.Caller.Heard() != c.told {
					t.Errorf("the phone was told %q, want %q", h.Caller.Heard(), c.told)
				}
				if c.file == "" {
					return
				}
				_, ending := recordName(strings.SplitN(c.data, ",", 2)[0])
				kind, _ := sound.KindOf(ending)
				name := c.file + "." + kind.Ending
				if c.length > 0 {
					h.lasts(t, name, c.length)
				} else if _, err := os.Stat(filepath.Join(h.dir, name)); err == nil {
					t.Errorf("%s is there", name)
				}
			})
		})
	}
}

func TestMixMonitor(t *testing.T) {
	for _, c := range []struct {
		name, plan string
		files      map[string]time.Duration
		ran        string
		vars       map[string]string
	}{
		{"whole call", "MixMonitor(a/b.wav)|Wait(3)", map[string]time.Duration{"a/b.wav": 3 * time.Second}, "", map[string]string{"MIXMONITOR_FILENAME": "DIR/a/b.wav"}},
		{"stopped", "MixMonitor(b.gsm)|Wait(2)|StopMixMonitor()|Wait(3)", map[string]time.Duration{"b.gsm": 2 * time.Second}, "", nil},
		{"two, one stopped by its id", "MixMonitor(b.wav,i(ONE))|MixMonitor(c.wav,i(TWO))|Wait(1)|StopMixMonitor(${ONE})|Wait(1)|NoOp(${MIXMONITOR(${TWO},filename)})", map[string]time.Duration{"b.wav": time.Second, "c.wav": 2 * time.Second}, "",
			map[string]string{"ONE": "0x1", "TWO": "0x2"}},
		{"the newest is stopped", "MixMonitor(b.wav)|MixMonitor(c.wav)|Wait(1)|StopMixMonitor()|Wait(1)", map[string]time.Duration{"b.wav": 2 * time.Second, "c.wav": time.Second}, "", nil},
		{"without an ending", "MixMonitor(b)|Wait(1)", map[string]time.Duration{"b.raw": time.Second}, "", map[string]string{"MIXMONITOR_FILENAME": "DIR/b.raw"}},
		{"both sides", "MixMonitor(,r(in.wav)t(out.ulaw))|Wait(2)", map[string]time.Duration{"in.wav": 2 * time.Second, "out.ulaw": 2 * time.Second}, "", nil},
		{"all three", "MixMonitor(b.wav16,r(in.sln)t(out.g722))|Wait(2)", map[string]time.Duration{"in.sln": 2 * time.Second, "out.g722": 2 * time.Second, "b.wav16": 2 * time.Second}, "", nil},
		{"append", "MixMonitor(b.wav)|Wait(1)|StopMixMonitor()|Wait(1)|MixMonitor(b.wav,a)|Wait(1)", map[string]time.Duration{"b.wav": 2 * time.Second}, "", nil},
		{"while bridged", "MixMonitor(b.wav,b)|Wait(2)|Bridge(bob)|Wait(2)", map[string]time.Duration{"b.wav": 4 * time.Second}, "", nil},
		{"side by side", "MixMonitor(b.wav,D)|Wait(2)", map[string]time.Duration{"b.raw": 4 * time.Second}, "", nil},
		{"beeps", "MixMonitor(b.wav,B(2)pP)|Wait(5)|StopMixMonitor()|Wait(2)", map[string]time.Duration{"b.wav": 5 * time.Second}, "", nil},
		{"a command", `MixMonitor(b.wav,,lame "^{MIXMONITOR_FILENAME}" ^{CALLERID} '^{CALLERID}' && ls > x)|Wait(1)`, map[string]time.Duration{"b.wav": time.Second},
			`lame "DIR/b.wav" 'Ann; rm -rf "$HOME" it'\''s' 'Ann; rm -rf "$HOME" it'\''s' && ls > x`, nil},
		{"a command that the dialplan filled in", `MixMonitor(b.wav,,echo "${CALLERID}" ${MIX} ^{MIX})|Wait(1)`, map[string]time.Duration{"b.wav": time.Second},
			`echo "Ann; rm -rf \"\$HOME\" it's" a b a b`, nil},
		{"copies", "MixMonitor(b.wav,m(100@default, 101@default/Work)d,true)|Wait(1)", map[string]time.Duration{}, "true|100@default DIR/b.wav SIP/caller-0 s|101@default DIR/b.wav SIP/caller-0 s", nil},
		{"no such format", "MixMonitor(b.ogg)|Wait(1)", map[string]time.Duration{}, "", nil},
		{"climbs out", "MixMonitor(/tmp/../b.wav)|Wait(1)", map[string]time.Duration{}, "", nil},
		{"no folder can be made", "MixMonitor(b.wav)|Wait(1)|StopMixMonitor()|Wait(1)|MixMonitor(b.wav/c.wav)|Wait(1)", map[string]time.Duration{"b.wav": time.Second}, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := "[c]\n"
			for i, step := range strings.Split(c.plan, "|") {
				plan += "exten => s," + []string{"1", "n"}[min(i, 1)] + "," + step + "\n"
			}
			inHouse(t, plan, until(time.Hour), func(h *house) {
				h.Ch.Vars.Set("CALLERID", `Ann; rm -rf "$HOME" it's`)
				h.Ch.Vars.Set("MIX", `a b`)
			}, func(h *house) {
				var have []string
				for name, d := range c.files {
					h.lasts(t, name, d)
				}
				_ = filepath.WalkDir(h.dir, func(name string, e os.DirEntry, _ error) error {
					if !e.IsDir() {
						have = append(have, name)
					}
					return nil
				})
				if len(have) != len(c.files) {
					t.Errorf("files: %v", have)
				}
				if got := strings.Join(h.ran, "|"); got != strings.ReplaceAll(c.ran, "DIR", h.dir) {
					t.Errorf("ran %s", got)
				}
				for name, want := range c.vars {
					if h.Vars[name] != strings.ReplaceAll(want, "DIR", h.dir) {
						t.Errorf("%s is %s", name, h.Vars[name])
					}
				}
				if c.name == "beeps" {
					if got := strings.Join(h.Played, " "); got != "beep beep beep beep" {
						t.Errorf("played %s", got)
					}
				}
			})
		})
	}
}

// loudness is the average of a file's samples.
func loudness(t *testing.T, name string) int {
	t.Helper()
	src, err := sound.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	pcm := make([]int16, 80000)
	n := 0
	for err == nil && n < len(pcm) {
		var k int
		k, err = src.Read(pcm[n:])
		n += k
	}
	return record.Loudness(pcm[:n])
}

func TestMixMonitorLoudness(t *testing.T) {
	inHouse(t, "[c]\nexten => s,1,MixMonitor(plain.wav)\n same => n,MixMonitor(loud.wav,v(1))\n same => n,MixMonitor(low.wav,W(-2))\n same => n,MixMonitor(spoken.wav,V(4))\n same => n,MixMonitor(muted.wav,i(M))\n same => n,Wait(2)\n", until(time.Hour), func(h *house) {
		ch := h.Ch
		time.AfterFunc(time.Millisecond, func() {
			id, _ := ch.Vars.Get("M")
			if n := h.desk.Mute(ch, id, Said, true); n != 1 {
				t.Errorf("%d muted", n)
			}
		})
	}, func(h *house) {
		plain := loudness(t, filepath.Join(h.dir, "plain.wav"))
		for name, want := range map[string]int{"loud": plain * 2, "low": plain / 4, "spoken": plain, "muted": 0} {
			if got := loudness(t, filepath.Join(h.dir, name+".wav")); got < want*9/10-20 || got > want*11/10+20 {
				t.Errorf("%s: %d, want %d", name, got, want)
			}
		}
	})
}

func TestMonitor(t *testing.T) {
	for _, c := range []struct {
		name, plan string
		files      map[string]time.Duration
		ran        string
	}{
		{"two files", "Monitor(wav,b)|Wait(2)", map[string]time.Duration{"b-in.wav": 2 * time.Second, "b-out.wav": 2 * time.Second}, ""},
		{"mixed by us", "Monitor(wav49,b,m)|Wait(2)|StopMonitor()|Wait(1)", map[string]time.Duration{"b.WAV": 2 * time.Second}, ""},
		{"mixed by a program", "Set(MONITOR_EXEC=sox -m)|Set(MONITOR_EXEC_ARGS=&& rm x)|Monitor(gsm,b,m)|Wait(2)", map[string]time.Duration{"b-in.gsm": 2 * time.Second, "b-out.gsm": 2 * time.Second}, "sox -m 'DIR/b-in.gsm' 'DIR/b-out.gsm' 'DIR/b.gsm' && rm x"},
		{"one side", "Monitor(,b,i)|Wait(1)", map[string]time.Duration{"b-out.wav": time.Second}, ""},
		{"paused", "Monitor(wav,b,o)|Wait(1)|PauseMonitor()|Wait(3)|UnpauseMonitor()|Wait(1)", map[string]time.Duration{"b-in.wav": 2 * time.Second}, ""},
		{"renamed", "Monitor(wav,b)|Wait(1)|ChangeMonitor(x/c)|Wait(1)|StopMonitor()|Wait(1)", map[string]time.Duration{"x/c-in.wav": 2 * time.Second, "x/c-out.wav": 2 * time.Second}, ""},
		{"twice", "Monitor(wav,b,o)|Monitor(wav,c)|Wait(1)", map[string]time.Duration{"b-in.wav": time.Second}, ""},
		{"without a name", "Monitor(wav,,o)|Wait(1)", map[string]time.Duration{"audio-0-in.wav": time.Second}, ""},
		{"while bridged", "Monitor(wav,b,ob)|Wait(1)|Bridge(bob)|Wait(1)", map[string]time.Duration{"b-in.wav": 4 * time.Second}, ""},
		{"bad format", "Monitor(ogg,b)|ChangeMonitor(c)|StopMonitor()|Wait(1)", map[string]time.Duration{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := "[c]\n"
			for i, step := range strings.Split(c.plan, "|") {
				plan += "exten => s," + []string{"1", "n"}[min(i, 1)] + "," + step + "\n"
			}
			inHouse(t, plan, until(time.Hour), nil, func(h *house) {
				for name, d := range c.files {
					h.lasts(t, name, d)
				}
				var have []string
				_ = filepath.WalkDir(h.dir, func(name string, e os.DirEntry, _ error) error {
					if !e.IsDir() {
						have = append(have, name)
					}
					return nil
				})
				if len(have) != len(c.files) {
					t.Errorf("files: %v", have)
				}
				if got := strings.Join(h.ran, "|"); got != strings.ReplaceAll(c.ran, "DIR", h.dir) {
					t.Errorf("ran %s", got)
				}
			})
		})
	}
}

func TestWaitFor(t *testing.T) {
	for _, c := range []struct {
		app  string
		says func(time.Duration) bool
		want string
		took time.Duration
	}{
		{"WaitForSilence()", until(3 * time.Second), "SILENCE", 4 * time.Second},
		{"WaitForSilence(2000,2)", until(3 * time.Second), "SILENCE", 7 * time.Second},
		{"WaitForSilence(500,1,2)", until(3 * time.Second), "TIMEOUT", 2 * time.Second},
		{"WaitForNoise(500)", func(at time.Duration) bool { return at > 2*time.Second }, "NOISE", 2500 * time.Millisecond},
		{"WaitForNoise(500,1,5)", until(0), "TIMEOUT", 5 * time.Second},
		{"WaitForNoise(500,x,y)", until(0), "HANGUP", 10 * time.Second},
	} {
		t.Run(c.app, func(t *testing.T) {
			var took time.Duration
			inHouse(t, "[c]\nexten => s,1,"+c.app+"\nexten => h,1,NoOp\n", c.says, func(h *house) {
				began, ch := time.Now(), h.Ch
				time.AfterFunc(10*time.Second, func() { ch.Gone(call.CauseNormalClearing) })
				h.Ch.AtEnd(func() { took = time.Since(began) })
			}, func(h *house) {
				if h.Vars["WAITSTATUS"] != c.want || took-c.took > 100*time.Millisecond || c.took-took > 100*time.Millisecond {
					t.Errorf("%s after %v, want %s after %v", h.Vars["WAITSTATUS"], took, c.want, c.took)
				}
			})
		})
	}
}

func TestCheck(t *testing.T) {
	apps := make(map[string]pbx.Application)
	for _, a := range Table(New(Deps{})) {
		apps[a.Name] = a
	}
	for _, c := range []struct{ app, data, want string }{
		{"Record", "x.wav,0,5,q", ""},
		{"Record", "x.ogg,0,5,qZ", "Record has no option Z|Record can't write the format ogg"},
		{"Record", "${X}.${Y},,,${O}", ""},
		{"MixMonitor", "/a/${EXTEN}.wav49,bi(ID)W(2)", ""},
		{"MixMonitor", "x.mp3,m(1@a/Work)R", "MixMonitor has no option R|MixMonitor option m: the copy is put into the folder INBOX, whatever folder is named|MixMonitor can't write the format mp3"},
		{"MixMonitor", "x.wav,i(", "MixMonitor option i lacks its closing parenthesis"},
		{"Monitor", "wav:http://x,y,mb", "Monitor's URL for the call record is passed over"},
	} {
		if got := strings.Join(apps[c.app].Check(c.data), "|"); got != c.want {
			t.Errorf("%s(%s): %s, want %s", c.app, c.data, got, c.want)
		}
	}
}
