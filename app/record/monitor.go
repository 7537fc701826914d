package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/media/sound"
	"obelus/pbx"
	"obelus/prompt/record"
)

// monitoring is what a Monitor has beside its take: two files, one for each direction.
type monitoring struct {
	kind   sound.Kind
	path   string // without -in, -out and the ending
	mix    bool
	exec   string // what mixes; "": we do
	args   string
	moved  string // the path at the end, once ChangeMonitor has said so
	has    [2]bool
	native bool // we mix
}

// side is the name of one file.
func (m *monitoring) side(path string, d Direction) string {
	return path + [2]string{"-in", "-out"}[d] + "." + m.kind.Ending
}

func (m *monitoring) mixed(path string) string { return path + "." + m.kind.Ending }

const monitorOptions = "bBimo"

func monitor(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "Monitor",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 3)
			return k.monitor(x, expand.Arg(args, 0), expand.Arg(args, 1), options(x, expand.Arg(args, 2), monitorOptions))
		},
		Check: func(data string) []string {
			args := expand.RawArgs(data, 3)
			format, url, _ := strings.Cut(expand.Arg(args, 0), ":")
			lacks := append(unknown("Monitor", expand.Arg(args, 2), monitorOptions), checkFormat("Monitor", format)...)
			if url != "" {
				lacks = append(lacks, "Monitor's URL for the call record is passed over")
			}
			return lacks
		},
	}
}

func (k *Desk) monitor(x *pbx.Exec, format, name string, opts pbx.Options) error {
	ch := x.Channel()
	if len(k.find(ch, isMonitor)) > 0 {
		ch.Log().Debug("Cannot start monitoring " + ch.Name() + ", already monitored")
		return nil
	}
	if format, _, _ = strings.Cut(format, ":"); format == "" {
		format = "wav"
	}
	kind, ok := sound.KindOf(format)
	if !ok {
		x.Warnf("Could not create file: no such format '%s'", format)
		return nil
	}
	m := &monitoring{kind: kind, mix: opts.Has('m'), exec: x.Get("MONITOR_EXEC"), args: x.Get("MONITOR_EXEC_ARGS")}
	m.native = m.mix && m.exec == ""
	if name == "" {
		name = fmt.Sprintf("audio-%d", k.serial.Add(1)-1)
	}
	var err error
	if m.path, err = fileName(name, k.deps.Monitor); err != nil {
		x.Warn(err.Error())
		return nil
	}
	t := &take{ch: ch, monitor: m, bridged: opts.Has('b')}
	if every, ok := opts.Get('B'); ok {
		t.beep = interval(every)
	}
	for _, d := range []Direction{Said, Sent} {
		if opts.Has([2]byte{'i', 'o'}[d]) {
			continue
		}
		m.has[d] = true
		if !m.native {
			t.one[d] = k.monitorTape(ch, m.path+[2]string{"-in", "-out"}[d], kind)
		}
	}
	if m.native {
		t.muted = [2]bool{!m.has[Said], !m.has[Sent]}
		t.both = k.monitorTape(ch, m.path, kind)
	}
	t.after = t.finishMonitor
	if err := k.begin(t, kind.Rate()); err != nil {
		x.Warnf("Cannot record: %v", err)
		return nil
	}
	x.Set("__MONITORED", "true")
	return nil
}

func (k *Desk) monitorTape(ch *call.Channel, path string, kind sound.Kind) *record.Tape {
	f := record.Files{Path: path, Kinds: []sound.Kind{kind}, Before: folder(path)}
	if k.deps.NoFiles {
		f.Kinds, f.Before = nil, nil
	}
	return record.NewTape(ch.Log(), f)
}

func isMonitor(t *take) bool { return t.monitor != nil }

// finishMonitor gives the files their names, and has them mixed.
func (t *take) finishMonitor() {
	t.mu.Lock()
	m := *t.monitor
	t.mu.Unlock()
	if t.desk.deps.NoFiles {
		return
	}
	if m.moved != "" && m.moved != m.path {
		if err := m.rename(); err != nil {
			t.ch.Log().Warn("a recording could not be renamed", "why", err)
		} else {
			m.path = m.moved
		}
	}
	if m.mix && !m.native {
		t.carryOut(strings.Join([]string{m.exec, quote(m.side(m.path, Said)), quote(m.side(m.path, Sent)), quote(m.mixed(m.path)), m.args}, " "))
	}
}

// rename moves the files to what ChangeMonitor has said.
func (m *monitoring) rename() error {
	if err := os.MkdirAll(filepath.Dir(m.moved), 0o777); err != nil {
		return err
	}
	if m.native {
		return os.Rename(m.mixed(m.path), m.mixed(m.moved))
	}
	var errs []error
	for _, d := range []Direction{Said, Sent} {
		if m.has[d] {
			errs = append(errs, os.Rename(m.side(m.path, d), m.side(m.moved, d)))
		}
	}
	return errors.Join(errs...)
}

func stopMonitor(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "StopMonitor",
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			for _, t := range k.find(x.Channel(), isMonitor) {
				t.end()
				x.Channel().Vars.Unset("MONITORED")
			}
			return nil
		},
	}
}

// pauseMonitor is PauseMonitor and UnpauseMonitor.
func pauseMonitor(k *Desk, name string, on bool) pbx.Application {
	return pbx.Application{
		Name: name,
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			for _, t := range k.find(x.Channel(), isMonitor) {
				t.mu.Lock()
				t.paused = on
				t.mu.Unlock()
			}
			return nil
		},
	}
}

func changeMonitor(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "ChangeMonitor",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if data == "" {
				x.Warn("ChangeMonitor requires an argument (filename_base)")
				return nil
			}
			list := k.find(x.Channel(), isMonitor)
			if len(list) == 0 {
				x.Warnf("Cannot change monitor filename of channel %s to %s, monitoring not started", x.Channel().Name(), data)
				return nil
			}
			path, err := fileName(expand.Arg(expand.Args(data, 1), 0), k.deps.Monitor)
			if err != nil {
				x.Warn(err.Error())
				return nil
			}
			list[0].mu.Lock()
			list[0].monitor.moved = path
			list[0].mu.Unlock()
			return nil
		},
	}
}
