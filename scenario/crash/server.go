package crash

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

// server is an obelus that is killed and started again, with one configuration and one
// data directory for all its lives.
type server struct {
	binary   string
	dir      string
	addr     netip.AddrPort
	lives    int
	promises bool // its store lasts, so that it is worth waiting for what should come
	cmd      *exec.Cmd
	killed   time.Time // last
	ended    chan error
}

// patience is how long anything may take before it counts as not happening.
const patience = 30 * time.Second

// newServer writes the configuration; own is obelus.conf.
func newServer(binary, dir, own string) (*server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	sound := 20000 + int(addr.Port())%20000/100*100
	s := &server{binary: binary, dir: dir, addr: addr}
	return s, errors.Join(
		os.WriteFile(filepath.Join(dir, "sip.conf"), sipConf(addr), 0o600),
		os.WriteFile(filepath.Join(dir, "extensions.conf"), []byte(extensions), 0o600),
		os.WriteFile(filepath.Join(dir, "rtp.conf"), fmt.Appendf(nil, "[general]\nrtpstart=%d\nrtpend=%d\n", sound, sound+98), 0o600),
		os.WriteFile(filepath.Join(dir, "obelus.conf"), []byte("[stun]\nenable=no\n"+own), 0o600),
		os.WriteFile(filepath.Join(dir, "cdr.conf"), []byte("[general]\n[csv]\naccountlogs=no\n"), 0o600),
		os.Mkdir(s.data(), 0o700))
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

// start begins a life, and returns when the server answers.
func (s *server) start(ctx context.Context) error {
	s.lives++
	out, err := os.Create(filepath.Join(s.dir, fmt.Sprintf("life-%d.log", s.lives)))
	if err != nil {
		return err
	}
	defer out.Close()
	s.cmd, s.ended = exec.Command(s.binary, "serve", "--config", s.dir, "--data", s.data()), make(chan error, 1)
	s.cmd.Stdout, s.cmd.Stderr = out, out
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start obelus: %w", err)
	}
	cmd, ended := s.cmd, s.ended
	go func() { ended <- cmd.Wait() }()
	if err := s.answers(ctx); err != nil {
		return fmt.Errorf("life %d of obelus: %w\n%s", s.lives, err, s.lastWords())
	}
	return nil
}

// answers asks OPTIONS until something comes back.
func (s *server) answers(ctx context.Context) error {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(s.addr))
	if err != nil {
		return err
	}
	defer conn.Close()
	buf := make([]byte, 4096)
	for begin, i := time.Now(), 0; time.Since(begin) < patience; i++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("it has ended: %w", errors.Join(err, errEnded))
		default:
		}
		// A refused datagram is an error of the next call; both mean "not yet".
		_, _ = fmt.Fprintf(conn, "OPTIONS sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bKo%[3]d;rport\r\nMax-Forwards: 70\r\n"+
			"From: <sip:test@127.0.0.1>;tag=o%[3]d\r\nTo: <sip:%[1]s>\r\nCall-ID: o%[3]d@127.0.0.1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", s.addr, conn.LocalAddr(), i)
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
			return err
		}
		if _, err := conn.Read(buf); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no answer to OPTIONS within %v", patience)
}

var errEnded = errors.New("nobody asked it to")

// kill ends a life as a power cut would end the process: nothing is said to it.
func (s *server) kill() error {
	if s.cmd == nil {
		return nil
	}
	s.killed = time.Now()
	err := s.cmd.Process.Kill()
	<-s.ended
	s.cmd = nil
	if errors.Is(err, os.ErrProcessDone) {
		return errors.New("the server had ended by itself\n" + s.lastWords())
	}
	return err
}

// console gives a command of the console, and returns what it prints.
func (s *server) console(ctx context.Context, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, s.binary, "console", "--data", s.data(), "-x", command).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("console %q: %w\n%s", command, err, out)
	}
	return string(out), nil
}

// lastWords is the end of what this life of the server printed.
func (s *server) lastWords() string {
	text, err := os.ReadFile(filepath.Join(s.dir, fmt.Sprintf("life-%d.log", s.lives)))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-3000):])
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
