//go:build !race

package rtp

// raced says whether the race detector runs.
const raced = false
