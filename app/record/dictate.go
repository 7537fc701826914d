package record

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/media"
	"obelus/media/sound"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/record"
)

func dictate(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "Dictate",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 3)
			dir, err := fileName(expand.Arg(args, 0), k.deps.Dictation)
			if err != nil {
				x.Warn(err.Error())
				return pbx.ErrHangup
			}
			ch := x.Channel()
			if expand.Arg(args, 2) == "" {
				if err := ch.Answer(nil); err != nil {
					return err
				}
			}
			name := expand.Arg(args, 1)
			for {
				if name == "" {
					if name, err = k.ask(ctx, ch); err != nil || name == "" {
						return err
					}
				}
				path, err := fileName(name+".raw", dir)
				if err != nil {
					x.Warn(err.Error())
					return pbx.ErrHangup
				}
				d := &dictation{k: k, x: x, ch: ch, path: path, speed: 1}
				if err := d.run(ctx); err != nil {
					return err
				}
				name = ""
			}
		},
	}
}

// ask asks for the name of a dictation.
func (k *Desk) ask(ctx context.Context, ch *call.Channel) (string, error) {
	if _, err := k.deps.Voice.Play(ctx, ch, "", "dictate/enter_filename"); err != nil && !errors.Is(err, prompt.ErrMissing) {
		return "", err
	}
	r, err := k.deps.Voice.Ask(ctx, ch, prompt.Question{Max: 255, First: 5 * time.Second, Next: 5 * time.Second, End: "#"})
	return r.Digits, err
}

// dictation is one file that is dictated into and listened to.
//
//   - changes between recording and playing; 1 pauses and goes on; 0 is help; # is
//     another file. While it plays: 2 is faster, 7 goes back, 8 on. While it records: 8
//     begins anew.
type dictation struct {
	k       *Desk
	x       *pbx.Exec
	ch      *call.Channel
	path    string
	speed   int
	at      time.Duration // where it plays
	records bool          // it records
	paused  bool
}

// leap is how far 7 and 8 wind: 320 * 80 samples, as in the original.
const leap = 3200 * time.Millisecond

const fastest = 4

// run is a file, until #.
func (d *dictation) run(ctx context.Context) error {
	if err := folder(d.path)(); err != nil && !d.k.deps.NoFiles {
		d.x.Warnf("Unable to create the folder of %s: %v", d.path, err)
		return pbx.ErrHangup
	}
	d.paused = true
	key, err := d.say(ctx, "dictate/forhelp")
	for err == nil && key != '#' {
		if key == 0 {
			key, err = d.work(ctx)
			continue
		}
		key, err = d.pressed(ctx, key)
	}
	return err
}

// say plays a prompt; any key stops it.
func (d *dictation) say(ctx context.Context, names ...string) (byte, error) {
	key, err := d.k.deps.Voice.Play(ctx, d.ch, prompt.AnyKey, names...)
	if errors.Is(err, prompt.ErrMissing) {
		err = nil
	}
	return key, err
}

// pressed does what a key says; it returns the key that came while it said so.
func (d *dictation) pressed(ctx context.Context, key byte) (byte, error) {
	switch {
	case key == '*':
		d.records, d.paused = !d.records, true
		return d.say(ctx, map[bool]string{true: "dictate/record_mode", false: "dictate/playback_mode"}[d.records])
	case key == '0':
		d.paused = true
		return d.say(ctx, "dictate/both_help", map[bool]string{true: "dictate/record_help", false: "dictate/play_help"}[d.records])
	case key == '1':
		if d.paused = !d.paused; d.paused {
			return d.say(ctx, "dictate/pause")
		}
		return d.say(ctx, map[bool]string{true: "dictate/record", false: "dictate/playback"}[d.records])
	case key == '8' && d.records:
		d.at = 0
		if err := os.Remove(d.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			d.x.Warn(err.Error())
		}
		return d.say(ctx, "dictate/truncating_audio")
	case key == '2' && !d.records:
		d.speed = d.speed%fastest + 1
		return d.say(ctx, "digits/"+strconv.Itoa(d.speed))
	case key == '7' && !d.records:
		d.at = max(d.at-leap, 0)
	case key == '8' && !d.records:
		d.at += leap
	}
	return 0, nil
}

// work records or plays until a key is pressed.
func (d *dictation) work(ctx context.Context) (byte, error) {
	switch {
	case d.paused:
		return prompt.Key(ctx, d.ch, time.Hour)
	case d.records:
		res, err := d.k.recorder().Record(ctx, d.ch, record.Order{
			Path: d.path[:len(d.path)-len(".raw")], Formats: []string{"raw"}, Append: true, Stop: prompt.AnyKey,
		})
		if res.Ended == record.ByFailure {
			d.x.Warnf("Error creating file %s: %v", d.path, err)
			return 0, pbx.ErrHangup
		}
		return res.Key, err
	}
	return d.play(ctx)
}

func (d *dictation) play(ctx context.Context) (byte, error) {
	src, err := sound.OpenFile(d.path)
	if err != nil {
		d.paused = true
		return d.say(ctx, "dictate/pause") // there is nothing yet
	}
	defer src.Close()
	s := src.(media.Seeker)
	if err := s.Seek(d.at); err != nil {
		return 0, err
	}
	key, err := prompt.PlaySource(ctx, d.ch, prompt.AnyKey, &faster{s, d.speed, nil})
	if d.at = s.Position(); key == 0 && err == nil { // the end
		d.at, d.paused = 0, true
	}
	return key, err
}

// faster leaves out all but every nth frame.
type faster struct {
	media.Source
	by    int
	frame []int16
}

// Read reads a frame and leaves the next ones out.
func (f *faster) Read(frame []int16) (int, error) {
	n, err := f.Source.Read(frame)
	for i := 1; i < f.by && err == nil; i++ {
		f.frame = append(f.frame[:0], frame[:n]...)
		_, err = f.Source.Read(f.frame)
	}
	return n, err
}
