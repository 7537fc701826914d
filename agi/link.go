package agi

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"time"
)

const (
	// maxLine bounds a command, in bytes; the original reads 2 KiB.
	maxLine = 32 << 10
	// sendTime is how long a line may take to be taken by the script.
	sendTime = 10 * time.Second
	// tooLong stands for a line that was too long: no command is called so.
	tooLong = "\x00"
)

// link is the way to a script: its process, or a connection.
type link struct {
	r     io.Reader
	w     writer
	audio *os.File // where EAGI's sound goes; nil for none

	network string // what a FastAGI server is told first
	fast    bool
	// hangup tells that the channel has gone.
	hangup func() error
	// exited is closed when the process has ended; nil for a connection.
	exited <-chan struct{}
	// code is how it ended, once exited is closed.
	code func() int
	// close lets go of it, running or not.
	close func()
}

// writer is a pipe or a connection.
type writer interface {
	io.Writer
	SetWriteDeadline(time.Time) error
}

// send writes a text. A script that does not read does not hold the channel for
// longer than [sendTime].
func (l *link) send(text string) error {
	if err := l.w.SetWriteDeadline(time.Now().Add(sendTime)); err != nil && !errors.Is(err, os.ErrNoDeadline) {
		return err
	}
	_, err := io.WriteString(l.w, text)
	return err
}

// readLines hands the lines of r to lines, until r ends or stop is closed; then it
// closes lines.
func readLines(r io.Reader, lines chan<- string, stop <-chan struct{}) {
	defer close(lines)
	b := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := readLine(b)
		if err != nil && line == "" {
			return
		}
		select {
		case lines <- line:
		case <-stop:
			return
		}
		if err != nil {
			return
		}
	}
}

// readLine reads a line without its end. What is longer than the reader's buffer
// is read over, and is [tooLong].
func readLine(b *bufio.Reader) (string, error) {
	line, err := b.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return strings.TrimRight(string(line), "\r\n"), err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = b.ReadSlice('\n')
	}
	return tooLong, err
}
