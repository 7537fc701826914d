package call

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/media"
)

// speaker is sound that says one sample for ever, and keeps the last one that it heard.
type speaker struct {
	fakeMedia
	says int16

	lock  sync.Mutex
	heard int16
}

func (s *speaker) Hear(rate int, f func(in, out []int16)) (func(), error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(media.Frame)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			in := make([]int16, rate/50)
			for i := range in {
				in[i] = s.says
			}
			f(in, nil)
		}
	}()
	return func() { cancel(); <-done }, nil
}

func (s *speaker) Play(ctx context.Context, src media.Source) error {
	tick := time.NewTicker(media.Frame)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		frame := make([]int16, src.Rate()/50)
		if _, err := src.Read(frame); err != nil {
			return err
		}
		s.lock.Lock()
		s.heard = frame[0]
		s.lock.Unlock()
	}
}

func (s *speaker) last() int16 {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.heard
}

// speakingLeg is a phone with such a sound.
type speakingLeg struct {
	fakeLeg
	voice *speaker
}

func (l *speakingLeg) Media() Media { return l.voice }

// TestThree has a third party come into a talk: each hears the sum of the others, keys reach both, and two are left when one goes.
func TestThree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		b := NewBridge()
		var ch [3]*Channel
		var leg [3]*speakingLeg
		for i := range ch {
			leg[i] = &speakingLeg{voice: &speaker{says: int16(100 << (4 * i))}}
			ch[i] = r.New(Spec{Name: "SIP/" + string(rune('a'+i)), Leg: leg[i], State: StateUp})
			if i < 2 {
				ch[i].Start(b.Order())
			} else {
				ch[i].Start(Await)
			}
		}
		synctest.Wait()
		if err := b.Admit(ch[2]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		for i, want := range []int16{1600 + 25600, 100 + 25600, 100 + 1600} {
			if got := leg[i].voice.last(); got != want {
				t.Errorf("party %d hears %d, want %d", i, got, want)
			}
		}
		ch[0].Notify(Event{Kind: EventDigit, Indication: Digit{Key: '5'}})
		synctest.Wait()
		if !leg[1].has("digit 5") || !leg[2].has("digit 5") || leg[0].has("digit 5") {
			t.Error("a key does not reach both")
		}
		b.Have(ch[1], func(ctx context.Context, c *Channel) error {
			b.Away(c)
			time.Sleep(time.Second)
			b.Back(c)
			return nil
		})
		time.Sleep(500 * time.Millisecond)
		if leg[0].voice.joined() != &leg[2].voice.fakeMedia && leg[2].voice.joined() != &leg[0].voice.fakeMedia {
			t.Error("the two that are there don't hear each other")
		}
		time.Sleep(time.Second)
		ch[0].Gone(CauseNormalClearing)
		<-ch[0].Done()
		synctest.Wait()
		if ch[1].IsGone() || ch[2].IsGone() {
			t.Fatal("the talk has ended with the first that left")
		}
		ch[1].Gone(CauseNormalClearing)
		<-ch[2].Done()
		if err := b.Admit(ch[0]); err == nil {
			t.Error("one comes into a talk that is over")
		}
	})
}

// TestMixed: sound that comes too fast is left out, loud sound is cut off, silence is heard where nothing comes.
func TestMixed(t *testing.T) {
	m := &mixed{of: make([][]int16, 3)}
	loud := make([]int16, 10*mixRate)
	for i := range loud {
		loud[i] = 30000
	}
	m.put(0, loud)
	m.put(1, loud[:320])
	frame := make([]int16, 320)
	for i, want := range []int16{32767, 30000, 30000, 30000, 0} {
		if n, err := m.Read(frame); n != 320 || err != nil || frame[0] != want || frame[319] != want {
			t.Errorf("frame %d: %d, %d samples, %v; want %d", i, frame[0], n, err, want)
		}
	}
}
