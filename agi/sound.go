package agi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/prompt"
)

func soundCommands() []command {
	return []command{
		{words: "CONTROL STREAM FILE", args: "<filename> <escape digits> [<skipms>] [<ffchar>] [<rewchr>] [<pausechr>] [<offsetms>]",
			synopsis: "Plays a sound that the caller winds and pauses.", about: "# and * wind by skipms (3000) where no keys are given.\nSets CPLAYBACKSTATUS and CPLAYBACKOFFSET.", run: controlStream},
		{words: "GET DATA", args: "<file to be streamed> [<timeout>] [<max digits>]", synopsis: "Plays a sound and collects keys, until # or so many.",
			about: "timeout is in milliseconds. result is what was pressed, with (timeout)\nbehind it where it was waited for more in vain.", run: getData},
		{words: "GET OPTION", args: "<filename> <escape_digits> [<timeout>]", synopsis: "Plays a sound and waits, so many milliseconds, for one of the keys.", run: getOption},
		{words: "RECORD FILE", args: "<filename> <format> <escape digits> <timeout> [<offset samples>] [BEEP] [s=<silence>]", synopsis: "Records what the caller says, until one of the keys, for so many milliseconds at most, -1 for ever.",
			about: "With offset samples it goes on behind what is in the file, wherever that\nends. So many seconds of silence end it.\nresult is the key and (dtmf), or 0 and (timeout).", run: recordFile},
		{words: "STREAM FILE", args: "<filename> <escape digits> [<sample offset>]", synopsis: "Plays a sound until its end, or one of the keys.",
			about: "endpos is where it stopped, in samples of which a second has 8000.", run: streamFile},
		{words: "WAIT FOR DIGIT", args: "<timeout>", synopsis: "Waits for a key, for so many milliseconds, -1 for ever.", run: waitForDigit},
	}
}

// samples writes a place in a sound as the original counts it.
func samples(d time.Duration) int64 { return int64(d) * 8000 / int64(time.Second) }

// ended is the reply of what plays: the key and where it stopped.
func (s *session) ended(key byte, at time.Duration, err error) (string, error) {
	if err != nil && s.ctx.Err() != nil {
		return fmt.Sprintf("result=-1 endpos=%d", samples(at)), errFailed
	}
	return fmt.Sprintf("result=%d endpos=%d", key, samples(at)), nil
}

func streamFile(s *session, args []string) (string, error) {
	if len(args) < 2 || len(args) > 3 {
		return "", errUsage
	}
	from := 0
	if len(args) == 3 {
		var err error
		if from, err = strconv.Atoi(args[2]); err != nil {
			return "", errUsage
		}
	}
	s.ch.Unhold()
	key, at, err := s.d.Voice.PlayFrom(s.ctx, s.ch, args[1], args[0], time.Duration(max(from, 0))*time.Second/8000)
	return s.ended(key, at, err)
}

func getOption(s *session, args []string) (string, error) {
	if len(args) < 2 || len(args) > 3 {
		return "", errUsage
	}
	wait, _ := s.x.Waits()
	if len(args) == 3 {
		ms, err := strconv.Atoi(args[2])
		if err != nil {
			return "", errUsage
		}
		wait = time.Duration(ms) * time.Millisecond
	}
	s.ch.Unhold()
	key, at, err := s.d.Voice.PlayFrom(s.ctx, s.ch, args[1], args[0], 0)
	if errors.Is(err, prompt.ErrMissing) {
		return s.ended(0, at, err)
	}
	if key == 0 && err == nil {
		if key, err = prompt.Key(s.ctx, s.ch, wait); key != 0 && strings.IndexByte(args[1], key) < 0 {
			key = 0
		}
	}
	return s.ended(key, at, err)
}

// mostDigits is how many keys GET DATA collects where no number is given.
const mostDigits = 1024

func getData(s *session, args []string) (string, error) {
	if len(args) < 1 || len(args) > 3 {
		return "", errUsage
	}
	next, first := s.x.Waits()
	q := prompt.Question{Sounds: strings.Split(args[0], "&"), Max: mostDigits, First: first, Next: next, End: "#"}
	if len(args) > 1 {
		ms, _ := strconv.Atoi(args[1])
		switch {
		case ms > 0:
			q.First = time.Duration(ms) * time.Millisecond
			q.Next = q.First
		case ms < 0:
			q.First, q.Next = 1e6*time.Second, 1e6*time.Second
		}
	}
	if len(args) > 2 {
		if n, err := strconv.Atoi(args[2]); err == nil && n > 0 {
			q.Max = min(n, mostDigits)
		}
	}
	s.ch.Unhold()
	r, err := s.d.Voice.Ask(s.ctx, s.ch, q)
	switch {
	case err != nil && s.ctx.Err() != nil:
		return "result=-1", errFailed
	case r.TimedOut:
		return "result=" + r.Digits + " (timeout)", nil
	}
	return "result=" + r.Digits, nil
}

func waitForDigit(s *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	ms, err := strconv.Atoi(args[0])
	if err != nil {
		return "", errUsage
	}
	return s.keyResult(s.wait(ms))
}

// controls are the keys of CONTROL STREAM FILE.
type controls struct {
	stop, forward, rewind, pause string
	skip                         time.Duration
}

func controlStream(s *session, args []string) (string, error) {
	if len(args) < 2 || len(args) > 7 {
		return "", errUsage
	}
	word := func(i int, otherwise string) string {
		if i < len(args) && args[i] != "" {
			return args[i]
		}
		return otherwise
	}
	ms := func(i, otherwise int) time.Duration {
		n, err := strconv.Atoi(word(i, ""))
		if err != nil || n < 0 {
			n = otherwise
		}
		return time.Duration(n) * time.Millisecond
	}
	c := controls{stop: args[1], skip: ms(2, 3000), forward: word(3, "#"), rewind: word(4, "*"), pause: word(5, "")}
	s.ch.Unhold()
	key, at, status, err := s.control(args[0], c, ms(6, 0))
	s.x.Set("CPLAYBACKSTATUS", status)
	s.x.Set("CPLAYBACKOFFSET", strconv.FormatInt(at.Milliseconds(), 10))
	return s.ended(key, at, err)
}

// control plays a sound under the caller's control, from at on.
func (s *session) control(name string, c controls, at time.Duration) (key byte, _ time.Duration, status string, err error) {
	keys := c.stop + c.forward + c.rewind + c.pause
	for {
		key, at, err = s.d.Voice.PlayFrom(s.ctx, s.ch, keys, name, at)
		for err == nil && key != 0 && strings.IndexByte(c.pause, key) >= 0 && strings.IndexByte(c.stop, key) < 0 {
			key, err = s.wait(-1)
			if err == nil && strings.IndexByte(c.stop+c.pause, key) < 0 {
				key = c.pause[0] // it pauses on
			} else if strings.IndexByte(c.pause, key) >= 0 {
				break
			}
		}
		switch {
		case err != nil:
			return 0, at, "ERROR", err
		case key == 0:
			return 0, at, "SUCCESS", nil
		case strings.IndexByte(c.stop, key) >= 0:
			return key, at, "USERSTOPPED", nil
		case strings.IndexByte(c.forward, key) >= 0:
			at += c.skip
		case strings.IndexByte(c.rewind, key) >= 0:
			at = max(at-c.skip, 0)
		}
	}
}
