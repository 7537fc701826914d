package console

import (
	"io"
	"os"
	"sync"
)

// Keyboard is what a person types at, or what is piped in. It may serve one console after the other: what was typed while there was none is for the
// next.
type Keyboard struct {
	fd     int
	in     io.Reader
	begin  sync.Once
	pieces chan piece
	rest   []byte
	err    error
}

// piece is what one read gave.
type piece struct {
	text []byte
	err  error
}

// NewKeyboard makes a keyboard of a file, which nobody else may read.
func NewKeyboard(in *os.File) *Keyboard {
	return &Keyboard{fd: int(in.Fd()), in: in, pieces: make(chan piece)}
}

// read reads for as long as there is something.
func (k *Keyboard) read() {
	for {
		b := make([]byte, 4096)
		n, err := k.in.Read(b)
		k.pieces <- piece{b[:n], err}
		if err != nil {
			return
		}
	}
}

// typed is a keyboard as long as the server is there.
type typed struct {
	k    *Keyboard
	gone <-chan struct{}
}

// Read returns what is typed next, or ErrDetached when the server goes.
func (t typed) Read(b []byte) (int, error) {
	k := t.k
	k.begin.Do(func() { go k.read() })
	for len(k.rest) == 0 {
		if k.err != nil {
			return 0, k.err
		}
		select {
		case p := <-k.pieces:
			k.rest, k.err = p.text, p.err
		case <-t.gone:
			return 0, ErrDetached
		}
	}
	n := copy(b, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}
