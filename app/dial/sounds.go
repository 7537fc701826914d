package dial

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"obelus/call"
	"obelus/prompt"
)

// announce is option A(called[:calling]): sounds that the parties hear before they are connected, both at once.
func (g *dialling) announce(ctx context.Context, peer *call.Channel) error {
	v, ok := g.opts.Get('A')
	if !ok {
		return nil
	}
	called, calling, _ := strings.Cut(v, ":")
	if calling != "" {
		if err := g.ch.Answer(peer.Leg().Formats()); err != nil {
			peer.Hangup(call.CauseNormalClearing)
			return err
		}
	}
	var wg sync.WaitGroup
	listening, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(peer.Context(), cancel)
	defer stop()
	for ch, name := range map[*call.Channel]string{peer: called, g.ch: calling} {
		if name != "" {
			wg.Go(func() { playAll(listening, g.d, []*call.Channel{ch}, name) })
		}
	}
	wg.Wait()
	if ctx.Err() != nil {
		peer.Hangup(call.CauseNormalClearing)
		return context.Cause(ctx)
	}
	return nil
}

// playAll has channels hear sounds one after another, all of them at once, whatever their goroutines do. Their keys are not read.
func playAll(ctx context.Context, d *Deps, who []*call.Channel, names ...string) {
	var wg sync.WaitGroup
	for _, ch := range who {
		wg.Go(func() {
			for _, name := range names {
				if err := playTo(ctx, d.Voice, ch, name); err != nil && ctx.Err() == nil {
					ch.Log().Warn(fmt.Sprintf("Unable to play %s", name), "why", err)
				}
			}
		})
	}
	wg.Wait()
}

// playTo has a channel hear a sound to its end.
func playTo(ctx context.Context, v *prompt.Voice, ch *call.Channel, name string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	src, err := v.Sounds.Open(name, ch.Language(), ch.Leg().Formats())
	if err != nil {
		return err
	}
	defer src.Close()
	m := ch.Media()
	if m == nil {
		return fmt.Errorf("%s carries no sound", ch.Name())
	}
	return m.Play(ctx, src)
}

// sendKeys is option D(called:calling:progress): which of the three goes to the channel now. w waits for half a second, W for a whole one.
func (g *dialling) sendKeys(to *call.Channel, which int) {
	v, ok := g.opts.Get('D')
	if !ok {
		return
	}
	parts := strings.Split(v, ":")
	if which >= len(parts) {
		return
	}
	for _, k := range []byte(parts[which]) {
		switch k {
		case 'w':
			until(to.Context(), time.Now().Add(time.Second/2))
			continue
		case 'W':
			until(to.Context(), time.Now().Add(time.Second))
			continue
		case 'F', 'f':
			continue // a hook flash has no place in SIP
		}
		if err := to.Leg().Indicate(call.Digit{Key: k, Duration: 100 * time.Millisecond}); err != nil {
			g.x.Warnf("Dial: the key %c could not be sent to %s: %v", k, to.Name(), err)
			return
		}
	}
}
