package call

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/sound"
)

// playRate is how many samples a second applications play to each other through a
// Local channel without a phone.
const playRate = 16000

// mostPlayed bounds what waits for who listens, in frames.
const mostPlayed = 10

// played is what an application plays where there is no phone, for one who listens.
type played struct {
	mu    sync.Mutex
	r     *codec.Resampler
	queue []int16
	frame []int16
}

// put adds a frame of playRate, for who wants another rate.
func (p *played) put(pcm []int16, rate int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if rate != playRate {
		if p.r == nil {
			var err error
			if p.r, err = codec.NewResampler(playRate, rate); err != nil {
				return // silence: the rate has too little in common with any
			}
		}
		pcm = p.r.Run(pcm)
	}
	if len(p.queue) < mostPlayed*len(pcm) {
		p.queue = append(p.queue, pcm...)
	}
}

// take is the next frame, quiet where there is none.
func (p *played) take(quiet []int16) []int16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) < len(quiet) {
		return quiet
	}
	p.frame = append(p.frame[:0], p.queue[:len(quiet)]...)
	p.queue = p.queue[:copy(p.queue, p.queue[len(quiet):])]
	return p.frame
}

func (p *played) forget() {
	p.mu.Lock()
	p.queue = p.queue[:0]
	p.mu.Unlock()
}

// send gives a frame to those who listen to the pair: it is what the half is sent by
// the application there, and what the other half hears.
func (m *localMedia) send(pcm []int16) {
	m.pair.mu.Lock()
	ears := slices.Clone(m.pair.ears)
	m.pair.mu.Unlock()
	for _, e := range ears {
		at := &e.played[0]
		if e.m.half() == m.half() {
			at = &e.played[1]
		}
		at.put(pcm, e.rate)
	}
}

// playToEars plays in real time where there is no phone: to those who listen to this
// half, and to last, behind which there is nobody.
func (m *localMedia) playToEars(ctx context.Context, last *localMedia, src media.Source) error {
	in, err := sound.Resample(src, playRate)
	if err != nil {
		return media.Discard(ctx, src)
	}
	frame := make([]int16, playRate/framesPerSecond)
	tick := time.NewTicker(media.Frame)
	defer tick.Stop()
	for err == nil {
		n := 0
		for n < len(frame) && err == nil {
			var k int
			k, err = in.Read(frame[n:])
			n += k
		}
		if n == 0 {
			break
		}
		clear(frame[n:])
		m.send(frame)
		if last.pair != m.pair {
			last.send(frame)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
