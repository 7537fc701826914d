package phones

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
)

// WriteWAV writes samples as a wav file of one channel and 16 bits.
func WriteWAV(path string, samples []int16, rate int) error {
	size := uint32(2 * len(samples))
	file := make([]byte, 0, headerSize+size)
	le := binary.LittleEndian
	file = append(file, "RIFF"...)
	file = le.AppendUint32(file, headerSize-8+size)
	file = append(file, "WAVEfmt "...)
	file = le.AppendUint32(file, 16)
	file = le.AppendUint16(file, 1) // PCM
	file = le.AppendUint16(file, 1) // channels
	file = le.AppendUint32(file, uint32(rate))
	file = le.AppendUint32(file, uint32(2*rate)) // bytes a second
	file = le.AppendUint16(file, 2)              // bytes a sample
	file = le.AppendUint16(file, 16)             // bits a sample
	file = append(file, "data"...)
	file = le.AppendUint32(file, size)
	for _, s := range samples {
		file = le.AppendUint16(file, uint16(s))
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		return fmt.Errorf("write a tone: %w", err)
	}
	return nil
}

// ReadWAV reads a wav file of one channel and 16 bits, also one that is still
// being recorded. The length in the header is of no use there: baresip and
// linphonec write it when they stop, and linphonec goes on after a hold in the
// same file. So the sound reaches to the end of the file. Before linphonec stops
// first, its whole header is blank; the rate is 0 so long.
func ReadWAV(path string) (samples []int16, rate int, err error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, fmt.Errorf("read a recording: %w", err)
	}
	samples, rate, err = parseWAV(file)
	if err != nil {
		return nil, 0, fmt.Errorf("read the recording %s: %w", path, err)
	}
	return samples, rate, nil
}

// Why a recording can't be read.
var (
	errNotWAV  = errors.New("not a wav file")
	errFormat  = errors.New("not 16 bit PCM of one channel")
	errNoSound = errors.New("no sound data in it")
)

// headerSize is that of a wav file without optional parts.
const headerSize = 44

func parseWAV(file []byte) (samples []int16, rate int, err error) {
	if len(file) >= headerSize && len(bytes.Trim(file[:headerSize], "\x00")) == 0 {
		return decodeSamples(file[headerSize:]), 0, nil
	}
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return nil, 0, errNotWAV
	}
	le := binary.LittleEndian
	for rest := file[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), uint64(le.Uint32(rest[4:]))
		rest = rest[8:]
		if name == "data" {
			if rate == 0 {
				return nil, 0, errFormat
			}
			return decodeSamples(rest), rate, nil
		}
		if size > uint64(len(rest)) {
			return nil, 0, errNoSound
		}
		if name == "fmt " {
			if rate, err = parseFormat(rest[:size]); err != nil {
				return nil, 0, err
			}
		}
		rest = rest[min(size+size%2, uint64(len(rest))):]
	}
	return nil, 0, errNoSound
}

func parseFormat(format []byte) (rate int, err error) {
	le := binary.LittleEndian
	if len(format) < 16 || le.Uint16(format) != 1 || le.Uint16(format[2:]) != 1 || le.Uint16(format[14:]) != 16 {
		return 0, errFormat
	}
	hertz := le.Uint32(format[4:])
	if hertz == 0 || hertz > math.MaxInt32 {
		return 0, errFormat
	}
	return int(hertz), nil
}

func decodeSamples(data []byte) []int16 {
	samples := make([]int16, len(data)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
	}
	return samples
}
