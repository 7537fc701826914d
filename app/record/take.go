package record

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"obelus/call"
	"obelus/media/sound"
	"obelus/pbx"
	"obelus/prompt/record"
)

// Direction is one of the two ways of a channel's sound.
type Direction uint8

// The directions: what the phone says, and what it is sent.
const (
	Said Direction = iota
	Sent
)

// take is a recording that goes on beside the call.
//
//	running ──end──▶ ended: its files are written out ──▶ what is to follow
type take struct {
	desk    *Desk
	ch      *call.Channel
	id      string // of a MixMonitor
	monitor *monitoring
	files   Recording     // for who asks
	bridged bool          // only while the channel is in a bridge
	stereo  bool          // both directions side by side
	gain    [2]float64    // 0: as it is
	beep    time.Duration // between beeps; 0: none
	goodbye bool          // a beep at the end
	both    *record.Tape  // of the two mixed; nil: none
	one     [2]*record.Tape
	after   func() // when the files are written
	stop    func() // ends listening
	ended   chan struct{}
	once    sync.Once

	mu     sync.Mutex
	muted  [2]bool
	paused bool
	scaled [2][]int16
	mixed  []int16
}

// begin has a take hear its channel. It ends with the channel.
func (k *Desk) begin(t *take, rate int) error {
	t.desk, t.ended = k, make(chan struct{})
	stop, err := record.Listen(t.ch, rate, t.hear)
	if err != nil {
		for _, tape := range t.tapes() {
			tape.End()
		}
		return err
	}
	t.stop = stop
	k.mu.Lock()
	k.takes[t.ch] = append(k.takes[t.ch], t)
	k.mu.Unlock()
	k.closing.Add(1)
	t.ch.AtEnd(t.end)
	select {
	case <-t.ch.Done():
		t.end() // it has ended meanwhile
	default:
	}
	if t.beep > 0 {
		go t.beeps()
	}
	return nil
}

func (t *take) tapes() []*record.Tape {
	var list []*record.Tape
	for _, tape := range []*record.Tape{t.both, t.one[Said], t.one[Sent]} {
		if tape != nil {
			list = append(list, tape)
		}
	}
	return list
}

// hear is called by the media plane, every 20 ms.
func (t *take) hear(in, out []int16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paused || t.bridged && t.ch.Bridge() == nil {
		return
	}
	in, out = t.adjust(Said, in), t.adjust(Sent, out)
	if t.one[Said] != nil {
		t.one[Said].Put(in)
	}
	if t.one[Sent] != nil {
		t.one[Sent].Put(out)
	}
	if t.both == nil {
		return
	}
	t.mixed = t.mixed[:0]
	for i := range in {
		if t.stereo {
			t.mixed = append(t.mixed, in[i], out[i])
		} else {
			t.mixed = append(t.mixed, int16(min(max(int32(in[i])+int32(out[i]), -32768), 32767)))
		}
	}
	t.both.Put(t.mixed)
}

// adjust mutes a direction, or makes it louder; t.mu is held.
func (t *take) adjust(d Direction, pcm []int16) []int16 {
	gain := t.gain[d]
	if !t.muted[d] && gain == 0 {
		return pcm
	}
	own := append(t.scaled[d][:0], pcm...)
	t.scaled[d] = own
	for i, s := range own {
		if t.muted[d] {
			own[i] = 0
		} else {
			own[i] = int16(min(max(float64(s)*gain, -32768), 32767))
		}
	}
	return own
}

// end ends a take; what follows is done behind whoever ends it.
func (t *take) end() {
	t.once.Do(func() {
		t.stop()
		close(t.ended)
		for _, tape := range t.tapes() {
			tape.End()
		}
		k := t.desk
		k.mu.Lock()
		if k.takes[t.ch] = slices.DeleteFunc(k.takes[t.ch], func(x *take) bool { return x == t }); len(k.takes[t.ch]) == 0 {
			delete(k.takes, t.ch)
		}
		k.mu.Unlock()
		go func() {
			defer k.closing.Done()
			for _, tape := range t.tapes() {
				<-tape.Done()
			}
			if t.goodbye && !t.ch.IsGone() {
				t.playBeep(t.ch.Context())
			}
			if t.after != nil {
				t.after()
			}
		}()
	})
}

