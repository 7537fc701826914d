package agi

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"obelus/prompt/record"
)

// keyLength is what is cut off the end where a key ended a recording: the key's
// tone.
const keyLength = 200 * time.Millisecond

// wish is what RECORD FILE asks for.
type wish struct {
	name, format, stop string
	most               time.Duration // 0: for as long as it takes
	onward             bool          // go on behind what is there
	beep               bool
	silence            time.Duration // that ends it; 0: none does
}

func readWish(args []string) (w wish, ok bool) {
	if len(args) < 4 {
		return w, false
	}
	w.name, w.format, w.stop = args[0], args[1], args[2]
	ms, isNumber := leadingInt(args[3])
	if !isNumber {
		return w, false
	}
	w.most = time.Duration(max(ms, 0)) * time.Millisecond
	for i, a := range args[4:] {
		n, isNumber := leadingInt(a)
		switch silence, has := strings.CutPrefix(a, "s="); {
		case has:
			s, _ := strconv.Atoi(silence)
			w.silence = time.Duration(max(s, 0)) * time.Second
		case i == 0 && isNumber:
			w.onward = n > 0
		default:
			w.beep = true
		}
	}
	return w, true
}

func recordFile(s *session, args []string) (string, error) {
	w, ok := readWish(args)
	if !ok {
		return "", errUsage
	}
	s.ch.Unhold()
	if w.beep {
		if key, err := s.d.Voice.Play(s.ctx, s.ch, w.stop, "beep"); key != 0 || s.ctx.Err() != nil {
			reply, err := s.keyResult(key, err)
			return reply + " (randomerror) endpos=0", err
		}
	}
	path := w.name
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.d.Sounds, path)
	}
	r := record.Recorder{Voice: s.d.Voice}
	res, err := r.Record(s.ctx, s.ch, record.Order{
		Path: path, Formats: []string{w.format}, Append: w.onward, Max: w.most, Silence: w.silence, Stop: w.stop,
		KeepSilence: time.Second, CutKey: keyLength,
	})
	endpos := fmt.Sprintf(" endpos=%d", samples(res.Length))
	switch res.Ended {
	case record.ByHangup:
		return "result=-1 (hangup)" + endpos, errFailed
	case record.ByFailure:
		s.x.Warnf("RECORD FILE: %v", err)
		return "result=-1 (writefile)", errFailed
	case record.ByKey:
		return fmt.Sprintf("result=%d (dtmf)%s", res.Key, endpos), nil
	}
	return "result=0 (timeout)" + endpos, nil
}
