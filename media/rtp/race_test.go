//go:build race

package rtp

// raced says that the race detector runs: sync.Pool then throws away at random what
// is put into it, and packets under AES-CM take memory for that.
const raced = true
