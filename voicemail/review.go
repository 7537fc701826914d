package voicemail

import (
	"context"
	"errors"
	"os"
	"time"

	"obelus/voicemail/mailbox"
)

// review is what a caller, or an owner, does to get a recording right.
type review struct {
	*line
	recording
	box     *mailbox.Box
	outside bool // a caller leaves a message; else it is the owner's greeting
	urgent  bool
	taken   taken
	exists  bool // there is something to be kept
	began   bool // something was recorded, if only to be found too short
}

// drop removes what was recorded.
func (r *review) drop() {
	for _, ext := range endings(r.general()) {
		if err := os.Remove(r.stem + ext); err != nil && !errors.Is(err, os.ErrNotExist) {
			r.x.Warnf("a recording can't be removed: %v", err)
		}
	}
	r.exists = false
}

// run records and lets the person hear it, do it again, mark it and keep it: the original's play_record_review. It returns '0' when a caller wants the operator, 't' when nothing more
// is said. Whatever exists then is to be kept, and so it is when the caller hangs up.
func (r *review) run(ctx context.Context) (byte, error) {
	key := byte('3')
	for attempts := 0; key != 't'; {
		var err error
		switch key {
		case '1':
			if !r.exists {
				key = '3'
				continue
			}
			_, err = r.play(ctx, "", "vm-msgsaved")
			return 't', err
		case '2':
			key, err = r.tell(ctx, r.stem)
		case '3':
			key, err = r.take(ctx)
			if err == nil && r.outside && !r.box.Review && key != '0' {
				return 't', nil // nobody asks: the dialplan goes on
			}
		case '4':
			key, err = r.mark(ctx)
		case '0':
			if !r.box.Operator || !r.outside {
				key, err = r.tell(ctx, "vm-sorry")
				break
			}
			return r.operator(ctx)
		case '5', '6', '7', '8', '9', '*', '#':
			key, err = r.tell(ctx, "vm-sorry")
		default:
			key, err = r.menu(ctx)
			if key == 0 {
				if attempts++; attempts > 3 {
					key = 't'
				}
			}
		}
		if err != nil {
			return 0, err
		}
	}
	if r.outside {
		if _, err := r.play(ctx, "", "vm-goodbye"); err != nil {
			return 0, err
		}
	}
	return 't', nil
}

// take records. It returns a key that was pressed meanwhile, 0 when all is well or said.
func (r *review) take(ctx context.Context) (byte, error) {
	if r.began && r.outside {
		if _, err := r.play(ctx, "", "vm-intro"); err != nil {
			return 0, err
		}
	}
	r.x.Verbose(3, map[bool]string{false: "Recording the message", true: "Re-recording the message"}[r.began])
	r.began, r.exists = true, false
	var err error
	r.taken, err = r.record(ctx, r.recording)
	long := r.taken.length >= r.box.Shortest
	switch {
	case err != nil && ctx.Err() == nil:
		return 0, err
	case err != nil && !r.outside:
		r.drop() // who hangs up while he records his greeting does not want it
		return 0, err
	case err != nil:
		r.exists = long && r.taken.length > 0
		return 0, err
	case r.taken.canceled:
		return r.taken.key, nil
	case r.outside && !long:
		r.x.Verbose(3, "Message too short")
		r.drop()
		return r.tell(ctx, "vm-tooshort")
	case r.taken.key == 's' && r.taken.spoken == 0 && r.box.Review:
		r.x.Verbose(3, "Nothing recorded")
		r.drop()
		return r.tell(ctx, "vm-tooshort")
	}
	r.exists = true
	return 0, nil
}

// mark marks the message of a caller as urgent, or not.
func (r *review) mark(ctx context.Context) (byte, error) {
	switch {
	case !r.outside, !r.box.LeaveUrgent && !r.urgent:
		return r.tell(ctx, "vm-sorry")
	case !r.urgent:
		r.x.Verbose(3, "marking message as Urgent")
		r.urgent = true
		_, err := r.play(ctx, "", "vm-marked-urgent")
		return 0, err
	}
	r.x.Verbose(3, "UNmarking message as Urgent")
	r.urgent = false
	_, err := r.play(ctx, "", "vm-marked-nonurgent")
	return 0, err
}

// menu says what can be done, and waits for a key.
func (r *review) menu(ctx context.Context) (byte, error) {
	var sounds []string
	wait := 6 * time.Second
	if r.exists {
		sounds = append(sounds, "vm-review")
		switch {
		case r.outside && r.urgent:
			sounds = append(sounds, "vm-review-nonurgent")
		case r.outside && r.box.LeaveUrgent:
			sounds = append(sounds, "vm-review-urgent")
		}
	} else {
		sounds = append(sounds, "vm-torerecord")
	}
	if r.outside && r.box.Operator {
		sounds = append(sounds, "vm-reachoper")
	}
	if key, err := r.tell(ctx, sounds...); key != 0 || err != nil {
		return key, err
	}
	return r.key(ctx, wait)
}

// operator is what happens on the way to the operator: the message is kept if the caller says so.
func (r *review) operator(ctx context.Context) (byte, error) {
	if !r.exists && !r.began {
		return '0', nil
	}
	r.exists = r.exists || r.taken.canceled && r.taken.length >= r.box.Shortest
	key, err := r.tell(ctx, "vm-saveoper")
	if err == nil && key == 0 {
		key, err = r.key(ctx, 3*time.Second)
	}
	if err != nil {
		return 0, err
	}
	sounds := []string{"vm-msgsaved"}
	switch {
	case key == '1' && r.exists:
	case key == '4' && r.exists:
		r.urgent = true
		sounds = []string{"vm-marked-urgent", "vm-msgsaved"}
	default:
		r.drop()
		sounds = []string{"vm-deleted"}
	}
	_, err = r.play(ctx, "", sounds...)
	return '0', err
}

// greet lets an owner record a greeting of his. What was there stays until the new one is whole.
func (l *line) greet(ctx context.Context, b *mailbox.Box, name, prompt string, gain float64) (byte, error) {
	stem, err := l.Boxes.Scratch(b)
	if err != nil {
		return 0, err
	}
	g := l.general()
	r := review{line: l, box: b, recording: recording{
		stem: stem, longest: g.MaxGreet, maxSilence: g.MaxSilence, level: g.SilenceLevel, gain: gain, accept: "#", beep: "beep", prompts: []string{prompt},
	}}
	defer r.drop()
	key, err := r.run(ctx)
	if !r.exists || err != nil {
		return key, err
	}
	return key, l.install(stem, l.greeting(b, name))
}

// install puts a recording in the place of another.
func (l *line) install(from, to string) error {
	for _, ext := range endings(l.general()) {
		if err := os.Rename(from+ext, to+ext); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// removeSound removes a recording in all its formats.
func (l *line) removeSound(stem string) error {
	var all []error
	for _, ext := range endings(l.general()) {
		if err := os.Remove(stem + ext); err != nil && !errors.Is(err, os.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// copySound gives a recording another name, too, in all its formats.
func (l *line) copySound(from, to string) error {
	var all []error
	for _, ext := range endings(l.general()) {
		b, err := os.ReadFile(from + ext)
		if err == nil {
			err = os.WriteFile(to+ext, b, 0o660)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}
