package main

import (
	"io"
	"sync"
)

// screen is where a server writes that shares its terminal with a console: the
// console's prompt stays below.
type screen struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes to whatever is in use.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	w := s.w
	s.mu.Unlock()
	return w.Write(b)
}

// use writes elsewhere from now on.
func (s *screen) use(w io.Writer) {
	s.mu.Lock()
	s.w = w
	s.mu.Unlock()
}
