package rtp

import (
	"time"

	"obelus/media"
	"obelus/media/codec"
)

// speaking is the half of a lane that makes packets of samples. It is the
// worker's.
type speaking struct {
	t       *talker
	set     *codec.Set
	to      *Stream
	version uint32 // of to's description that the plan is of
	from    media.Format
	payload Payload // that is spoken; Format is None where nothing can be
	every   time.Duration

	speaker *codec.Speaker
	made    media.Format // of speaker
	rate    int          // likewise, of the samples
	pcm     []int16      // what is too short for a packet yet
	data    []byte
	marker  bool
}

// begin starts anew behind a silence.
func (m *speaking) begin() {
	if m.t == nil {
		m.t = &talker{routed: true}
	}
	m.t.spurt++
	m.pcm, m.marker = m.pcm[:0], true
}

func (m *speaking) close() {
	if m.speaker != nil {
		_ = m.speaker.Close() // as in hearing.close
	}
	*m = speaking{}
}

func (m *speaking) able() bool { return m.payload.Format != media.None }

// turnTo speaks to another phone, or by another description of the same one.
func (m *speaking) turnTo(l *lane, to *Stream) {
	m.set = l.st.session.plane.options.Codecs
	if m.to == to && (to == nil || m.version == to.out.version.Load()) {
		return
	}
	if m.to != to {
		m.to = to
		m.begin()
	}
	m.plan(m.from)
}

// plan settles what is spoken where the other side speaks from.
func (m *speaking) plan(from media.Format) {
	m.from, m.payload = from, Payload{}
	if m.to == nil {
		return
	}
	m.version = m.to.out.version.Load()
	m.payload, m.every = m.to.out.tongue(m.set, from)
}

// tongue is the payload to speak to the phone in: the format of the other side
// where it takes that, else its first that can be made.
func (o *sender) tongue(set *codec.Set, from media.Format) (best Payload, every time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.payloads {
		if p.Format.Kind() == media.Audio && p.Format.IsCodec() && set.CanEncode(p.Format) {
			if best.Format == media.None || p.Format == from && best.Format != from {
				best = p
			}
		}
	}
	return best, packetTime(best, o.ptime)
}

// mostPayload is what fits into a packet on any link.
const mostPayload = 1400

// packetTime is how much sound goes into a packet that we make: what was asked
// for, in whole frames of the coding.
func packetTime(p Payload, asked time.Duration) time.Duration {
	if p.Ptime > 0 {
		asked = p.Ptime
	}
	if asked <= 0 {
		asked = p.Format.Ptime()
	}
	step, most := 10*time.Millisecond, 300*time.Millisecond
	switch p.Format {
	case media.GSM:
		step = media.Frame
	case media.Opus:
		step, most = media.Frame, 60*time.Millisecond
	}
	d := min(max(asked/step*step, step), most)
	for d > step && codec.Bytes(p.Format, d) > mostPayload {
		d -= step
	}
	return d
}

// tune makes a speaker for the plan.
func (m *speaking) tune(rate int) error {
	if m.speaker != nil && m.made == m.payload.Format && m.rate == rate {
		return nil
	}
	s, err := m.set.NewSpeaker(m.payload.Format, rate)
	if err != nil {
		return err
	}
	if m.speaker != nil {
		_ = m.speaker.Close() // as in hearing.close
	}
	m.speaker, m.made, m.rate, m.pcm = s, m.payload.Format, rate, m.pcm[:0]
	return nil
}

// say sends samples to the other phone, in packets as long as it wants them.
func (m *speaking) say(l *lane, frame []int16) {
	if !m.able() {
		l.st.dropped(l.hear.format)
		return
	}
	rate := l.hear.listener.Rate()
	if err := m.tune(rate); err != nil {
		l.st.dropped(l.hear.format)
		return
	}
	m.pcm = append(m.pcm, frame...)
	size := int(m.every * time.Duration(rate) / time.Second)
	s := speech{pt: m.payload.Type, clock: uint32(m.payload.clock())}
	s.advance = uint32(m.every * time.Duration(s.clock) / time.Second)
	at := 0
	for ; at+size <= len(m.pcm); at += size {
		m.data = m.speaker.Say(m.data[:0], m.pcm[at:at+size])
		s.marker, s.payload = m.marker, m.data
		if len(m.data) > 0 {
			m.to.out.say(m.t, s)
			m.marker = false
		}
	}
	m.pcm = m.pcm[:copy(m.pcm, m.pcm[at:])]
}
