package phones

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// patience is how long a phone may take to say what is expected of it. It is
// generous, since a machine under test has few cores: nothing waits it out
// unless the test fails.
const patience = 20 * time.Second

// process is a program under the test's control: its output is collected, it
// leads a process group of its own, and it is gone when the test ends.
type process struct {
	t     testing.TB
	name  string // for messages: "linphonec 1001"
	cmd   *exec.Cmd
	stdin io.WriteCloser
	said  *transcript
	done  chan struct{} // closed when the process has been waited for
	err   error         // of Wait; read after done
}

// start runs cmd as name. quit, if set, asks it to leave when the test ends;
// either way it is killed when it does not.
func start(t testing.TB, name string, cmd *exec.Cmd, quit func(*process)) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: cmd, said: newTranscript(), done: make(chan struct{})}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatalf("%s: open standard input: %v", name, err)
	}
	p.stdin = stdin
	cmd.Stdout, cmd.Stderr = p.said, p.said
	cmd.WaitDelay = 2 * time.Second
	leadGroup(cmd)
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			t.Fatalf("%s: %v: run scenario/install-peers.sh on Debian to install the phones", name, err)
		}
		t.Fatalf("%s: start: %v", name, err)
	}
	go p.reap()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("---- all that %s said:\n%s", name, readable(p.said.String()))
		}
		p.stop(quit)
	})
	return p
}

func (p *process) reap() {
	p.err = p.cmd.Wait()
	p.said.end()
	close(p.done)
}

// stop ends the process: politely, then by signal, then by force.
func (p *process) stop(quit func(*process)) {
	if quit != nil {
		quit(p)
		if p.gone(3 * time.Second) {
			return
		}
	}
	endGroup(p.cmd, false)
	if p.gone(3 * time.Second) {
		return
	}
	endGroup(p.cmd, true)
	if !p.gone(5 * time.Second) {
		p.t.Errorf("%s does not end", p.name)
	}
}

// gone reports whether the process ends in that time.
func (p *process) gone(within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// say types a line.
func (p *process) say(format string, args ...any) {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.stdin, format+"\n", args...); err != nil {
		p.t.Fatalf("%s: type %q: %v", p.name, fmt.Sprintf(format, args...), err)
	}
}

// expect waits until the process says pattern after from; it returns the
// groups of the match.
func (p *process) expect(from int, pattern string) []string {
	p.t.Helper()
	groups, _ := p.said.expect(p.t, p.name, from, pattern)
	return groups
}

// readable drops what terminals take for colour and for overwriting a line,
// such as baresip's meter of the call.
func readable(s string) string {
	return regexp.MustCompile(`\x1b\[[0-9;]*m|\x1b\[;m|\r\[[0-9:]+\] audio=[^\r\n]*|\r`).ReplaceAllString(s, "")
}

// write makes a file that a phone reads.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatalf("write a phone's file: %v", err)
	}
}

// waitUntil tries again and again until it is so.
func waitUntil(t testing.TB, what string, so func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// heardWithin says whether something comes soon.
func heardWithin(c net.Conn) bool {
	if err := c.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		return false
	}
	_, err := c.Read(make([]byte, 2048))
	return err == nil
}
