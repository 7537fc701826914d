package sound

import (
	"context"
	"fmt"
	"strings"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/media/sound"
	"obelus/pbx"
	"obelus/prompt"
)

// zone is the country whose tones a channel hears, "" for that of the house.
func zone(ch *call.Channel) string { return ch.ToneZone() }

// tone finds a tone by its name, or takes what is written for one.
func (d *Deps) tone(ch *call.Channel, text string) string {
	if d.Tones != nil {
		if spec, ok := d.Tones.Tone(zone(ch), text); ok {
			return spec
		}
	}
	return text
}

func playTones(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "PlayTones",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if data == "" {
				x.Warn("Nothing to play")
				return nil
			}
			src, err := sound.NewTone(d.tone(x.Channel(), data))
			if err != nil {
				x.Warnf("Unable to start playtones: %v", err)
				return nil
			}
			return start(x, src)
		},
	}
}

// start plays a source behind what the channel does next.
func start(x *pbx.Exec, src media.Source) error {
	if err := opened(x); err != nil {
		return err
	}
	if x.Channel().Media() == nil {
		return fmt.Errorf("%s carries no sound", x.Channel().Name())
	}
	x.Channel().PlayBehind(src)
	return nil
}

func stopPlayTones() pbx.Application {
	return pbx.Application{
		Name: "StopPlayTones",
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			x.Channel().Behind(nil)
			return nil
		},
	}
}

// playTone plays a tone until it ends, or a key of stop is pressed.
func playTone(ctx context.Context, ch *call.Channel, spec, stop string) (byte, error) {
	src, err := sound.NewTone(spec)
	if err != nil {
		return 0, err
	}
	return prompt.PlaySource(ctx, ch, stop, src)
}

func zapateller() pbx.Application {
	return pbx.Application{
		Name: "Zapateller",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			x.Set("ZAPATELLERSTATUS", "NOTHING")
			opts := strings.ToLower(data)
			ch := x.Channel()
			ch.Behind(nil)
			if strings.Contains(opts, "nocallerid") && ch.Identity().Caller.Number != "" {
				return nil
			}
			if ch.State() != call.StateUp && strings.Contains(opts, "answer") {
				if err := answered(x); err != nil {
					return err
				}
				x.Set("ZAPATELLERSTATUS", "ANSWERED")
				if err := x.Sleep(ctx, 500*time.Millisecond); err != nil {
					return err
				}
			} else if err := opened(x); err != nil {
				return err
			}
			if _, err := playTone(ctx, ch, "!950/330,!1400/330,!1800/330", ""); err != nil {
				return err
			}
			x.Set("ZAPATELLERSTATUS", "ZAPPED")
			return x.Sleep(ctx, time.Second)
		},
		Check: func(data string) (out []string) {
			for _, word := range rawArgs(data) {
				if w := strings.ToLower(strings.TrimSpace(word)); w != "" && w != "answer" && w != "nocallerid" && !strings.Contains(w, "${") && !strings.Contains(w, "|") {
					out = append(out, "Zapateller has no option "+word)
				}
			}
			return out
		},
	}
}