// beeps lets the party hear now and then that it is recorded.
func (t *take) beeps() {
	tick := time.NewTicker(t.beep)
	defer tick.Stop()
	for {
		select {
		case <-t.ended:
			return
		case <-tick.C:
			t.playBeep(t.ch.Context())
		}
	}
}

// playBeep plays a beep beside whatever the channel does.
func (t *take) playBeep(ctx context.Context) {
	m := t.ch.Media()
	if m == nil {
		return
	}
	src, err := t.desk.deps.Voice.Sounds.Open("beep", t.ch.Language(), t.ch.Leg().Formats())
	if err != nil {
		t.ch.Log().Warn("File beep does not exist in any format", "why", err)
		return
	}
	defer src.Close()
	if err := m.Play(ctx, src); err != nil && ctx.Err() == nil {
		t.ch.Log().Debug("the beep could not be played", "why", err)
	}
}

// find lists the takes of a channel that match, oldest first.
func (k *Desk) find(ch *call.Channel, is func(*take) bool) []*take {
	k.mu.Lock()
	defer k.mu.Unlock()
	var list []*take
	for _, t := range k.takes[ch] {
		if is(t) {
			list = append(list, t)
		}
	}
	return list
}

// Recording is a MixMonitor for those who look: the files it writes, "" for none.
type Recording struct{ ID, Both, Said, Sent string }

// List lists the MixMonitors of a channel, oldest first.
func (k *Desk) List(ch *call.Channel) (list []Recording) {
	for _, t := range k.find(ch, func(t *take) bool { return t.monitor == nil }) {
		list = append(list, t.files)
	}
	return list
}

// Mute has the MixMonitors of a channel, or the one with an id, hear silence in a
// direction, until it is called with false. It returns how many there are.
func (k *Desk) Mute(ch *call.Channel, id string, d Direction, on bool) int {
	list := k.find(ch, func(t *take) bool { return t.monitor == nil && (id == "" || t.id == id) })
	for _, t := range list {
		t.mu.Lock()
		t.muted[d] = on
		t.mu.Unlock()
	}
	return len(list)
}

// tape makes a tape of one file, whose name ends in the ending of a kind: in the way of
// the original raw where there is none.
func (k *Desk) tape(ch *call.Channel, path string, rate int, add bool) (*record.Tape, error) {
	base, kind, err := split(path)
	if err != nil {
		return nil, err
	}
	f := record.Files{Path: base, Kinds: []sound.Kind{kind}, Append: add, Rate: rate, Before: folder(base)}
	if k.deps.NoFiles {
		f.Kinds, f.Before = nil, nil
	}
	return record.NewTape(ch.Log(), f), nil
}

// split takes a file's name apart.
func split(path string) (base string, kind sound.Kind, err error) {
	ext := filepath.Ext(path)
	base = path[:len(path)-len(ext)]
	if ext == "" {
		ext = ".raw"
	}
	kind, ok := sound.KindOf(ext[1:])
	if !ok {
		return "", kind, fmt.Errorf("%w: %q", record.ErrNoKind, ext[1:])
	}
	return base, kind, nil
}

// folder makes the folder of a file.
func folder(path string) func() error {
	return func() error { return os.MkdirAll(filepath.Dir(path), 0o777) }
}

// options reads option letters; what is wrong is said.
func options(x *pbx.Exec, s, known string) pbx.Options {
	o, err := pbx.ParseOptions(s, known)
	if err != nil {
		x.Warn(err.Error())
	}
	return o
}
