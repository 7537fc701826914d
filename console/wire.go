package console

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// The console's own protocol: one JSON object a line, both ways.

// ask is what an attached console sends.
type ask struct {
	Run      string `json:"run,omitempty"`      // carry this line out
	Complete string `json:"complete,omitempty"` // what may the last word become?
	Watch    bool   `json:"watch,omitempty"`    // tell what happens
	Verbose  int    `json:"verbose,omitempty"`  // how much of it
}

// tell is what it is sent.
type tell struct {
	Out     string   `json:"out,omitempty"`     // text to show
	Words   []string `json:"words,omitempty"`   // answer to Complete
	Done    bool     `json:"done,omitempty"`    // the command is through
	End     bool     `json:"end,omitempty"`     // quit
	Version string   `json:"version,omitempty"` // greeting
	PID     int      `json:"pid,omitempty"`
}

// maxLine bounds a line from a console: nothing sensible is longer.
const maxLine = 1 << 20

func reader(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 4096), 4*maxLine)
	return s
}

func write(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode for the console: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
