package talk

import (
	"fmt"
	"strconv"
	"time"

	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// longest is how much sound of a format goes into one packet at most, in
// milliseconds: the original's, in steps of 20 where it has more. 0 for what is
// not known.
func longest(f media.Format) int {
	switch f {
	case media.Ulaw, media.Alaw, media.G722:
		return 140
	case media.GSM, media.G726, media.G726AAL2, media.G723, media.ILBC, media.ADPCM:
		return 300
	case media.G729:
		return 220
	case media.Speex, media.Speex16, media.Speex32, media.Opus:
		return 60
	case media.Siren7, media.Siren14, media.G719:
		return 80
	case media.Silk8, media.Silk12, media.Silk16, media.Silk24, media.Codec2:
		return 100
	case media.LPC10:
		return 20
	}
	if f.Family() == media.Slin.String() {
		return 60
	}
	return 0
}

// addFraming writes a=ptime, where the account or with autoframing the phone asks
// for a length, and a=maxptime: for the codec of the line that has the least.
func (t *Talk) addFraming(m *sdp.Media, l *line) {
	ptime, most := 0, 0
	for _, c := range l.ours() {
		if p := t.framed(l, c.Format); p > 0 && (ptime == 0 || p < ptime) {
			ptime = p
		}
		if n := longest(c.Format); n > 0 && (most == 0 || n < most) {
			most = n
		}
	}
	if ptime > 0 {
		m.Add("ptime", strconv.Itoa(ptime))
	}
	if most > 0 {
		m.Add("maxptime", strconv.Itoa(most))
	}
}

// framed is how long the packets of a format are to be: as allow=ulaw:30 says,
// else with autoframing as the phone asks; 0 where nobody says.
func (t *Talk) framed(l *line, f media.Format) int {
	if p, ok := t.peer.Ptime[f]; ok {
		return int(p.Milliseconds())
	}
	if f.IsCodec() {
		return l.framing
	}
	return 0
}

// framingOf is the length that a phone asks for, with autoframing=yes.
func (t *Talk) framingOf(m *sdp.Media) int {
	if !t.peer.AutoFraming || !m.Is(media.Audio.String()) {
		return 0
	}
	return int(min(m.Ptime(), 300*time.Millisecond).Milliseconds())
}

// ptime is how much sound goes into a packet that we make: as allow= says, else
// as the phone asks, and never more than it takes.
func (t *Talk) ptime(m *sdp.Media, agreed []coding) time.Duration {
	p := m.Ptime()
	if len(agreed) > 0 {
		if own, ok := t.peer.Ptime[agreed[0].Format]; ok {
			p = own
		}
	}
	if most := m.MaxPtime(); most > 0 && p > most {
		p = most
	}
	return p
}

// repeated is a payload type as the fmtp of redundant text lists it.
func repeated(pt uint8) string { return fmt.Sprintf("%d/%[1]d/%[1]d", pt) }

// framedPayloads are the payload types that we may send, with the length of the
// packets that somebody asked for.
func (t *Talk) framedPayloads(l *line) []rtp.Payload {
	out := payloads(l.send)
	for i := range out {
		out[i].Ptime = time.Duration(t.framed(l, out[i].Format)) * time.Millisecond
	}
	return out
}
