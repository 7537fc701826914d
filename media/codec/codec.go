package codec

import (
	"time"

	"obelus/media"
)

// Encoder codes one voice. It keeps state from call to call and belongs to one
// goroutine at a time.
type Encoder interface {
	// Encode appends the code of pcm, sampled at the format's rate, to dst.
	// pcm is what goes into one packet, a whole number of frames of 20 ms; a
	// rest shorter than a frame of the coding is filled up with silence.
	Encode(dst []byte, pcm []int16) []byte
}

// Decoder is the other way round. It keeps state and belongs to one goroutine
// at a time.
type Decoder interface {
	// Decode appends the samples of b to dst. What is no whole frame at the
	// end of b is left out.
	Decode(dst []int16, b []byte) []int16
}

// NewEncoder returns an encoder of the format, false where there is none that is
// always there: [Set] knows of those that were found at run time.
func NewEncoder(f media.Format) (Encoder, bool) {
	switch f {
	case media.Ulaw:
		return ulaw{}, true
	case media.Alaw:
		return alaw{}, true
	case media.G722:
		return NewG722Encoder(), true
	case media.GSM:
		return NewGSMEncoder(), true
	case media.G726, media.G726AAL2:
		return NewG726Encoder(f == media.G726AAL2), true
	case media.ADPCM:
		return NewDVI4Encoder(), true
	}
	if isLinear(f) {
		return linear{}, true
	}
	return nil, false
}

// NewDecoder returns a decoder of the format, false where there is none.
func NewDecoder(f media.Format) (Decoder, bool) {
	switch f {
	case media.Ulaw:
		return ulaw{}, true
	case media.Alaw:
		return alaw{}, true
	case media.G722:
		return NewG722Decoder(), true
	case media.GSM:
		return NewGSMDecoder(), true
	case media.G726, media.G726AAL2:
		return NewG726Decoder(f == media.G726AAL2), true
	case media.ADPCM:
		return DVI4Decoder{}, true
	case media.Opus:
		d, err := newOpusDecoder(f.Rate())
		return d, err == nil
	}
	if isLinear(f) {
		return linear{}, true
	}
	return nil, false
}

// Encodes says whether NewEncoder knows the format. Like [Set.CanDecode] it is
// asked for every packet, and makes nothing.
func Encodes(f media.Format) bool {
	switch f {
	case media.Ulaw, media.Alaw, media.G722, media.GSM, media.G726, media.G726AAL2, media.ADPCM:
		return true
	}
	return isLinear(f)
}

func isLinear(f media.Format) bool { return f >= media.Slin && f <= media.Slin192 }

// Bytes is how long the code of so much sound is; 0 for formats whose frames
// have no fixed length, or are not known here.
func Bytes(f media.Format, d time.Duration) int {
	switch f {
	case media.Ulaw, media.Alaw, media.G722:
		return int(d * 8000 / time.Second)
	case media.GSM:
		return int(d/media.Frame) * gsmFrame
	case media.G726, media.G726AAL2:
		return int(d * 4000 / time.Second)
	case media.ADPCM:
		return dvi4Head + int(d*4000/time.Second)
	}
	if isLinear(f) {
		return 2 * int(d*time.Duration(f.Rate())/time.Second)
	}
	return 0
}

// linear is plain samples, in network byte order as RTP wants (RFC 3551
// §4.5.11).
type linear struct{}

func (linear) Encode(dst []byte, pcm []int16) []byte {
	for _, s := range pcm {
		dst = append(dst, byte(uint16(s)>>8), byte(s))
	}
	return dst
}

func (linear) Decode(dst []int16, b []byte) []int16 {
	for ; len(b) >= 2; b = b[2:] {
		dst = append(dst, int16(uint16(b[0])<<8|uint16(b[1])))
	}
	return dst
}
