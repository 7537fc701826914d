package call

import (
	"context"
	"testing"
	"testing/synctest"

	"obelus/media"
	"obelus/media/sound"
)

// heldMedia plays until it is stopped, and says so.
type heldMedia struct {
	fakeMedia
	began, ended chan media.Source
}

func (m *heldMedia) Play(ctx context.Context, src media.Source) error {
	m.began <- src
	<-ctx.Done()
	m.ended <- src
	return ctx.Err()
}

// heldLeg is a phone whose sound is one; inband as progressinband=yes.
type heldLeg struct {
	fakeLeg
	m      *heldMedia
	inband bool
}

func (l *heldLeg) Media() Media              { return l.m }
func (l *heldLeg) RingsInband() (bool, bool) { return !l.inband, l.inband }

// TestRing tells by signalling before the call is answered, and in sound behind it.
func TestRing(t *testing.T) {
	for name, c := range map[string]struct {
		state  State
		inband bool
		told   string // "" for none
		plays  bool
	}{
		"by signalling": {StateRing, false, "ring", false},
		"in band":       {StateRing, true, "progress", true},
		"answered":      {StateUp, false, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := NewRegistry(quiet(), nil)
				asked := ""
				r.SetTones(func(country, name string) media.Source {
					asked = country + ":" + name
					src, _ := sound.Tone(name)
					return src
				})
				m := &heldMedia{began: make(chan media.Source, 1), ended: make(chan media.Source, 1)}
				leg := &heldLeg{m: m, inband: c.inband}
				ch := r.New(Spec{Name: "a", Leg: leg, State: c.state})
				ch.SetToneZone("de")
				ch.Start(func(ctx context.Context, ch *Channel) Order {
					if err := ch.Ring(); err != nil {
						t.Error(err)
					}
					return nil
				})
				<-ch.Done()
				if c.told != "" && !leg.has(c.told) || c.told == "" && leg.has("ring") {
					t.Errorf("the phone was told %v", leg.told)
				}
				if plays := len(m.began) == 1; plays != c.plays || len(m.ended) != len(m.began) {
					t.Errorf("it plays: %v; begun %d, ended %d", plays, len(m.began), len(m.ended))
				}
				if c.plays && asked != "de:ring" {
					t.Errorf("the tone asked for is %s", asked)
				}
			})
		})
	}
}

// TestBehind: what plays ends when something else takes its place, and when the
// channel joins a bridge.
func TestBehind(t *testing.T) {
	r := NewRegistry(quiet(), nil)
	ch, _ := newChannel(t, r, "a")
	ended := 0
	ch.Behind(func() { ended++ })
	ch.Behind(func() { ended += 10 })
	if ended != 1 {
		t.Errorf("ended %d", ended)
	}
	b := NewBridge()
	b.join(ch)
	if ended != 11 {
		t.Errorf("ended %d after it joined", ended)
	}
	b.leave(ch)
	ch.Behind(nil)
	if ended != 11 {
		t.Errorf("it ended twice: %d", ended)
	}
}

// unableLeg is a phone that can't be told of tones.
type unableLeg struct{ heldLeg }

func (l *unableLeg) Indicate(Indication) error { return ErrUnsupported }

// TestChannelTone tells of busy where it can, and has it heard where it can't.
func TestChannelTone(t *testing.T) {
	for cause, want := range map[Cause]string{CauseUserBusy: "busy", CauseCongestion: "congestion"} {
		synctest.Test(t, func(t *testing.T) {
			r := NewRegistry(quiet(), nil)
			asked := ""
			r.SetTones(func(_, name string) media.Source {
				asked = name
				src, _ := sound.Tone(name)
				return src
			})
			m := &heldMedia{began: make(chan media.Source, 1), ended: make(chan media.Source, 1)}
			ch := r.New(Spec{Name: "a", Leg: &unableLeg{heldLeg{m: m}}, State: StateUp})
			ch.Start(func(_ context.Context, ch *Channel) Order {
				if err := ch.Tone(Tone{Cause: cause}); err != nil {
					t.Error(err)
				}
				return nil
			})
			<-ch.Done()
			if asked != want || len(m.ended) != 1 {
				t.Errorf("cause %v: tone %q, played %d", cause, asked, len(m.ended))
			}
			told, leg := newChannel(t, r, "b")
			if err := told.Tone(Tone{Cause: cause}); err != nil || !leg.has("tone") {
				t.Errorf("the phone was told %v, %v", leg.told, err)
			}
		})
	}
}

func TestTone(t *testing.T) {
	r := NewRegistry(quiet(), nil)
	ch, _ := newChannel(t, r, "a")
	if r.Tone(ch, "busy") == nil || r.Tone(ch, "nothing") != nil {
		t.Error("without a source the tones are not those that are built in")
	}
}
