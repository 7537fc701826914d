package sound

import (
	"bufio"
	"errors"
	"io"

	"obelus/media"
	"obelus/media/codec"
)

// file is an open sound file.
type file struct {
	close    func() error
	seeker   io.Seeker // nil where it can't be wound
	in       *bufio.Reader
	start    int64 // where the sound begins
	total    int64 // bytes of it, once asked for
	made     func() codec.Decoder
	format   media.Format // how it is coded
	rate     int
	channels int
	read     int64 // bytes of sound that were read
	left     int64 // bytes of sound that are left; negative: until the end
	unit     int   // bytes that belong together
	decoder  codec.Decoder
	raw      []byte
	pcm      []int16 // the last piece, decoded
	ready    []int16 // what of it was not read yet
}

// newFile is a file of sound without a header, until the reader's end; made makes its
// decoder, anew where it is wound.
func newFile(r io.Reader, closer func() error, f media.Format, made func() codec.Decoder) *file {
	unit := 1
	switch f {
	case media.GSM:
		unit = gsmBytes
	case media.Ulaw, media.Alaw, media.G722:
	default:
		unit = 2
	}
	seeker, _ := r.(io.Seeker)
	x := &file{
		close: closer, seeker: seeker, in: bufio.NewReaderSize(r, 4096), format: f, rate: f.Rate(), channels: 1, left: -1, total: -1, unit: unit, made: made,
	}
	if made != nil {
		x.decoder = made()
	}
	return x
}

func (f *file) whole() *file { return f }

// open is the file as a source: one that also hands out its code where that is
// what travels in RTP.
func (f *file) open() Sound {
	switch f.format {
	case media.Ulaw, media.Alaw, media.G722, media.GSM:
		if f.unit == msBlock {
			return f // what RTP has is packed otherwise
		}
		if f.channels == 1 && f.rate == f.format.Rate() {
			return coded{f}
		}
	}
	return f
}

// Rate is how many samples make a second.
func (f *file) Rate() int { return f.rate }

// Close closes the file.
func (f *file) Close() error { return f.close() }

// piece is how many bytes are decoded at a time: about 20 ms.
func (f *file) piece() int {
	if f.format == media.GSM { // one unit of either packing
		return f.unit
	}
	samples := f.rate / 50
	if f.format == media.G722 {
		samples /= 2
	}
	return max(samples, 1) * f.unit * f.channels
}

// Read reads samples; of two channels it makes one.
func (f *file) Read(frame []int16) (int, error) {
	if len(f.ready) == 0 {
		if f.raw == nil {
			f.raw = make([]byte, f.piece())
		}
		n, err := f.bytes(f.raw, f.unit*f.channels)
		if n == 0 {
			return 0, err
		}
		f.pcm = f.decoder.Decode(f.pcm[:0], f.raw[:n])
		f.ready = f.pcm
		if f.channels == 2 {
			f.ready = mix(f.pcm)
		}
	}
	n := copy(frame, f.ready)
	f.ready = f.ready[n:]
	return n, nil
}

// bytes reads whole units into b: as many as fit and are there. A file that is
// shorter than it says, or ends within a unit, is at its end there.
func (f *file) bytes(b []byte, unit int) (int, error) {
	want := int64(len(b))
	if f.left >= 0 {
		want = min(want, f.left)
	}
	if want -= want % int64(unit); want == 0 {
		return 0, io.EOF
	}
	n, err := io.ReadFull(f.in, b[:want])
	f.read += int64(n)
	if f.left >= 0 {
		f.left -= int64(n)
	}
	if n -= n % unit; n > 0 {
		return n, nil // the error, if it lasts, comes with the next
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return 0, err
}

// mix makes one voice of two channels, where they lie.
func mix(pcm []int16) []int16 {
	for i := 0; i+1 < len(pcm); i += 2 {
		pcm[i/2] = int16((int32(pcm[i]) + int32(pcm[i+1])) / 2)
	}
	return pcm[:len(pcm)/2]
}

// coded is a file whose code can go to a phone as it is.
type coded struct{ *file }

// Format is the coding.
func (c coded) Format() media.Format { return c.format }

// ReadEncoded reads the code.
func (c coded) ReadEncoded(frame []byte) (int, error) { return c.bytes(frame, c.unit) }

// little codes samples of 16 bits, low byte first, as files have them.
type little struct{}

func (little) Decode(dst []int16, b []byte) []int16 {
	for ; len(b) >= 2; b = b[2:] {
		dst = append(dst, int16(uint16(b[0])|uint16(b[1])<<8))
	}
	return dst
}

// unsigned decodes samples of 8 bits around 128.
type unsigned struct{}

func (unsigned) Decode(dst []int16, b []byte) []int16 {
	for _, x := range b {
		dst = append(dst, (int16(x)-128)<<8)
	}
	return dst
}

func (little) Encode(dst []byte, pcm []int16) []byte {
	for _, s := range pcm {
		dst = append(dst, byte(s), byte(uint16(s)>>8))
	}
	return dst
}
