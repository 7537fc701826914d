package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/event"
	"obelus/media/sound"
	"obelus/pbx"
)

// words talks in turn: on, off, on, off ... for so many milliseconds; what follows is
// silence.
func words(ms ...int) func(time.Duration) bool {
	return func(at time.Duration) bool {
		left := int(at / time.Millisecond)
		for i, d := range ms {
			if left < d {
				return i%2 == 0
			}
			left -= d
		}
		return false
	}
}

func TestAMD(t *testing.T) {
	for _, c := range []struct {
		name, data    string
		says          func(time.Duration) bool
		status, cause string
	}{
		{"hello?", "", words(0, 500, 600), "HUMAN", "HUMAN-800-800"},
		{"nobody says anything", "", words(), "MACHINE", "INITIALSILENCE-2500-2500"},
		{"a text at a stretch", "", words(0, 300, 4000), "MACHINE", "LONGGREETING-1500-1500"},
		{"many words", "", words(0, 300, 200, 100, 200, 100, 200, 100, 200, 100), "MACHINE", "MAXWORDS-4-3"},
		{"a long word", "2500,9000,800,5000,100,50,9,256,1000", words(0, 300, 4000), "MACHINE", "MAXWORDLENGTH-1000"},
		{"neither", "2500,9000,800,2000,100,50,9", words(0, 300, 4000), "NOTSURE", "TOOLONG-2000"},
		{"a soft voice", "1000,,,,,,,9000", words(0, 300, 4000), "MACHINE", "INITIALSILENCE-1000-1000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, "[c]\nexten => s,1,AMD("+c.data+")\n", c.says, nil, func(h *house) {
				if h.Vars["AMDSTATUS"] != c.status || h.Vars["AMDCAUSE"] != c.cause {
					t.Errorf("%s %s, want %s %s", h.Vars["AMDSTATUS"], h.Vars["AMDCAUSE"], c.status, c.cause)
				}
			})
		})
	}
}

func TestAMDHangupAndFile(t *testing.T) {
	inHouse(t, "[c]\nexten => s,1,AMD(,,,,,,,,,hold)\n", words(), func(h *house) {
		ch := h.Ch
		time.AfterFunc(time.Second, func() { ch.Gone(call.CauseNormalClearing) })
	}, func(h *house) {
		if h.Vars["AMDSTATUS"] != "HANGUP" || strings.Join(h.Played, " ") != "hold" {
			t.Errorf("%s, played %v", h.Vars["AMDSTATUS"], h.Played)
		}
	})
}

func TestBackgroundDetect(t *testing.T) {
	// A sound lasts a second.
	const plan = "[c]\nexten => s,1,BackgroundDetect(%s)\n same => n,NoOp(behind)\nexten => talk,1,NoOp(talk)\nexten => 5,1,NoOp(five)\n"
	for _, c := range []struct {
		name, data string
		says       func(time.Duration) bool
		keys       string
		last, var_ string
	}{
		{"talks", "hello,300", words(200, 9000), "", "NoOp(talk)", "200"},
		{"too short", "hello,300,300", words(200, 9000), "", "NoOp(behind)", ""},
		{"too long", "hello,300,100,300", words(500, 9000), "", "NoOp(behind)", ""},
		{"no silence behind it", "hello", words(9000), "", "NoOp(behind)", ""},
		{"not looked for any more", "hello,300,100,500,100", words(200, 9000), "", "NoOp(behind)", ""},
		{"a key", "hello", words(), "5", "NoOp(five)", ""},
		{"a key that is no extension", "hello", words(), "6", "NoOp(behind)", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, fmt.Sprintf(plan, c.data), c.says, func(h *house) {
				if c.keys != "" {
					h.Press(500*time.Millisecond, c.keys)
				}
			}, func(h *house) {
				_, last, _ := strings.Cut(h.Steps[len(h.Steps)-1], ":")
				if last != c.last || h.Vars["TALK_DETECTED"] != c.var_ {
					t.Errorf("ended at %s, TALK_DETECTED=%s", last, h.Vars["TALK_DETECTED"])
				}
			})
		})
	}
}

