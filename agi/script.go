package agi

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"obelus/pbx"
)

// launch starts a script, without a shell: its arguments are the words behind the
// first, and the first itself is its own name, as in the original.
func (d *Deps) launch(x *pbx.Exec, args []string, enhanced bool) (*link, error) {
	path, ok := Find(d.Dirs, args[0])
	if !ok {
		x.Warnf("Failed to execute '%s': File does not exist.", path)
		return nil, errNotFound
	}
	cmd := &exec.Cmd{Path: path, Args: args, Env: append(os.Environ(), d.Env...), Stderr: os.Stderr}
	prepare(cmd)
	l, err := d.spawn(cmd, enhanced)
	if err != nil {
		x.Warnf("Failed to execute '%s': %v", path, err)
		return nil, errStart
	}
	x.Verbose(3, "Launched AGI Script "+path)
	return l, nil
}

// Find looks for a script, and returns its path, or where it would be looked for
// first.
func Find(dirs []string, name string) (path string, ok bool) {
	if filepath.IsAbs(name) {
		dirs = []string{""}
	}
	for i, dir := range dirs {
		p := filepath.Join(dir, name)
		if i == 0 {
			path = p
		}
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			return p, true
		}
	}
	return path, false
}

// spawn starts the process and makes the link to it.
func (d *Deps) spawn(cmd *exec.Cmd, enhanced bool) (*link, error) {
	p := &pipes{}
	in, toScript := p.pipe()
	fromScript, out := p.pipe()
	cmd.Stdin, cmd.Stdout = in, out
	l := &link{r: fromScript, w: toScript}
	theirs := []*os.File{in, out}
	if enhanced {
		sound, toSound := p.pipe()
		cmd.ExtraFiles, l.audio = []*os.File{sound}, toSound // fd 3
		theirs = append(theirs, sound)
	}
	if p.err == nil {
		p.err = cmd.Start()
	}
	if p.err != nil {
		p.close()
		return nil, p.err
	}
	for _, f := range theirs {
		f.Close()
	}
	exited := make(chan struct{})
	go func() { // also where nobody waits for it any more: no zombie stays
		_ = cmd.Wait() // how it ended is in ProcessState
		close(exited)
	}()
	l.exited = exited
	l.code = func() int { return cmd.ProcessState.ExitCode() }
	l.hangup = func() error { return hangup(cmd.Process) }
	l.close = func() {
		toScript.Close()
		fromScript.Close()
		if l.audio != nil {
			l.audio.Close()
		}
	}
	return l, nil
}

// pipes makes pipes until one fails.
type pipes struct {
	all []*os.File
	err error
}

func (p *pipes) pipe() (r, w *os.File) {
	if p.err != nil {
		return nil, nil
	}
	if r, w, p.err = os.Pipe(); p.err == nil {
		p.all = append(p.all, r, w)
	}
	return r, w
}

func (p *pipes) close() {
	for _, f := range p.all {
		f.Close()
	}
}

// oneLine takes line ends out of a value that came from outside, so that it can't
// say anything in another's name.
func oneLine(s string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}
