package apptest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
	"obelus/prompt"
)

// asks runs f on the caller's channel while keys are pressed.
func asks(t *testing.T, keys map[time.Duration]string, f func(ctx context.Context, h *apptest.House)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var h *apptest.House
		h = apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1,Test()\n", Applications: func(*apptest.House) []pbx.Application {
			return []pbx.Application{{Name: "Test", Run: func(ctx context.Context, x *pbx.Exec, _ string) error {
				f(ctx, h)
				return nil
			}}}
		}})
		h.Incoming()
		for at, k := range keys {
			h.Press(at, k)
		}
		h.Call()
	})
}

// TestPlay plays two sounds of a second each: a key of stop ends them, others don't.
func TestPlay(t *testing.T) {
	for name, c := range map[string]struct {
		names []string
		at    time.Duration
		key   byte
		takes time.Duration
		lacks bool
	}{
		"both":              {[]string{"a", "b"}, 0, 0, 2 * time.Second, false},
		"stopped":           {[]string{"a", "b"}, 500 * time.Millisecond, '#', 500 * time.Millisecond, false},
		"stopped in second": {[]string{"a", "b"}, 1500 * time.Millisecond, '#', 1500 * time.Millisecond, false},
		"one missing":       {[]string{"missing", "b"}, 0, 0, time.Second, true},
		"missing, stopped":  {[]string{"missing", "b"}, 500 * time.Millisecond, '#', 500 * time.Millisecond, true},
		"nothing":           {nil, 0, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			keys := map[time.Duration]string{100 * time.Millisecond: "5"}
			if c.at > 0 {
				keys[c.at] = "#"
			}
			asks(t, keys, func(ctx context.Context, h *apptest.House) {
				began := time.Now()
				key, err := h.Voice.Play(ctx, h.Ch, "#", c.names...)
				if took := time.Since(began); key != c.key || took != c.takes || errors.Is(err, prompt.ErrMissing) != c.lacks {
					t.Errorf("key %q, %v, after %v", key, err, took)
				}
			})
		})
	}
}

// TestAsk collects keys.
func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		keys map[time.Duration]string
		want prompt.Reply
	}{
		"as many as wanted":     {map[time.Duration]string{500 * time.Millisecond: "12", 2 * time.Second: "34"}, prompt.Reply{Digits: "123", Full: true}},
		"ended":                 {map[time.Duration]string{500 * time.Millisecond: "1", 2 * time.Second: "#"}, prompt.Reply{Digits: "1", Ended: '#'}},
		"ended at once":         {map[time.Duration]string{500 * time.Millisecond: "#"}, prompt.Reply{Ended: '#'}},
		"nothing":               {nil, prompt.Reply{TimedOut: true}},
		"a pause":               {map[time.Duration]string{3 * time.Second: "1", 6 * time.Second: "2"}, prompt.Reply{Digits: "1", TimedOut: true}},
		"late, after the sound": {map[time.Duration]string{5500 * time.Millisecond: "123"}, prompt.Reply{Digits: "123", Full: true}},
	} {
		t.Run(name, func(t *testing.T) {
			asks(t, c.keys, func(ctx context.Context, h *apptest.House) {
				r, err := h.Voice.Ask(ctx, h.Ch, prompt.Question{Sounds: []string{"a"}, Max: 3, First: 5 * time.Second, Next: 2 * time.Second, End: "#"})
				if err != nil || r != c.want {
					t.Errorf("%+v, %v; want %+v", r, err, c.want)
				}
			})
		})
	}
}

// TestGone ends what is played when the caller hangs up.
func TestGone(t *testing.T) {
	asks(t, nil, func(ctx context.Context, h *apptest.House) {
		time.AfterFunc(300*time.Millisecond, func() { h.Ch.Gone(call.CauseNormalClearing) })
		began := time.Now()
		_, err := h.Voice.Ask(ctx, h.Ch, prompt.Question{Sounds: []string{"missing", "a"}, Max: 1, First: time.Minute})
		if took := time.Since(began); !errors.Is(err, call.ErrGone) || took != 300*time.Millisecond {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// TestGoneAtTheEnd has the caller hang up at the moment that a sound ends.
func TestGoneAtTheEnd(t *testing.T) {
	for range 50 {
		asks(t, nil, func(ctx context.Context, h *apptest.House) {
			time.AfterFunc(time.Second, func() { h.Ch.Gone(call.CauseNormalClearing) })
			if _, err := h.Voice.Play(ctx, h.Ch, "", "a"); err != nil && !errors.Is(err, call.ErrGone) {
				t.Error(err)
			}
		})
	}
}