func TestDictate(t *testing.T) {
	plan := "[c]\nexten => s,1,Dictate(,letter)\n"
	inHouse(t, plan, until(time.Hour), func(h *house) {
		at := time.Duration(0)
		for _, s := range []struct {
			after time.Duration
			keys  string
		}{
			{2 * time.Second, "*"}, {2 * time.Second, "1"}, // records from 5 s on: "dictate/record" takes a second
			{4 * time.Second, "1"}, {2 * time.Second, "1"}, // pauses at 8 s: 3 s of sound
			{3 * time.Second, "*"}, {2 * time.Second, "1"}, // 2 s more; plays from 16 s on
			{3 * time.Second, "7"}, {time.Second, "8"}, {time.Second, "2"}, {4 * time.Second, "0"}, {5 * time.Second, "#"},
		} {
			at += s.after
			h.Press(at, s.keys)
		}
		ch := h.Ch
		time.AfterFunc(at+20*time.Second, func() { ch.Gone(call.CauseNormalClearing) })
	}, func(h *house) {
		want := "dictate/forhelp dictate/record_mode dictate/record dictate/pause dictate/record dictate/playback_mode dictate/playback digits/2 dictate/both_help dictate/play_help dictate/enter_filename"
		if got := strings.Join(h.Played, " "); got != want {
			t.Errorf("played %s", got)
		}
		h.lasts(t, "letter.raw", 5*time.Second)
	})
}

func TestDictateAnew(t *testing.T) {
	inHouse(t, "[c]\nexten => s,1,Dictate(,,no)\n", until(time.Hour), func(h *house) {
		if err := os.WriteFile(filepath.Join(h.dir, "12.raw"), make([]byte, 160000), 0o600); err != nil {
			t.Fatal(err)
		}
		h.Press(1500*time.Millisecond, "12#")
		h.Press(3*time.Second, "*")
		h.Press(5*time.Second, "8")
		h.Press(7*time.Second, "1")
		h.Press(10*time.Second, "#")
	}, func(h *house) {
		if got := h.Caller.Heard(); strings.Contains(got, "answer") {
			t.Errorf("the phone was told %s", got)
		}
		h.lasts(t, "12.raw", 2*time.Second)
		if d, err := sound.Duration(filepath.Join(h.dir, "12.raw")); err != nil || d == 0 {
			t.Errorf("%v %v", d, err)
		}
	})
}

// louder is a phone whose loudness is written down.
type louder struct {
	*apptest.Phone
	told *[]string
}

func (p louder) Media() call.Media { return loudEar{p.Sound, p.told} }

type loudEar struct {
	*apptest.Ear
	told *[]string
}

func (e loudEar) SetGain(said, sent float64) {
	*e.told = append(*e.told, fmt.Sprintf("%g/%g", said, sent))
}

func TestVolume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		desk := New(Deps{})
		h := apptest.New(t, apptest.Config{
			Plan:         "[c]\nexten => s,1,Set(VOLUME(TX)=3)\n same => n,Set(VOLUME(RX,p)=-4)\n same => n,Wait(3)\n same => n,Set(VOLUME(rx)=0)\n same => n,Wait(1)\n same => n,Set(VOLUME(up)=1)\n same => n,Set(VOLUME(TX)=loud)\n",
			Applications: func(a *apptest.House) []pbx.Application { return helpers(a) },
			Functions:    func(*apptest.House) []pbx.Function { return Functions(desk) },
		})
		ch := h.Registry().New(call.Spec{Name: "SIP/loud-1", Leg: louder{apptest.NewPhone(), &told}, State: call.StateUp})
		h.Ch = ch
		h.Press(time.Second, "*5#")
		h.Press(3500*time.Millisecond, "*")
		h.Call()
		if got := strings.Join(told, " "); got != "1/3 0.25/3 0.3333333333333333/4 0.25/3 1/3" {
			t.Errorf("told %s", got)
		}
		if desk.loud[ch] != nil {
			t.Error("the volume outlives its channel")
		}
	})
}

func TestTalkDetect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := &event.Bus{}
		desk := New(Deps{Bus: bus})
		var told []string
		facts, cancel := bus.Subscribe(100)
		h := apptest.New(t, apptest.Config{
			Plan:         "[c]\nexten => s,1,Set(TALK_DETECT(set)=1000)\n same => n,Wait(6)\n same => n,Set(TALK_DETECT(remove)=)\n same => n,Wait(3)\n",
			Applications: func(a *apptest.House) []pbx.Application { return helpers(a) },
			Functions:    func(*apptest.House) []pbx.Function { return Functions(desk) },
		})
		h.Incoming()
		h.Caller.Sound.Source = &talk{rate: 8000, pattern: words(0, 1000, 1500, 500, 500, 4000, 1000)}
		h.Call()
		cancel()
		for e := range facts {
			if x, ok := e.Fact.(event.ChannelTalking); ok {
				told = append(told, fmt.Sprint(x.Name, " ", x.Talks, " ", x.Duration))
			}
		}
		if got := strings.Join(told, ", "); got != "SIP/caller-0 true 0s, SIP/caller-0 false 2.5s" {
			t.Errorf("told %s", got)
		}
	})
}
