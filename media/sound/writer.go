package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"obelus/media"
	"obelus/media/codec"
)

// Kind is a kind of sound file that can be written.
type Kind struct {
	// Ending is what stands behind the dot of the file's name.
	Ending string

	format media.Format
	head   head
	unit   int // bytes that belong together
	spans  int // samples of a unit
}

// head is what stands before the sound of a file.
type head uint8

const (
	headNone  head = iota
	headPCM        // WAV with samples of 16 bits
	headMSGSM      // WAV with GSM: WAV49
)

// KindOf finds a kind by the name of a format as the original has it: wav, wav49 or
// WAV, gsm, ulaw, g722, sln16 and so on; false where it can't be written.
func KindOf(name string) (Kind, bool) {
	if name == "WAV" || strings.EqualFold(name, "wav49") {
		return Kind{"WAV", media.GSM, headMSGSM, msBlock, msSamples}, true
	}
	name = strings.ToLower(name)
	for _, e := range endings {
		if e.ext != name {
			continue
		}
		k := Kind{Ending: e.ext, format: e.format, unit: 1, spans: 1}
		switch e.format {
		case media.Ulaw, media.Alaw:
		case media.G722:
			k.spans = 2
		case media.GSM:
			k.unit, k.spans = gsmBytes, gsmSamples
		default:
			k.unit = 2
			if e.wav {
				k.head = headPCM
			}
		}
		return k, true
	}
	return Kind{}, false
}

// Rate is how many samples make a second.
func (k Kind) Rate() int { return k.format.Rate() }

// Writer writes sound into a file. What it has written can be read while it goes on,
// and when the process dies: a head, where there is one, says how long the sound is
// as of the last Flush. It belongs to one goroutine at a time.
type Writer struct {
	Kind
	f       *os.File
	encoder codec.Encoder
	start   int64   // where the sound begins
	size    int64   // bytes of sound in the file
	buf     []byte  // coded and not in the file yet
	rest    []int16 // too short for a unit
	headed  int64   // the size that the head says
}

const (
	maxWAV  = 1<<32 - 1 - 60 // bytes of sound that a WAV file can count
	bufSize = 16 << 10       // of sound that waits to be written
)

// ErrFull says that a file can hold no more.
var ErrFull = errors.New("a WAV file holds no more than 4 GB")

// Create makes a file, empty where there was one. path is the whole name.
func Create(path string, k Kind) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, err
	}
	w := newWriter(f, k)
	if err := w.begin(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

// Append opens a file to go on behind what is in it, or makes it. One of another
// kind than its name says is an error, and is left as it is.
func Append(path string, k Kind) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return Create(path, k)
	}
	if err != nil {
		return nil, err
	}
	w := newWriter(f, k)
	if err := w.resume(); err != nil {
		return nil, fmt.Errorf("append to %s: %w", path, errors.Join(err, f.Close()))
	}
	return w, nil
}

func newWriter(f *os.File, k Kind) *Writer {
	w := &Writer{Kind: k, f: f}
	switch {
	case k.head == headMSGSM:
		w.encoder = newMSEncoder()
	case k.format >= media.Slin && k.format <= media.Slin192:
		w.encoder = little{}
	default:
		w.encoder, _ = codec.NewEncoder(k.format) // every format of a Kind has one
	}
	return w
}

// begin writes the head.
func (w *Writer) begin() error {
	h := w.headBytes()
	w.start = int64(len(h))
	if _, err := w.f.WriteAt(h, 0); err != nil {
		return fmt.Errorf("begin %s: %w", w.f.Name(), err)
	}
	return nil
}

// headBytes is the head of a file without sound.
func (w *Writer) headBytes() []byte {
	le := binary.LittleEndian
	rate := uint32(w.Rate())
	switch w.head {
	case headPCM:
		b := []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
		b = le.AppendUint32(le.AppendUint32(b, rate), rate*2)
		return append(b, "\x02\x00\x10\x00data\x00\x00\x00\x00"...)
	case headMSGSM:
		b := []byte("RIFF\x34\x00\x00\x00WAVEfmt \x14\x00\x00\x00\x31\x00\x01\x00")
		b = le.AppendUint32(le.AppendUint32(b, rate), rate*msBlock/msSamples)
		b = le.AppendUint16(b, msBlock)
		b = append(b, "\x00\x00\x02\x00"...)
		b = le.AppendUint16(b, msSamples)
		return append(b, "fact\x04\x00\x00\x00\x00\x00\x00\x00data\x00\x00\x00\x00"...)
	}
	return nil
}

