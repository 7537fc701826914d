package music

import (
	"context"
	"embed"
	"errors"
	"os/exec"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/media"
	"obelus/pbx"
	"obelus/prompt"
)

// pages are the manual, one page an application.
//
//go:embed *.md
var pages embed.FS

// Deps are what the applications reach the world by.
type Deps struct {
	Music     call.Musician // nil: there is no music
	MP3Player []string      // what MP3Player runs, before the name of the file; nil: mpg123
}

// Table lists the applications.
func Table(d *Deps) []pbx.Application {
	return pbx.Describe(pages, []pbx.Application{musicOnHold(d), startMusic(), stopMusic(), setMusic(), waitMusic(d), mp3Player(d)})
}

// errOver says that the time of MusicOnHold is over.
var errOver = errors.New("the time is over")

func musicOnHold(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "MusicOnHold",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 2)
			duration, err := pbx.Seconds(expand.Arg(args, 1))
			if err != nil {
				x.Warnf("MusicOnHold: %v", err)
				return nil
			}
			return listen(ctx, x, d, strings.TrimSpace(expand.Arg(args, 0)), duration)
		},
	}
}

// waitMusic is MusicOnHold with the time alone.
func waitMusic(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "WaitMusicOnHold",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			duration, err := pbx.Seconds(data)
			if err != nil || duration == 0 {
				x.Warn("WaitMusicOnHold requires an argument (number of seconds to wait)")
				return nil
			}
			return listen(ctx, x, d, "", duration)
		},
	}
}

// listen has the caller hear music for a time, 0 for as long as he likes.
func listen(ctx context.Context, x *pbx.Exec, d *Deps, class string, duration time.Duration) error {
	ch := x.Channel()
	playing := ctx
	if duration > 0 {
		var cancel context.CancelFunc
		playing, cancel = context.WithTimeoutCause(ctx, duration, errOver)
		defer cancel()
	}
	err := ErrNone
	if d.Music != nil {
		before := ch.Music()
		if class != "" {
			ch.SetMusic(class) // as in the original the class that is named here is the one that counts
		}
		err = d.Music.Play(playing, ch, class)
		ch.SetMusic(before)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if playing.Err() != nil || err == nil {
		return nil
	}
	x.Warnf("Unable to start music on hold (class '%s') on channel %s: %v", class, ch.Name(), err)
	if duration > 0 {
		return x.Sleep(playing, duration) // the caller waits, in silence: the dialplan counts on it
	}
	return nil
}

func startMusic() pbx.Application {
	return pbx.Application{
		Name: "StartMusicOnHold",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			x.Channel().Hold(strings.TrimSpace(data))
			return nil
		},
	}
}

func stopMusic() pbx.Application {
	return pbx.Application{
		Name: "StopMusicOnHold",
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			x.Channel().Unhold()
			return nil
		},
	}
}

func setMusic() pbx.Application {
	return pbx.Application{
		Name: "SetMusicOnHold",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if data = strings.TrimSpace(data); data == "" {
				x.Warn("SetMusicOnHold requires an argument (class)")
				return nil
			}
			x.Channel().SetMusic(data)
			return nil
		},
	}
}

func mp3Player(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "MP3Player",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			if data = strings.TrimSpace(data); data == "" {
				x.Warn("MP3 Playback requires an argument (filename)")
				return nil
			}
			if strings.HasPrefix(data, "-") {
				data = "./" + data // it is a file, and no option of the player
			}
			command := d.MP3Player
			if command == nil {
				command = []string{"mpg123", "-q", "-s", "--mono", "-r", "8000"}
			}
			playing, cancel := context.WithCancel(ctx)
			defer cancel()
			src, wait, err := Run(playing, append(command[:len(command):len(command)], data), "", media.Slin)
			if err != nil {
				if errors.Is(err, exec.ErrNotFound) {
					x.Warnf("MP3Player: %s is not installed: %v", command[0], err)
				} else {
					x.Warnf("MP3Player: %v", err)
				}
				return nil
			}
			key, err := prompt.PlaySource(ctx, x.Channel(), prompt.AnyKey, src)
			if key != 0 || err != nil {
				cancel()
			}
			if e := wait(); key == 0 && err == nil {
				err = e
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				x.Warnf("MP3Player: %v", err)
			}
			return nil
		},
	}
}
