package mailbox

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"obelus/media/sound"
)

// length is how long a recording is.
func (b *Boxes) length(stem string) time.Duration {
	for _, ext := range parts(stem) {
		if d, err := sound.Duration(stem + ext); err == nil && d > 0 {
			return d
		}
	}
	return 0
}

// louder is a recording that is so many decibels louder, as the file of its format has it.
func louder(path string, gain float64) ([]byte, error) {
	ext := filepath.Ext(path)
	k, ok := sound.KindOf(ext[1:])
	if !ok {
		return os.ReadFile(path)
	}
	tmp := path + ".new"
	defer os.Remove(tmp)
	if err := amplify(path, tmp, k, math.Pow(10, gain/20)); err != nil {
		return nil, err
	}
	return os.ReadFile(tmp)
}

// amplify writes a recording anew, each sample times a factor.
func amplify(from, to string, k sound.Kind, factor float64) error {
	in, err := sound.OpenFile(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := sound.Create(to, k)
	if err != nil {
		return err
	}
	buf := make([]int16, k.Rate()/50)
	for err == nil {
		var n int
		n, err = in.Read(buf)
		for i, x := range buf[:n] {
			buf[i] = int16(max(min(float64(x)*factor, math.MaxInt16), math.MinInt16))
		}
		if e := out.Write(buf[:n]); e != nil {
			err = e
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, out.Close())
}
