package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"obelus/media"
	"obelus/media/codec"
)

// ErrFormat says that a file is of a kind that can't be played.
var ErrFormat = errors.New("the sound file can't be read")

// The codings of a WAV file that are played.
const (
	wavPCM        = 1
	wavAlaw       = 6
	wavUlaw       = 7
	wavMSGSM      = 49
	wavExtensible = 0xfffe // the coding stands further on
)

// maxHeader bounds what is looked through for the sound of a WAV file.
const maxHeader = 1 << 20

// newWAV reads the head of a WAV file: PCM or G.711, one or two channels, or GSM. It does
// not close a file that it refuses.
func newWAV(r io.Reader, closer func() error) (Sound, error) {
	f := newFile(r, closer, media.Slin, nil)
	var head [12]byte
	if _, err := io.ReadFull(f.in, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return nil, fmt.Errorf("%w: no RIFF/WAVE header", ErrFormat)
	}
	for skipped := int64(0); skipped < maxHeader; {
		var chunk [8]byte
		if _, err := io.ReadFull(f.in, chunk[:]); err != nil {
			return nil, fmt.Errorf("%w: it ends before its sound", ErrFormat)
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			if err := f.readFormat(size); err != nil {
				return nil, err
			}
		case "data":
			return f.sound(size)
		default:
			if _, err := io.CopyN(io.Discard, f.in, min(size+size&1, maxHeader)); err != nil {
				return nil, fmt.Errorf("%w: it ends before its sound", ErrFormat)
			}
		}
		skipped += size + 8
	}
	return nil, fmt.Errorf("%w: no sound in its first megabyte", ErrFormat)
}

// sound begins the chunk that holds the sound.
func (f *file) sound(size int64) (Sound, error) {
	if f.decoder == nil {
		return nil, fmt.Errorf("%w: sound before its format", ErrFormat)
	}
	if f.seeker != nil {
		at, err := f.seeker.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		f.start = at - int64(f.in.Buffered())
	}
	f.left = size
	if size == 0 || size == 0xffffffff {
		f.left = -1 // still being written, or by a pipe
	}
	return f.open(), nil
}

// readFormat reads the chunk that says how the sound is coded.
func (f *file) readFormat(size int64) error {
	if size < 16 || size > 1024 {
		return fmt.Errorf("%w: a format chunk of %d bytes", ErrFormat, size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(f.in, b); err != nil {
		return fmt.Errorf("%w: it ends in its format", ErrFormat)
	}
	coding, bits := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[14:])
	if coding == wavExtensible && size >= 26 {
		coding = binary.LittleEndian.Uint16(b[24:])
	}
	f.channels, f.rate = int(binary.LittleEndian.Uint16(b[2:])), int(binary.LittleEndian.Uint32(b[4:]))
	if f.channels < 1 || f.channels > 2 || f.rate < 1000 || f.rate > 192000 {
		return fmt.Errorf("%w: %d channels at %d Hz", ErrFormat, f.channels, f.rate)
	}
	switch {
	case coding == wavPCM && bits == 16:
		f.format, f.unit, f.made = media.Slin, 2, func() codec.Decoder { return little{} }
	case coding == wavPCM && bits == 8:
		f.format, f.unit, f.made = media.Slin, 1, func() codec.Decoder { return unsigned{} }
	case coding == wavUlaw && bits == 8:
		f.format, f.unit, f.made = media.Ulaw, 1, decoderOf(media.Ulaw)
	case coding == wavAlaw && bits == 8:
		f.format, f.unit, f.made = media.Alaw, 1, decoderOf(media.Alaw)
	case coding == wavMSGSM && f.channels == 1 && binary.LittleEndian.Uint16(b[12:]) == msBlock:
		f.format, f.unit, f.made = media.GSM, msBlock, func() codec.Decoder { return newMSDecoder() }
	default:
		return fmt.Errorf("%w: coding %d with %d bits; PCM of 8 and 16 bits, µ-law, A-law and GSM are played", ErrFormat, coding, bits)
	}
	f.decoder = f.made()
	return nil
}

// decoderOf makes decoders of a format that package codec always has.
func decoderOf(f media.Format) func() codec.Decoder {
	return func() codec.Decoder {
		d, _ := codec.NewDecoder(f)
		return d
	}
}
