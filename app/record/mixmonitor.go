package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt/record"
)

const mixOptions = "aBbcDdimnPprStVvW"

func mixMonitor(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "MixMonitor",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			if data == "" {
				x.Warn("MixMonitor requires an argument (filename or ,t(filename) and/or r(filename)")
				return pbx.ErrHangup
			}
			args := expand.Args(data, 3)
			m := &mixing{k: k, x: x, opts: options(x, expand.Arg(args, 1), mixOptions)}
			return m.start(ctx, args[0], expand.Arg(args, 2))
		},
		Check: func(data string) (lacks []string) {
			args := expand.RawArgs(data, 3)
			lacks = unknown("MixMonitor", expand.Arg(args, 1), mixOptions)
			if opts, err := pbx.ParseOptions(expand.Arg(args, 1), mixOptions); err == nil && strings.Contains(opts['m'], "/") {
				lacks = append(lacks, "MixMonitor option m: the copy is put into the folder INBOX, whatever folder is named")
			}
			if name := expand.Arg(args, 0); strings.Contains(name, ".") && !strings.ContainsAny(name, "${}") {
				lacks = append(lacks, checkFormat("MixMonitor", name[strings.LastIndexByte(name, '.')+1:])...)
			}
			return lacks
		},
	}
}

// mixing is a MixMonitor that is about to begin.
type mixing struct {
	k    *Desk
	x    *pbx.Exec
	opts pbx.Options
	t    *take
	rate int
}

func (m *mixing) start(ctx context.Context, name, cmd string) error {
	x := m.x
	m.t = &take{ch: x.Channel(), id: fmt.Sprintf("0x%x", m.k.serial.Add(1)), bridged: m.opts.Has('b'), stereo: m.opts.Has('D'), goodbye: m.opts.Has('P')}
	received, _ := m.opts.Get('r')
	sent, _ := m.opts.Get('t')
	if name == "" && received == "" && sent == "" {
		x.Warn("MixMonitor requires an argument (filename)")
		return pbx.ErrHangup
	}
	if err := m.open(name, received, sent); err != nil {
		x.Warnf("Cannot record: %v", err)
		return nil
	}
	m.volumes()
	if every, ok := m.opts.Get('B'); ok {
		m.t.beep = interval(every)
	}
	m.follow(cmd)
	if m.opts.Has('p') {
		m.t.desk = m.k
		m.t.playBeep(ctx)
	}
	if err := m.k.begin(m.t, m.rate); err != nil {
		x.Warnf("Cannot record: %v", err)
		return nil
	}
	x.Verbose(2, "Begin MixMonitor Recording "+x.Channel().Name())
	if variable, ok := m.opts.Get('i'); ok && variable != "" {
		x.Set(variable, m.t.id)
	}
	return nil
}

// interval is the argument of option B: seconds, 15 where it is none.
func interval(s string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n <= 0 {
		n = 15
	}
	return time.Duration(min(n, 86400)) * time.Second
}

// open makes the tapes: of the two mixed, of what is received, of what is sent.
func (m *mixing) open(names ...string) error {
	var paths [3]string
	m.rate = 8000
	for i, name := range names {
		if name == "" {
			continue
		}
		path, err := fileName(name, m.k.deps.Monitor)
		if err != nil {
			return err
		}
		if i == 0 && m.t.stereo {
			path = strings.TrimSuffix(path, extension(path)) + ".raw"
		}
		if extension(path) == "" {
			path += ".raw"
		}
		_, kind, err := split(path)
		if err != nil {
			return err
		}
		paths[i], m.rate = path, max(m.rate, kind.Rate())
	}
	if m.t.stereo {
		m.rate = 8000
	}
	if paths[0] != "" {
		m.x.Set("MIXMONITOR_FILENAME", paths[0])
	}
	m.t.files = Recording{m.t.id, paths[0], paths[1], paths[2]}
	for i, at := range []**record.Tape{&m.t.both, &m.t.one[Said], &m.t.one[Sent]} {
		if paths[i] == "" {
			continue
		}
		rate := m.rate
		if i == 0 && m.t.stereo {
			rate = 0 // samples of both, one after the other, in a file that knows of no rate
		}
		tape, err := m.k.tape(m.x.Channel(), paths[i], rate, m.opts.Has('a'))
		if err != nil {
			return err
		}
		*at = tape
	}
	return nil
}

