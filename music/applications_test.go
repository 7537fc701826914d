package music

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
)

// player notes what is asked for.
type player struct {
	asked []string
	none  bool
}

func (p *player) Play(ctx context.Context, ch *call.Channel, class string) error {
	p.asked = append(p.asked, class+"/"+ch.Music())
	if p.none {
		return ErrNone
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

// TestApplications runs a dialplan a row.
func TestApplications(t *testing.T) {
	for name, c := range map[string]struct {
		plan, asked, steps, log string
		none                    bool
		takes                   time.Duration
	}{
		"a time":        {plan: "MusicOnHold(jazz,5)|NoOp(${CHANNEL})", asked: "jazz/jazz", steps: "MusicOnHold(jazz,5) NoOp(SIP/caller-0)", takes: 5 * time.Second},
		"no class":      {plan: "MusicOnHold(,2.5)", asked: "/", takes: 2500 * time.Millisecond},
		"for ever":      {plan: "MusicOnHold(jazz)|NoOp(never)", asked: "jazz/jazz", steps: "MusicOnHold(jazz)", takes: time.Minute},
		"none":          {plan: "MusicOnHold(jazz,5)|NoOp(on)", asked: "jazz/jazz", none: true, log: "Unable to start music on hold", takes: 5 * time.Second},
		"none, no time": {plan: "MusicOnHold(jazz)|NoOp(on)", asked: "jazz/jazz", none: true, steps: "MusicOnHold(jazz) NoOp(on)"},
		"nonsense":      {plan: "MusicOnHold(jazz,x)|NoOp(on)", steps: "MusicOnHold(jazz,x) NoOp(on)", log: "is no number of seconds"},
		"wait":          {plan: "WaitMusicOnHold(3)|WaitMusicOnHold()", asked: "/", log: "requires an argument", takes: 3 * time.Second},
		"set":           {plan: "SetMusicOnHold(rock)|MusicOnHold(,1)|SetMusicOnHold()", asked: "/rock", log: "SetMusicOnHold requires", takes: time.Second},
		"MP3":           {plan: "MP3Player(x.mp3)|MP3Player()|NoOp(on)", steps: "MP3Player(x.mp3) MP3Player() NoOp(on)", log: "MP3Player: "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &player{none: c.none}
				h := apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1," + strings.ReplaceAll(c.plan, "|", "\nsame => n,") + "\n",
					Applications: func(*apptest.House) []pbx.Application {
						return append(Table(&Deps{Music: p, MP3Player: []string{"/nosuch/player"}}), pbx.Application{Name: "NoOp", Run: func(context.Context, *pbx.Exec, string) error { return nil }})
					}})
				h.Incoming()
				hangup := time.AfterFunc(time.Minute, func() { h.Ch.Gone(call.CauseNormalClearing) })
				defer hangup.Stop()
				if took := h.Call(); took != c.takes {
					t.Errorf("it took %v, want %v", took, c.takes)
				}
				if got := strings.Join(p.asked, " "); got != c.asked {
					t.Errorf("asked for %q, want %q", got, c.asked)
				}
				if c.steps != "" && h.List() != c.steps {
					t.Errorf("steps %s, want %s", h.List(), c.steps)
				}
				if !strings.Contains(h.Log.String(), c.log) {
					t.Errorf("the log lacks %q: %s", c.log, h.Log.String())
				}
			})
		})
	}
}

// TestStart plays in the background.
func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &player{}
		h := apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1,StartMusicOnHold(jazz)\nsame => n,Wait(3)\nsame => n,StopMusicOnHold()\n",
			Applications: func(*apptest.House) []pbx.Application {
				return append(Table(&Deps{Music: p}), pbx.Application{Name: "Wait", Run: func(ctx context.Context, x *pbx.Exec, _ string) error { return x.Sleep(ctx, 3*time.Second) }})
			}})
		h.Registry().SetMusic(p)
		if took := h.Call(); took != 3*time.Second || len(p.asked) != 1 || p.asked[0] != "jazz/" {
			t.Errorf("%v after %v", p.asked, took)
		}
	})
}
