package prompt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"obelus/call"
	"obelus/event"
	"obelus/media"
)

// Play plays sounds one after another. A key of stop ends it and is returned;
// other keys are lost, as with the original's ast_waitstream. A sound that can't
// be played is logged in the original's words and left out: the error then wraps
// [ErrMissing] and comes when the others have been played, beside a key. When ctx
// ends the error is its cause.
func (v *Voice) Play(ctx context.Context, ch *call.Channel, stop string, names ...string) (key byte, err error) {
	for _, name := range names {
		if name == "" {
			continue
		}
		key, e := v.playOne(ctx, ch, stop, name)
		if e != nil && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if e != nil {
			err = errors.Join(err, e)
		}
		if key != 0 {
			return key, err
		}
	}
	return 0, err
}

func (v *Voice) playOne(ctx context.Context, ch *call.Channel, stop, name string) (byte, error) {
	src, err := v.Sounds.Open(name, ch.Language(), ch.Leg().Formats())
	if err != nil {
		ch.Log().Warn(fmt.Sprintf("File %s does not exist in any format", name), "why", err)
		return 0, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	defer src.Close()
	tellPlaying(ch, name, src)
	key, err := PlaySource(ctx, ch, stop, src)
	if err != nil && ctx.Err() == nil {
		ch.Log().Warn(fmt.Sprintf("Unable to play %s", name), "why", err)
		return key, fmt.Errorf("%w: %s: %w", ErrMissing, name, err)
	}
	return key, err
}

// tellPlaying tells whoever watches the console with verbosity 3, in the original's
// words.
func tellPlaying(ch *call.Channel, name string, src media.Source) {
	bus := ch.Registry().Bus()
	if !bus.Watched() {
		return
	}
	coding := media.Slin
	if e, ok := src.(media.Encoded); ok {
		coding = e.Format()
	}
	event.Publish(bus, event.Notice{
		Level: slog.LevelInfo - 3, Room: "prompt", Text: fmt.Sprintf("<%s> Playing '%s.%s' (language '%s')", ch.Name(), name, coding, cmp.Or(ch.Language(), "en")),
	})
}

// PlaySource plays src until its end, a key of stop, which it returns, or the end
// of ctx, whose cause is the error then. It does not close src.
func PlaySource(ctx context.Context, ch *call.Channel, stop string, src media.Source) (byte, error) {
	m := ch.Media()
	if m == nil {
		return 0, fmt.Errorf("%s carries no sound", ch.Name())
	}
	ch.Behind(nil)
	playing, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		done <- m.Play(playing, src)
		close(done) // for whoever waits once more: it may end because ctx does, at the same moment
	}()
	key, err := waitStop(ctx, ch, stop, done)
	cancel()
	if key != 0 || ctx.Err() != nil {
		for range done { // src belongs to the player until then
		}
	}
	if key == 0 && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return key, err
}

// waitStop waits for a key of stop, the end of ctx or what comes by done.
func waitStop(ctx context.Context, ch *call.Channel, stop string, done <-chan error) (byte, error) {
	box := ch.Inbox()
	for {
		for e, ok := box.Take(); ok; e, ok = box.Take() {
			if d, is := e.Indication.(call.Digit); is && e.Kind == call.EventDigit && strings.IndexByte(stop, d.Key) >= 0 {
				return d.Key, nil
			}
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case err := <-done:
			return 0, err
		case <-box.C:
		}
	}
}

// Key waits for a key, 0 when d has passed without one. Keys that were pressed
// before, and that nobody has taken, count. It fails only when ctx ends, with its
// cause.
func Key(ctx context.Context, ch *call.Channel, d time.Duration) (byte, error) {
	over := make(chan error, 1)
	timer := time.AfterFunc(max(d, 1), func() { over <- nil })
	defer timer.Stop()
	return waitStop(ctx, ch, AnyKey, over)
}

// Forget drops the keys that were pressed and not taken.
func Forget(ch *call.Channel) {
	box := ch.Inbox()
	for _, ok := box.Take(); ok; _, ok = box.Take() {
	}
}
