package voicemail

import (
	"context"
	"math"
	"time"

	"obelus/media/sound"
	"obelus/prompt/record"
	"obelus/voicemail/mailbox"
)

// keepSilence is how much of the silence at the end of a recording stays.
const keepSilence = 200 * time.Millisecond

// recording is what is to be recorded.
type recording struct {
	stem       string // where, without endings
	longest    time.Duration
	maxSilence time.Duration
	level      int     // mean level below which it is silent; 0: that of dsp.conf
	gain       float64 // decibels
	accept     string  // keys that end it
	cancel     string  // keys that end it and have it forgotten
	beep       string
	prompts    []string
	prepend    bool // before what is there
}

// taken is what came of it.
type taken struct {
	key      byte          // that ended it, 's' for silence, 't' for the time, 0 when the caller hung up
	length   time.Duration // of what was recorded now
	spoken   time.Duration // without silence
	canceled bool
}

// record records what the caller says. The error is that of a context that has ended: then what was said until then has been recorded.
func (l *line) record(ctx context.Context, r recording) (taken, error) {
	if _, err := l.tell(ctx, r.prompts...); err != nil { // a key goes on to the tone
		return taken{}, err
	}
	o := record.Order{
		Path: r.stem, Formats: l.formats(), Prepend: r.prepend, Before: []string{r.beep}, Max: r.longest, Silence: r.maxSilence, Threshold: r.level, Stop: r.accept, Cancel: r.cancel,
		KeepSilence: keepSilence,
	}
	if r.gain != 0 {
		o.Gain = math.Pow(10, r.gain/20)
	}
	desk := record.Recorder{Voice: l.Voice}
	if l.Threshold != nil {
		desk.Threshold = l.Threshold()
	}
	res, err := desk.Record(ctx, l.ch, o)
	t := taken{key: res.Key, length: res.Length, spoken: res.Talked, canceled: res.Ended == record.ByCancel}
	switch res.Ended {
	case record.BySilence:
		t.key = 's'
	case record.ByLimit:
		t.key = 't'
	}
	return t, err
}

// formats are those of voicemail.conf that can be written: wav where none can.
func (l *line) formats() []string {
	var out []string
	for _, f := range l.general().Formats {
		if _, ok := sound.KindOf(f); ok {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return []string{"wav"}
	}
	return out
}

// endings are those of all files that a recording may have.
func endings(g *mailbox.General) []string {
	var out []string
	for _, f := range g.Formats {
		out = append(out, mailbox.Ending(f))
	}
	return append(out, ".wav")
}
