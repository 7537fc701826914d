package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed c/loop.c
var loopC []byte

// relay is a thing to measure.
type relay struct {
	name, version string
	cmd           func(streams int) *exec.Cmd
	// open has the running relay take the streams of phones at phonesAddr and
	// returns the port that each phone sends to.
	open func(ctx context.Context, p *process, streams int) ([]int, error)
}

// relays finds what is to be measured.
func (h *house) relays(ctx context.Context, o options) ([]*relay, error) {
	var out []*relay
	for _, name := range o.relays {
		var r *relay
		var err error
		switch {
		case name == "c":
			r, err = h.bareLoop(ctx)
		case name == "rtpengine":
			r, err = h.rtpengine(ctx)
		case strings.HasPrefix(name, "obelus"):
			r, err = h.obelus(name, o.profile)
		default:
			err = errors.New("there are obelus, obelus-go, obelus-nowait, rtpengine and c")
		}
		if err != nil {
			return nil, fmt.Errorf("-relays %s: %w", name, err)
		}
		r.name = name
		out = append(out, r)
	}
	return out, nil
}

func (h *house) bareLoop(ctx context.Context) (*relay, error) {
	bin, err := h.buildC(ctx)
	if err != nil {
		return nil, err
	}
	version, err := exec.CommandContext(ctx, "cc", "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("cc --version: %w", err)
	}
	first, _, _ := bytes.Cut(version, []byte("\n"))
	return &relay{
		version: "bench/relay/c/loop.c, " + string(first),
		cmd: func(streams int) *exec.Cmd {
			return h.inRelay(bin, strconv.Itoa(streams), relayAddr, phonesAddr, strconv.Itoa(firstPhone))
		},
		open: openByPipe,
	}, nil
}

// openByPipe is how the bare loop and obelus are told to open their ports.
func openByPipe(_ context.Context, p *process, streams int) ([]int, error) {
	if _, err := io.WriteString(p.in, "open\n"); err != nil {
		return nil, err
	}
	var ports []int
	for {
		line, err := p.line()
		if err != nil {
			return nil, err
		}
		if line == "ready" {
			break
		}
		port, err := strconv.Atoi(line)
		if err != nil {
			return nil, fmt.Errorf("it says %q", line)
		}
		ports = append(ports, port)
	}
	if len(ports) != streams {
		return nil, fmt.Errorf("it opened %d ports, not %d", len(ports), streams)
	}
	return ports, nil
}

// process is a relay that runs.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// start runs the relay.
func (r *relay) start(streams int) (*process, error) {
	cmd := r.cmd(streams)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", r.name, err)
	}
	return &process{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) line() (string, error) {
	text, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("it ended: %w", err)
	}
	return strings.TrimSpace(text), nil
}

// stop ends the relay: politely first, a profile may have to be written.
func (p *process) stop() {
	p.in.Close()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	_, _ = io.Copy(io.Discard, p.out)
	_ = p.cmd.Wait() // it was killed: what it says to that is of no interest
}
