// Package prompt is what is said to a channel, and which keys it answers with.
//
// A [Voice] plays the sounds of a [Library] on a [call.Channel]. All of it runs on
// the channel's own goroutine, which is where keys are read. What says a number or
// a date is a row of sounds, whose names package say knows.
package prompt

import (
	"errors"

	"obelus/media"
)

// Library finds sounds.
type Library interface {
	// Open opens the sound of that name, in that language where there is one,
	// best for a party that can hear the formats. Where there is none the error
	// wraps [fs.ErrNotExist].
	Open(name, language string, formats []media.Format) (Sound, error)
	// Exists says whether there is a sound of that name for that language.
	Exists(name, language string) bool
}

// Sound is an open sound.
type Sound interface {
	media.Source
	Close() error
}

// ErrMissing says that a sound is not there, or can't be read.
var ErrMissing = errors.New("a sound is missing")

// Voice speaks for the server. There is one, used by all channels at once.
type Voice struct {
	Sounds Library
}

// AnyKey is all keys of a telephone: the original's AST_DIGIT_ANY.
const AnyKey = "0123456789#*ABCD"
