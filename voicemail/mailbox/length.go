package mailbox

import (
	"encoding/binary"
	"math"
	"os"
	"time"
)

// length is how long a recording is, by the size of one of its files.
func (b *Boxes) length(stem string) time.Duration {
	for _, ext := range parts(stem) {
		s, err := os.Stat(stem + ext)
		if err != nil {
			continue
		}
		if d := lengthOf(ext, s.Size()); d > 0 {
			return d
		}
	}
	return 0
}

// lengthOf is how long a file of that format and size plays; the head of a WAV file is left out.
func lengthOf(ext string, size int64) time.Duration {
	per := func(bytes, perSecond int64) time.Duration {
		return time.Duration(max(bytes, 0)) * time.Second / time.Duration(perSecond)
	}
	switch ext {
	case ".wav":
		return per(size-44, 16000)
	case ".sln", ".raw":
		return per(size, 16000)
	case ".wav16":
		return per(size-44, 32000)
	case ".sln16":
		return per(size, 32000)
	case ".ulaw", ".ul", ".alaw", ".al", ".g722":
		return per(size, 8000)
	case ".gsm":
		return per(size, 33*50)
	case ".WAV":
		return per(size-60, 65*25)
	}
	return 0
}

// louder makes the sound of a WAV file of 16 bits louder by so many decibels.
func louder(wav []byte, gain float64) {
	factor := math.Pow(10, gain/20)
	for at := 12; at+8 <= len(wav); {
		size := int(binary.LittleEndian.Uint32(wav[at+4:]))
		if string(wav[at:at+4]) != "data" {
			at += 8 + size + size&1
			continue
		}
		sound := wav[at+8:]
		for i := 0; i+1 < min(len(sound), size); i += 2 {
			x := float64(int16(binary.LittleEndian.Uint16(sound[i:]))) * factor
			binary.LittleEndian.PutUint16(sound[i:], uint16(int16(max(min(x, math.MaxInt16), math.MinInt16))))
		}
		return
	}
}