// resume finds the end of the sound.
func (w *Writer) resume() error {
	end, err := w.f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if end == 0 {
		return w.begin()
	}
	size := end
	if w.head != headNone {
		if _, err := w.f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		s, err := newWAV(w.f, func() error { return nil })
		if err != nil {
			return err
		}
		f := s.(interface{ whole() *file }).whole()
		if want := (w.head == headMSGSM); f.channels != 1 || f.rate != w.Rate() || want != (f.unit == msBlock) || !want && f.unit != 2 {
			return fmt.Errorf("%w: it holds sound of another kind", ErrFormat)
		}
		w.start = f.start
		if size = end - f.start; f.left >= 0 {
			size = min(size, f.left)
		}
	}
	w.size = size - size%int64(w.unit)
	w.headed = w.size
	return nil
}

// Write adds samples, of the kind's rate. They may wait in memory until Flush.
func (w *Writer) Write(pcm []int16) error {
	if w.head != headNone && w.size+int64(len(w.buf))+2*int64(len(pcm)) > maxWAV {
		return ErrFull
	}
	if w.spans > 1 {
		w.rest = append(w.rest, pcm...)
		n := len(w.rest) / w.spans * w.spans
		w.buf = w.encoder.Encode(w.buf, w.rest[:n])
		w.rest = w.rest[:copy(w.rest, w.rest[n:])]
	} else {
		w.buf = w.encoder.Encode(w.buf, pcm)
	}
	if len(w.buf) >= bufSize {
		return w.drain()
	}
	return nil
}

// drain writes what waits.
func (w *Writer) drain() error {
	if len(w.buf) == 0 {
		return nil
	}
	if _, err := w.f.WriteAt(w.buf, w.start+w.size); err != nil {
		return fmt.Errorf("write %s: %w", w.f.Name(), err)
	}
	w.size += int64(len(w.buf))
	w.buf = w.buf[:0]
	return nil
}

// Flush writes what waits into the file, and its length into its head.
func (w *Writer) Flush() error {
	if err := w.drain(); err != nil {
		return err
	}
	if w.head == headNone || w.headed == w.size {
		return nil
	}
	sizes := []struct{ at, value int64 }{{4, w.start - 8 + w.size + w.size&1}, {w.start - 4, w.size}}
	if w.head == headMSGSM {
		sizes = append(sizes, struct{ at, value int64 }{w.start - 12, w.size / msBlock * msSamples})
	}
	for _, s := range sizes {
		if _, err := w.f.WriteAt(binary.LittleEndian.AppendUint32(nil, uint32(s.value)), s.at); err != nil {
			return fmt.Errorf("write %s: %w", w.f.Name(), err)
		}
	}
	w.headed = w.size
	return nil
}

// Length is how much sound the file holds, what waits included.
func (w *Writer) Length() time.Duration {
	units := (w.size + int64(len(w.buf))) / int64(w.unit)
	return samplesTime(units*int64(w.spans)+int64(len(w.rest)), w.Rate())
}

// samplesTime is how long so many samples take.
func samplesTime(n int64, rate int) time.Duration {
	return time.Duration(n/int64(rate))*time.Second + time.Duration(n%int64(rate))*time.Second/time.Duration(rate)
}

// Cut takes so much sound off the end, in whole units of the coding.
func (w *Writer) Cut(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	w.rest = w.rest[:0]
	if err := w.drain(); err != nil {
		return err
	}
	units := int64(d/time.Millisecond) * int64(w.Rate()) / 1000 / int64(w.spans)
	w.size = max(w.size-units*int64(w.unit), 0)
	if err := w.f.Truncate(w.start + w.size); err != nil {
		return fmt.Errorf("cut %s: %w", w.f.Name(), err)
	}
	return w.Flush()
}

// Close writes what waits, fills up a last unit with silence, and closes the file.
func (w *Writer) Close() error {
	var err error
	if len(w.rest) > 0 {
		err = w.Write(make([]int16, w.spans-len(w.rest)))
	}
	if w.head != headNone && (w.size+int64(len(w.buf)))&1 == 1 && err == nil {
		// A chunk of odd length has a byte behind it that is not counted.
		if err = w.drain(); err == nil {
			_, err = w.f.WriteAt([]byte{0}, w.start+w.size)
		}
	}
	return errors.Join(err, w.Flush(), w.f.Close())
}

// AddFile puts the sound of another file of the same kind behind what was written,
// as it is coded there.
func (w *Writer) AddFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if s, err := f.Stat(); err != nil || s.Size() == 0 {
		return err
	}
	other := newWriter(f, w.Kind)
	if err := other.resume(); err != nil {
		return fmt.Errorf("add %s: %w", path, err)
	}
	if len(w.rest) > 0 {
		if err := w.Write(make([]int16, w.spans-len(w.rest))); err != nil {
			return err
		}
	}
	if err := w.drain(); err != nil {
		return err
	}
	if w.head != headNone && w.size+other.size > maxWAV {
		return ErrFull
	}
	n, err := io.Copy(io.NewOffsetWriter(w.f, w.start+w.size), io.NewSectionReader(f, other.start, other.size))
	w.size += n
	if err != nil {
		return fmt.Errorf("add %s: %w", path, err)
	}
	return w.Flush()
}
