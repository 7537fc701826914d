package sound

import "obelus/media/codec"

// A WAV file of GSM (WAV49 in telephone terms) has two frames of 260 bits in 65
// bytes, its fields lowest bit first; RTP has each in 33 bytes behind four bits that
// say so, highest bit first.
const (
	msBlock    = 65  // bytes
	msSamples  = 320 // a block
	gsmBytes   = 33  // a frame as RTP has it
	gsmSamples = 160
	gsmMark    = 0xd // the four bits before a frame
)

// gsmFields are the widths in bits of what a frame carries (ETS 300 961, table 1.1).
func gsmFields() []int {
	fields := []int{6, 6, 5, 5, 4, 4, 3, 3}
	for range 4 {
		fields = append(fields, 7, 2, 2, 6)
		for range 13 {
			fields = append(fields, 3)
		}
	}
	return fields
}

// msEncoder codes blocks.
type msEncoder struct {
	gsm    codec.Encoder
	fields []int
	frames []byte
}

func newMSEncoder() *msEncoder { return &msEncoder{gsm: codec.NewGSMEncoder(), fields: gsmFields()} }

// Encode appends whole blocks; pcm is as long as they are.
func (e *msEncoder) Encode(dst []byte, pcm []int16) []byte {
	for ; len(pcm) >= msSamples; pcm = pcm[msSamples:] {
		e.frames = e.gsm.Encode(e.frames[:0], pcm[:msSamples])
		at := len(dst)
		dst = append(dst, make([]byte, msBlock)...)
		out := bitsLow{b: dst[at:]}
		for i := range 2 {
			in := bitsHigh{b: e.frames[i*gsmBytes:], at: 4}
			for _, n := range e.fields {
				out.put(in.take(n), n)
			}
		}
	}
	return dst
}

// msDecoder decodes blocks.
type msDecoder struct {
	gsm    codec.Decoder
	fields []int
}

func newMSDecoder() *msDecoder { return &msDecoder{gsm: codec.NewGSMDecoder(), fields: gsmFields()} }

// Decode appends the samples of whole blocks.
func (d *msDecoder) Decode(dst []int16, b []byte) []int16 {
	for ; len(b) >= msBlock; b = b[msBlock:] {
		in := bitsLow{b: b}
		for range 2 {
			var frame [gsmBytes]byte
			out := bitsHigh{b: frame[:]}
			out.put(gsmMark, 4)
			for _, n := range d.fields {
				out.put(in.take(n), n)
			}
			dst = d.gsm.Decode(dst, frame[:])
		}
	}
	return dst
}

// bitsHigh are numbers laid into bytes highest bit first; the bytes are zero before
// anything is put there.
type bitsHigh struct {
	b  []byte
	at int
}

func (s *bitsHigh) take(n int) (v byte) {
	for range n {
		v = v<<1 | s.b[s.at/8]>>(7-s.at%8)&1
		s.at++
	}
	return v
}

func (s *bitsHigh) put(v byte, n int) {
	for i := n - 1; i >= 0; i-- {
		s.b[s.at/8] |= v >> i & 1 << (7 - s.at%8)
		s.at++
	}
}

// bitsLow are numbers laid into bytes lowest bit first.
type bitsLow struct {
	b  []byte
	at int
}

func (s *bitsLow) take(n int) (v byte) {
	for i := range n {
		v |= s.b[s.at/8] >> (s.at % 8) & 1 << i
		s.at++
	}
	return v
}

func (s *bitsLow) put(v byte, n int) {
	for i := range n {
		s.b[s.at/8] |= v >> i & 1 << (s.at % 8)
		s.at++
	}
}
