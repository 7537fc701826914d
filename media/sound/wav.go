package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"obelus/media/codec"
)

// ErrFormat says that a file is of a kind that can't be played.
var ErrFormat = errors.New("the sound file can't be read")

// The codings of a WAV file that are played.
const (
	wavPCM  = 1
	wavAlaw = 6
	wavUlaw = 7
)

// file is an open sound file.
type file struct {
	close   func() error
	in      *bufio.Reader
	rate    int
	left    int64 // bytes of sound that are left; negative: until the end
	width   int   // bytes of a sample
	decode  func(b []byte) int16
	scratch []byte
}

// Rate is how many samples make a second.
func (f *file) Rate() int { return f.rate }

// Close closes the file.
func (f *file) Close() error { return f.close() }

// Read reads samples; stereo is mixed by the decoder.
func (f *file) Read(frame []int16) (int, error) {
	want := len(frame) * f.width
	if f.left >= 0 {
		want = int(min(int64(want), f.left))
	}
	if want < f.width {
		return 0, io.EOF
	}
	if cap(f.scratch) < want {
		f.scratch = make([]byte, want)
	}
	n, err := io.ReadFull(f.in, f.scratch[:want])
	if f.left >= 0 {
		f.left -= int64(n)
	}
	samples := n / f.width
	for i := range samples {
		frame[i] = f.decode(f.scratch[i*f.width:])
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return samples, io.EOF // the file is shorter than it says: what is there is played
	}
	return samples, err
}

func little(b []byte) int16 { return int16(binary.LittleEndian.Uint16(b)) }

// maxHeader bounds what is looked through for the sound of a WAV file.
const maxHeader = 1 << 20

// newWAV reads the head of a WAV file: PCM of 16 bits or G.711, one or two
// channels.
func newWAV(r io.Reader, closer func() error) (*file, error) {
	in := bufio.NewReaderSize(r, 4096)
	var head [12]byte
	if _, err := io.ReadFull(in, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return nil, fmt.Errorf("%w: no RIFF/WAVE header", ErrFormat)
	}
	f := &file{close: closer, in: in}
	for skipped := int64(0); skipped < maxHeader; {
		var chunk [8]byte
		if _, err := io.ReadFull(in, chunk[:]); err != nil {
			return nil, fmt.Errorf("%w: it ends before its sound", ErrFormat)
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			if err := f.format(size); err != nil {
				return nil, err
			}
			skipped += size
			continue
		case "data":
			if f.decode == nil {
				return nil, fmt.Errorf("%w: sound before its format", ErrFormat)
			}
			f.left = size
			if size == 0 || size == 0xffffffff {
				f.left = -1 // still being written, or by a pipe
			}
			return f, nil
		}
		skipped += size + size&1
		if _, err := in.Discard(int(min(size+size&1, maxHeader))); err != nil {
			return nil, fmt.Errorf("%w: it ends before its sound", ErrFormat)
		}
	}
	return nil, fmt.Errorf("%w: no sound in its first megabyte", ErrFormat)
}

// format reads the chunk that says how the sound is coded.
func (f *file) format(size int64) error {
	if size < 16 || size > 1024 {
		return fmt.Errorf("%w: a format chunk of %d bytes", ErrFormat, size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(f.in, b); err != nil {
		return fmt.Errorf("%w: it ends in its format", ErrFormat)
	}
	coding, channels := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
	f.rate = int(binary.LittleEndian.Uint32(b[4:]))
	bits := int(binary.LittleEndian.Uint16(b[14:]))
	if channels < 1 || channels > 2 || f.rate < 1000 || f.rate > 192000 {
		return fmt.Errorf("%w: %d channels at %d Hz", ErrFormat, channels, f.rate)
	}
	one, width := little, 2
	switch {
	case coding == wavPCM && bits == 16:
	case coding == wavUlaw && bits == 8:
		one, width = func(b []byte) int16 { return codec.DecodeUlaw(b[0]) }, 1
	case coding == wavAlaw && bits == 8:
		one, width = func(b []byte) int16 { return codec.DecodeAlaw(b[0]) }, 1
	default:
		return fmt.Errorf("%w: coding %d with %d bits; 16-bit PCM, µ-law and A-law are played", ErrFormat, coding, bits)
	}
	f.decode, f.width = one, width*channels
	if channels == 2 {
		f.decode = func(b []byte) int16 { return int16((int32(one(b)) + int32(one(b[width:]))) / 2) }
	}
	return nil
}

// newRaw is a file without a header.
func newRaw(r io.Reader, closer func() error, rate, width int, decode func([]byte) int16) *file {
	return &file{close: closer, in: bufio.NewReaderSize(r, 4096), rate: rate, left: -1, width: width, decode: decode}
}
