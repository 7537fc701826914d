package console

import (
	"bufio"
	"errors"
	"io"
	"os"
	"testing"
)

// TestKeyboard: a console ends with its server, whatever is typed or not; what is typed after that is for the next.
func TestKeyboard(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	k := NewKeyboard(r)
	gone := make(chan struct{})
	if _, err := w.WriteString("one\ntwo\n"); err != nil {
		t.Fatal(err)
	}
	first := bufio.NewReader(typed{k, gone})
	for _, want := range []string{"one\n", "two\n"} {
		if line, err := first.ReadString('\n'); line != want || err != nil {
			t.Errorf("%q %v, want %q", line, err, want)
		}
	}
	ended := make(chan error)
	go func() {
		_, err := first.ReadString('\n')
		ended <- err
	}()
	close(gone)
	if err := <-ended; !errors.Is(err, ErrDetached) {
		t.Errorf("the server has gone: %v", err)
	}
	if _, err := w.WriteString("three\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	second, err := io.ReadAll(typed{k, make(chan struct{})})
	if string(second) != "three\n" || err != nil {
		t.Errorf("the next console reads %q %v", second, err)
	}
}
