package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/console"
	"obelus/internal/filetree"
)

// TestServeByFlags starts the whole server with the original's flags, asks it
// something by -rx, and stops it the same way.
func TestServeByFlags(t *testing.T) {
	for name, flags := range map[string]string{"foreground": "-fqC", "with a console": "-cqvvvC", "muted": "-cmC"} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			dir := filetree.Write(t, map[string]string{
				"asterisk.conf": "[directories]\nastdbdir=" + home + "\nastrundir=" + filepath.Join(home, "run") + "\n[options]\nmaxload=1\n",
				"sip.conf":      fmt.Sprintf("[general]\nallowguest=no\nudpbindaddr=127.0.0.1:%d\n", freePort(t)), "extensions.conf": "[default]\nexten => s,1,Hangup()\n",
			})
			main := filepath.Join(dir, "asterisk.conf")
			code, out := captured(t, func() int {
				ended := make(chan int, 1)
				go func() { ended <- run("asterisk", []string{flags, main}) }()
				if code := awaitServer(t, filepath.Join(home, "run", "asterisk.ctl"), ended); code != 0 {
					return code
				}
				for _, command := range []string{"core waitfullybooted", "core nonsense", "dialplan show default", "core stop now"} {
					if code := run("asterisk", []string{"-C", main, "-rx", command}); code != 0 {
						t.Errorf("%s: exit %d", command, code)
					}
				}
				return <-ended
			})
			if code != 0 {
				t.Errorf("the server: exit %d\n%s", code, out)
			}
			for _, want := range []string{"Asterisk has fully booted.", "No such command 'core nonsense'", "[ Context 'default'", "asterisk.conf:5: warning: maxload is not supported"} {
				if !strings.Contains(out, want) {
					t.Errorf("%q is missing:\n%s", want, out)
				}
			}
			if greeted := strings.Contains(out, "is serving"); greeted == strings.Contains(flags, "q") {
				t.Errorf("greeted: %v\n%s", greeted, out)
			}
			if _, err := os.Stat(filepath.Join(home, "run", "asterisk.ctl")); err == nil {
				t.Error("the socket is left behind")
			}
		})
	}
}

// freePort is a port of UDP that nobody has now.
func freePort(t *testing.T) int {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	return pc.LocalAddr().(*net.UDPAddr).Port
}

// awaitServer returns 0 when the socket is served, and the exit code of a server
// that has ended instead.
func awaitServer(t *testing.T, socket string, ended chan int) int {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case code := <-ended:
			t.Error("the server ended")
			return max(code, 1)
		case <-again.C:
			if c, err := console.Dial(socket, io.Discard); err == nil {
				c.Close()
				return 0
			}
		}
	}
}

// TestAttach: what a console's exit code says.
func TestAttach(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "x.ctl")
	ln, err := console.Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	table := &console.Table{}
	table.Add(
		console.Command{Words: "hello", Run: func(_ context.Context, s *console.Session, _ []string) error {
			s.Printf("hello yourself\n")
			return nil
		}},
		console.Command{Words: "die", Run: func(context.Context, *console.Session, []string) error { cancel(); return nil }},
	)
	s := &console.Server{Table: table, Version: "obelus x", Log: slog.New(slog.DiscardHandler)}
	go func() { served <- s.Serve(ctx, ln) }()
	for _, c := range []struct {
		command, out string
		code         int
	}{
		{"hello", "hello yourself\n", 0},
		{"what", "No such command 'what'", 0},
		{"", "Connected to obelus x currently running on ", 0},
		{"die", "", 0},
	} {
		code, out := captured(t, func() int { return attach(socket, c.command, unwatched, console.NewKeyboard(os.Stdin)) })
		if code != c.code || !strings.Contains(out, c.out) {
			t.Errorf("%s: exit %d: %s", c.command, code, out)
		}
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if code, out := captured(t, func() int { return attach(socket, "hello", unwatched, nil) }); code != noServer || !strings.HasPrefix(out, "Unable to connect to remote asterisk (does "+socket+" exist?)\n") {
		t.Errorf("no server: exit %d: %s", code, out)
	}
}
