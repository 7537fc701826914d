package call

import (
	"context"
	"errors"
	"time"

	"obelus/media"
)

// Leg is one party as its driver sees it. The verbs may be called from any
// goroutine; a driver's leg has one mutex and never calls out under it. What
// happens on the leg is told to the channel: [Channel.Notify], [Channel.Gone].
type Leg interface {
	// Ring tells the caller's phone that the far end is alerting.
	Ring() error
	// Progress opens early media. with lists the formats the other side has
	// settled on, best first; nil when there is no other side.
	Progress(with []media.Format) error
	// Answer accepts the call. with is as for Progress.
	Answer(with []media.Format) error
	// Indicate passes on anything else: a digit, a text, hold.
	Indicate(Indication) error
	// Hangup ends the leg, in whatever state it is. Calling it again, or
	// after the leg has gone by itself, does nothing.
	Hangup(Cause)
	// Formats lists what this party can send and receive, best first.
	Formats() []media.Format
	// Media is the leg's sound, nil for a leg that carries none.
	Media() Media
}

// Teller is a leg that can be asked about itself by CHANNEL(item),
// SIP_HEADER(name) and the like.
type Teller interface {
	// Tell returns what the leg knows by that name, and whether it knows it.
	// For a function with an argument the item reads "function:argument".
	Tell(item string) (string, bool)
}

// Relay is a leg that is no phone: it stands for another channel's leg.
type Relay interface {
	// Behind is that channel, nil where there is none.
	Behind() *Channel
}

// Transferer is a leg that can send its party elsewhere, in the words of its protocol.
type Transferer interface {
	// Transfer asks the party to call to instead, and waits for what comes of it. code is the answer in the protocol's own numbers, 0 for
	// none. A party that was not answered is gone then.
	Transfer(ctx context.Context, to string) (code int, err error)
}

// Indication is something passed to a leg with [Leg.Indicate]: one of [Digit],
// [Text], [Hold], [Unhold], [PictureUpdate], [Tone], [Fax], [Info], [KeyMode].
type Indication interface{ indication() }

// Digit is one key: 0-9, *, #, A-D. Duration is how long it was held, zero
// where unknown.
type Digit struct {
	Key      byte
	Duration time.Duration
}

// Text is a text inside a call. Body is carried as bytes, whatever it holds.
type Text struct {
	ContentType string
	Body        []byte
	Headers     []Header
}

// Header is a line that belongs to a text, as its protocol has it: how the body is
// compressed, its subject.
type Header struct{ Name, Value string }

// ErrUnsupported is what a leg says to an [Indication] that its phone has no way to take.
var ErrUnsupported = errors.New("the phone can't take that")

// Hold says that the far end put the call on hold; Class is its wish of music.
type Hold struct{ Class string }

// Unhold says that the far end is back.
type Unhold struct{}

// PictureUpdate asks for a fresh key frame (RFC 5168).
type PictureUpdate struct{}

// Info is something told to the phone within the call that nobody answers: an INFO
// (RFC 6086), or what the driver has like it.
type Info struct {
	ContentType string
	Body        []byte
	Headers     []Header
}

// KeyMode has keys travel another way from now on: "rfc2833", "info", "inband".
type KeyMode struct{ Mode string }

// Tone asks the leg to say that the call is busy ([CauseUserBusy]) or can't go on
// (anything else); where no signalling can say so any more it is [ErrUnsupported], and
// [Channel.Tone] has it heard.
// Reason is the cause behind it, for what the phone is told beside.
type Tone struct{ Cause, Reason Cause }

func (Digit) indication()         {}
func (Text) indication()          {}
func (Hold) indication()          {}
func (Unhold) indication()        {}
func (PictureUpdate) indication() {}
func (Tone) indication()          {}
func (Info) indication()          {}
func (KeyMode) indication()       {}

// Media is a leg's sound and picture. Its methods are safe from any goroutine,
// return at once (but Play) and never call back into this package.
type Media interface {
	// Join lets sound and picture flow to other and back, until Part or the
	// next Join. Where the two share no format it says so.
	Join(other Media) error
	// Part ends what Join began. Nothing flows to the phone then.
	Part()
	// Echo sends what the phone says back to it.
	Echo(on bool)
	// Play sends src to the phone in real time and returns when it ends or
	// ctx does, then with ctx's error.
	Play(ctx context.Context, src media.Source) error
	// Digit sends a key in the media stream (RFC 4733).
	Digit(d Digit) error
}

// Loudness is a [Media] whose sound can be made louder.
type Loudness interface {
	// SetGain multiplies what the phone says, and what it is sent, by a factor
	// each, from now on; 1 leaves it as it is.
	SetGain(said, sent float64)
}

// Hearing is a [Media] that can be listened to.
type Hearing interface {
	// Hear hands f, every 20 ms, a frame of 16-bit samples of what the phone
	// said (in) and of what it was sent (out), silence where nothing came, rate
	// samples a second, until stop is called. f must return at once and keep
	// neither slice. The sound passes through the server as long as somebody
	// listens.
	Hear(rate int, f func(in, out []int16)) (stop func(), err error)
}