// extension is a name's ending with its dot.
func extension(path string) string {
	i := strings.LastIndexByte(path, '.')
	if i < 0 || strings.ContainsAny(path[i:], `/\`) {
		return ""
	}
	return path[i:]
}

// volumes are options v (what the phone says), V (what it is sent) and W (both): from
// -4 to 4, each step twice as loud.
func (m *mixing) volumes() {
	for _, o := range []struct {
		letter byte
		which  []Direction
	}{{'v', []Direction{Said}}, {'V', []Direction{Sent}}, {'W', []Direction{Said, Sent}}} {
		value, ok := m.opts.Get(o.letter)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < -4 || n > 4 {
			m.x.Warnf("%s volume must be a number between -4 and 4, not '%s'", map[byte]string{'v': "Heard", 'V': "Spoken", 'W': "Combined"}[o.letter], value)
			continue
		}
		for _, d := range o.which {
			if m.t.gain[d] = 1; n != 0 {
				m.t.gain[d] = step(n)
			}
		}
	}
}

// step is how loud n steps are.
func step(n int) float64 {
	if n < 0 {
		return 1 / float64(int(1)<<-n)
	}
	return float64(int(1) << n)
}

// follow settles what is done with the recording.
func (m *mixing) follow(cmd string) {
	line := command(m.x, cmd, written(m.x, "MixMonitor", 3, 2))
	ch, t, x := m.x.Channel(), m.t, m.x
	boxes, copies := m.opts.Get('m')
	drop, place := m.opts.Has('d') && copies, x.Place()
	t.after = func() {
		x.Verbose(2, "End MixMonitor Recording "+ch.Name())
		t.carryOut(line)
		if copied := copies && t.mail(boxes, place); drop && copied {
			if err := os.Remove(t.files.Both); err != nil && !errors.Is(err, os.ErrNotExist) {
				ch.Log().Warn("the recording could not be removed", "why", err)
			}
		}
	}
}

// mail copies the recording into mailboxes; false where one has not taken it.
func (t *take) mail(boxes string, at call.Place) (all bool) {
	all = true
	for box := range strings.SplitSeq(boxes, ",") {
		box, _, _ = strings.Cut(strings.TrimSpace(box), "/")
		if box == "" {
			continue
		}
		err := errors.New("there are no mailboxes")
		if t.desk.deps.Mail != nil {
			err = t.desk.deps.Mail(box, t.files.Both, t.ch, at)
		}
		if err != nil {
			t.ch.Log().Warn("a recording was not copied into a mailbox", "mailbox", box, "why", err)
			all = false
		}
	}
	return all
}

func stopMixMonitor(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "StopMixMonitor",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			k.StopMixMonitor(x, expand.Arg(expand.Args(data, 1), 0))
			return nil
		},
	}
}

// StopMixMonitor ends the MixMonitor of a channel with an id, or the newest.
func (k *Desk) StopMixMonitor(x *pbx.Exec, id string) {
	list := k.find(x.Channel(), func(t *take) bool { return t.monitor == nil && (id == "" || t.id == id) })
	if len(list) == 0 {
		x.Warn("Could not find the MixMonitor to stop")
		return
	}
	list[len(list)-1].end()
}

// mixMonitorFunction is MIXMONITOR(id,key).
func mixMonitorFunction(k *Desk) pbx.Function {
	return pbx.Function{
		Name: "MIXMONITOR",
		Read: func(x *pbx.Exec, args string) (string, error) {
			list := expand.Args(args, 2)
			id, key := expand.Arg(list, 0), expand.Arg(list, 1)
			if id == "" || key == "" {
				return "", fmt.Errorf("MIXMONITOR() requires a mixmonitor ID and a key")
			}
			found := k.find(x.Channel(), func(t *take) bool { return t.monitor == nil && t.id == id })
			if len(found) == 0 {
				return "", fmt.Errorf("could not find MixMonitor with ID %s", id)
			}
			if !strings.EqualFold(key, "filename") {
				return "", fmt.Errorf("unrecognized MIXMONITOR() key: %s", key)
			}
			return found[0].files.Both, nil
		},
	}
}
