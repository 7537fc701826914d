package prompt

import (
	"context"
	"errors"
	"strings"
	"time"

	"obelus/call"
)

// Question is what somebody is asked that he answers with keys.
type Question struct {
	Sounds []string      // played first; any key stops them and counts
	Max    int           // how many keys are wanted; 0 for any number
	First  time.Duration // how long the first is waited for, once the sounds are over
	Next   time.Duration // and each further one
	End    string        // keys that end the answer and are not part of it
}

// Reply is an answer.
type Reply struct {
	Digits   string
	Ended    byte // the key of Question.End that ended it, 0 for none
	Full     bool // Max keys have been pressed
	TimedOut bool // it was waited for the next key in vain
}

// Ask asks a question: the original's ast_app_getdata. A missing sound is logged
// and left out. It fails only when ctx ends, with its cause; what was pressed until
// then is in the reply.
func (v *Voice) Ask(ctx context.Context, ch *call.Channel, q Question) (Reply, error) {
	var r Reply
	key, err := v.Play(ctx, ch, AnyKey, q.Sounds...)
	if err != nil && !errors.Is(err, ErrMissing) {
		return r, err
	}
	if key == 0 {
		if key, err = Key(ctx, ch, q.First); err != nil {
			return r, err
		}
	}
	for {
		switch {
		case key == 0:
			r.TimedOut = true
			return r, nil
		case strings.IndexByte(q.End, key) >= 0:
			r.Ended = key
			return r, nil
		}
		if r.Digits += string(key); q.Max > 0 && len(r.Digits) >= q.Max {
			r.Full = true
			return r, nil
		}
		if key, err = Key(ctx, ch, q.Next); err != nil {
			return r, err
		}
	}
}
