package rtp

import (
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/jitter"
)

// hearing is the half of a lane that turns packets into samples. It is the
// worker's.
type hearing struct {
	listener *codec.Listener
	format   media.Format
	wanted   int       // the rate that the other half likes best
	changed  time.Time // when the listener was made

	pcm    []int16 // decoded; the first used have been played
	used   int
	packet []byte // taken out of the buffer
	mute   bool   // ... and to be heard as silence
	dry    int    // frames in a row that were made up for want of packets
	hisses bool   // the phone has announced its silence (RFC 3389)
}

const (
	// formatRest is how long after a change of format another is not followed:
	// decoders are dear to make.
	formatRest = 60 * time.Millisecond
	// mostDry is how many frames are made up, and mostHiss how many where the
	// phone has announced its silence: five minutes.
	mostDry, mostHiss = 5, 15000
)

func (e *hearing) begin() { e.pcm, e.used, e.dry, e.hisses = e.pcm[:0], 0, 0, false }

func (e *hearing) close() {
	if e.listener != nil {
		_ = e.listener.Close() // it holds memory, and nobody could do anything about it
	}
	*e = hearing{}
}

// tune makes a listener for the format, false where there is none.
func (e *hearing) tune(set *codec.Set, f media.Format, wanted int, now time.Time) bool {
	if e.listener != nil && e.format == f && (e.wanted == wanted || f != media.Opus) {
		return true
	}
	if e.listener != nil && now.Sub(e.changed) < formatRest {
		return false
	}
	n, err := set.NewListener(f, wanted)
	if err != nil {
		return false
	}
	if e.listener != nil {
		_ = e.listener.Close() // as in close
		if e.listener.Rate() != n.Rate() {
			e.pcm, e.used = e.pcm[:0], 0
		}
	}
	e.listener, e.format, e.wanted, e.changed = n, f, wanted, now
	return true
}

// need is a frame, in samples.
func (e *hearing) need() int { return e.listener.Rate() / framesPerSecond }

// frame makes the next 20 ms, nil when nothing comes any more. It is good until
// the next call.
func (l *lane) frame(now time.Time) []int16 {
	e := &l.hear
	e.pcm = e.pcm[:copy(e.pcm, e.pcm[e.used:])]
	e.used = 0
	for e.listener == nil || len(e.pcm) < e.need() {
		if !l.more(now) {
			return nil
		}
	}
	if l.pace.Shortens(l.waits()) {
		for len(e.pcm) < 3*e.need() && l.more(now) {
		}
		e.pcm = splice(e.pcm, e.listener.Rate())
		for len(e.pcm) < e.need() {
			if !l.more(now) {
				return nil
			}
		}
	}
	e.used = e.need()
	return e.pcm[:e.used]
}

// more decodes a packet, or makes up for one; false when nothing comes.
func (l *lane) more(now time.Time) bool {
	e := &l.hear
	what, p, fill := l.take()
	if what == jitter.Packet {
		e.dry = 0
		return l.decode(p, now)
	}
	if e.listener == nil {
		return false
	}
	switch {
	case what == jitter.None:
		if e.dry++; e.dry > mostDry && !e.hisses || e.dry > mostHiss {
			return false
		}
		d := media.Frame
		if left := e.need() - len(e.pcm); left > 0 {
			d = time.Duration(left) * time.Second / time.Duration(e.listener.Rate())
		}
		l.note(d)
		l.makeUp(d, e.hisses)
	case what == jitter.Longer:
		l.makeUp(media.Frame, e.hisses)
	default:
		l.makeUp(time.Duration(fill)*time.Second/time.Duration(p.clock), what == jitter.Pause)
	}
	return true
}

// makeUp fills so much time: with the hiss of a pause, or with what was heard
// last.
func (l *lane) makeUp(d time.Duration, pause bool) {
	e := &l.hear
	if pause {
		e.pcm = append(e.pcm, e.listener.Quiet(nil, d)...)
		return
	}
	e.pcm = append(e.pcm, e.listener.Lost(d)...)
}

// take gets what comes next out of the jitter buffer; a packet lies in
// l.hear.packet then.
func (l *lane) take() (what jitter.Due, p payload, fill uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	j := &l.jitter
	what, s, fill := j.Take()
	if s != nil {
		l.hear.packet, l.hear.mute = append(l.hear.packet[:0], s.Data...), s.Mute
		return what, payload{s.Format, s.Clock}, 0
	}
	return what, payload{clock: j.Clock()}, fill
}

func (l *lane) waits() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.jitter.Waits()
}

// note counts sound that was made up because nothing was there.
func (l *lane) note(d time.Duration) {
	l.mu.Lock()
	l.jitter.Owe(d)
	l.mu.Unlock()
}

// decode hears the packet that was taken.
func (l *lane) decode(p payload, now time.Time) bool {
	e := &l.hear
	f := p.format
	if f == media.ComfortNoise && e.listener == nil {
		f = media.Slin // anybody can hiss
	}
	var pcm []int16
	switch {
	case p.format == media.ComfortNoise && e.listener != nil || l.retune(f, now) && p.format == media.ComfortNoise:
		e.hisses = true
		pcm = e.listener.Quiet(e.packet, media.Frame)
	case e.listener == nil:
		return false
	case e.format != f:
		pcm = e.listener.Lost(media.Frame)
	default:
		e.hisses = false
		pcm = e.listener.Hear(e.packet)
	}
	if e.mute {
		clear(pcm)
	}
	e.pcm = append(e.pcm, pcm...)
	l.mu.Lock()
	l.jitter.Played(uint32(uint64(len(pcm)) * uint64(p.clock) / uint64(e.listener.Rate())))
	l.mu.Unlock()
	return true
}

// retune turns to another format of the phone's.
func (l *lane) retune(f media.Format, now time.Time) bool {
	if f != l.hear.format {
		l.speak.plan(f)
	}
	wanted := toneRate // is enough to hear keys
	if l.wants > 0 {
		wanted = l.wants
	} else if l.speak.able() {
		wanted = l.speak.payload.Format.Rate()
	}
	return l.hear.tune(l.st.session.plane.options.Codecs, f, wanted, now)
}

// splice takes 15 to 25 ms out of the samples, and leads over where they are
// most like themselves: a whole number of periods of a voice goes.
func splice(pcm []int16, rate int) []int16 {
	over, from, to := rate/200, rate*15/1000, rate*25/1000
	if len(pcm) < to+over {
		return pcm
	}
	step := max(rate/8000, 1)
	best, lag := -1.0, from
	for n := from; n <= to; n += step {
		var like, power float64
		for i := 0; i < over; i += step {
			a, b := float64(pcm[i]), float64(pcm[n+i])
			like += a * b
			power += b * b
		}
		if score := like * like / (power + 1); like > 0 && score > best {
			best, lag = score, n
		}
	}
	for i := range over {
		pcm[lag+i] = int16((int(pcm[i])*(over-i) + int(pcm[lag+i])*i) / over)
	}
	return pcm[:copy(pcm, pcm[lag:])]
}
