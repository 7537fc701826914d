package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The cores of a machine with two or more: one for the server, one for the
// generator. Everything that is measured is CPU time, so a slower clock on one
// of them is all that could differ, and it is the same for both servers.
const (
	serverCore    = "0"
	generatorCore = "1"
)

// server is a server that runs.
type server struct {
	name    string
	addr    netip.AddrPort
	cmd     *exec.Cmd
	log     string // the file that its output goes to
	exited  chan error
	started time.Duration // from start to the first answer
}

const (
	startLimit = 60 * time.Second
	stopLimit  = 10 * time.Second
)

// startServer starts a server, pinned if the machine can, and waits until it
// answers OPTIONS.
func startServer(ctx context.Context, dir, name string, addr netip.AddrPort, argv ...string) (*server, error) {
	if taskset, err := exec.LookPath("taskset"); err == nil {
		argv = append([]string{taskset, "-c", serverCore}, argv...)
	}
	out, err := os.CreateTemp(dir, name+"-*.log")
	if err != nil {
		return nil, err
	}
	defer out.Close()
	s := &server{name: name, addr: addr, log: out.Name(), exited: make(chan error, 1)}
	s.cmd = exec.Command(argv[0], argv[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = out, out
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.exited <- s.cmd.Wait() }()
	if err := s.answers(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w\n%s", name, err, s.lastWords()), s.stop())
	}
	s.started = time.Since(begin)
	return s, nil
}

// answers asks OPTIONS until something comes back.
func (s *server) answers(ctx context.Context) error {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(s.addr))
	if err != nil {
		return err
	}
	defer conn.Close()
	buf := make([]byte, 4096)
	for begin, i := time.Now(), 0; time.Since(begin) < startLimit; i++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.exited:
			s.exited <- err
			return fmt.Errorf("it has ended: %v", err)
		default:
		}
		// A refused datagram is an error of the next call; both mean "not yet".
		_, _ = fmt.Fprintf(conn, "OPTIONS sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bKo%[3]d;rport\r\nMax-Forwards: 70\r\n"+
			"From: <sip:bench@127.0.0.1>;tag=o%[3]d\r\nTo: <sip:%[1]s>\r\nCall-ID: o%[3]d@127.0.0.1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", s.addr, conn.LocalAddr(), i)
		if err := conn.SetReadDeadline(time.Now().Add(5 * time.Millisecond)); err != nil {
			return err
		}
		n, err := conn.Read(buf)
		if err == nil && message(buf[:n]).status() != 0 {
			return nil
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			time.Sleep(2 * time.Millisecond) // refused at once
		}
	}
	return fmt.Errorf("no answer to OPTIONS within %v", startLimit)
}

// stop ends the server that was started, and no other process.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(stopSignal()); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-s.exited:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return err
		}
		return nil
	case <-time.After(stopLimit):
		return errors.Join(fmt.Errorf("%s did not end within %v", s.name, stopLimit), s.cmd.Process.Kill())
	}
}

// lastWords returns the end of what the server printed.
func (s *server) lastWords() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// freeAddr finds a UDP port of 127.0.0.1 that is free now.
func freeAddr() (netip.AddrPort, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort(), nil
}

func (b *bench) startKamailio(ctx context.Context) (*server, error) {
	bin, err := exec.LookPath(b.kamailio)
	if err != nil {
		return nil, fmt.Errorf("%w; on Debian: apt-get install kamailio", err)
	}
	config, err := filepath.Abs("bench/kamailio.cfg")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, "kamailio")
	if err != nil {
		return nil, err
	}
	return startServer(ctx, b.dir, "kamailio", addr, bin, "-f", config, "-l", "udp:"+addr.String(),
		"-n", "1", "-x", "fm", "-X", "fm", "-m", "256", "-M", "32", "-DD", "-E", "-Y", dir, "-w", dir)
}
