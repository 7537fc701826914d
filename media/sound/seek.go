package sound

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"obelus/media"
)

// spans is how many samples a unit has.
func (f *file) spans() int64 {
	switch {
	case f.unit == msBlock:
		return msSamples
	case f.format == media.GSM:
		return gsmSamples
	case f.format == media.G722:
		return 2
	}
	return 1
}

// time is how long so many bytes of the coding take.
func (f *file) time(bytes int64) time.Duration {
	return samplesTime(bytes/int64(f.unit*f.channels)*f.spans(), f.rate)
}

// Position is how much has been read.
func (f *file) Position() time.Duration {
	return f.time(f.read) - samplesTime(int64(len(f.ready)), f.rate)
}

// Length is how long the sound is; 0 where that can't be told.
func (f *file) Length() time.Duration { return f.time(f.bytesOfSound()) }

// bytesOfSound is as many as the head says, or as there are.
func (f *file) bytesOfSound() int64 {
	if f.total >= 0 {
		return f.total
	}
	if f.seeker == nil {
		return 0
	}
	// A file that can't be wound has no length: nobody can do anything about it.
	at, err := f.seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0
	}
	end, err := f.seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return 0
	}
	if _, err := f.seeker.Seek(at, io.SeekStart); err != nil {
		return 0
	}
	n := max(end-f.start, 0)
	if f.left >= 0 {
		n = min(n, f.read+f.left)
	}
	f.total = n
	return n
}

// Seek winds to a place, at most to either end.
func (f *file) Seek(to time.Duration) error {
	if f.seeker == nil {
		return errors.New("this sound can't be wound")
	}
	n := f.bytesOfSound()
	unit := int64(f.unit * f.channels)
	samples := int64(max(to, 0).Seconds() * float64(f.rate))
	at := min(samples/f.spans()*unit, n/unit*unit)
	from := at
	if f.spans() > 1 { // codings that look back have to hear what was before
		from = max(at-warmUp*unit*int64(f.rate)/1000/f.spans()/unit*unit, 0)
	}
	if _, err := f.seeker.Seek(f.start+from, io.SeekStart); err != nil {
		return fmt.Errorf("wind a sound: %w", err)
	}
	if f.left >= 0 {
		f.left = n - from
	}
	f.in.Reset(f.seeker.(io.Reader))
	f.read, f.ready = from, nil
	f.decoder = f.made()
	for before := make([]byte, f.piece()); f.read < at; {
		k, err := f.bytes(before[:min(int64(len(before)), at-f.read)], int(unit))
		if err != nil {
			return fmt.Errorf("wind a sound: %w", err)
		}
		f.pcm = f.decoder.Decode(f.pcm[:0], before[:k])
	}
	return nil
}

// warmUp is how much is heard before, in milliseconds.
const warmUp = 100

// Duration is how long the sound of a file is, by its whole name with its ending.
func Duration(path string) (time.Duration, error) {
	for _, e := range endings {
		if !hasEnding(path, e.ext) {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		s, err := e.open(f)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		return s.(media.Seeker).Length(), nil
	}
	return 0, fmt.Errorf("%s: %w: its ending is none of a sound's", path, ErrFormat)
}

func hasEnding(path, ext string) bool {
	return len(path) > len(ext) && path[len(path)-len(ext)-1] == '.' && path[len(path)-len(ext):] == ext
}

// OpenFile opens the sound of a file, by its whole name with its ending.
func OpenFile(path string) (Sound, error) {
	for _, e := range endings {
		if !hasEnding(path, e.ext) {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		s, err := e.open(f)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
		}
		return s, nil
	}
	return nil, fmt.Errorf("%s: %w: its ending is none of a sound's", path, fs.ErrNotExist)
}
