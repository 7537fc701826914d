//go:build unix

package sdnotify

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// env is an environment.
type env map[string]string

func (e env) get(name string) string { return e[name] }

// listen is a manager's socket.
func listen(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func heard(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1000)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func TestTell(t *testing.T) {
	names := []string{filepath.Join(t.TempDir(), "notify")}
	if runtime.GOOS == "linux" {
		names = append(names, "@obelus-sdnotify-test-"+filepath.Base(t.TempDir())+"-"+time.Now().Format("150405.000000"))
	}
	for _, name := range names {
		c := listen(t, name)
		m, err := Open(env{"NOTIFY_SOCKET": name}.get, os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		for _, tell := range []struct {
			do   func() error
			want string
		}{
			{func() error { return m.Ready("serving\nREADY=0") }, `^READY=1\nSTATUS=serving READY=0$`},
			{m.Reloading, `^RELOADING=1\nMONOTONIC_USEC=[0-9]+$`},
			{func() error { return m.Stopping("bye") }, `^STOPPING=1\nSTATUS=bye$`},
			{func() error { return m.Status("3 calls") }, `^STATUS=3 calls$`},
			{m.Alive, `^WATCHDOG=1$`},
		} {
			if err := tell.do(); err != nil {
				t.Error(err)
			}
			if got := heard(t, c); !regexp.MustCompile(tell.want).MatchString(got) {
				t.Errorf("%q, want %s", got, tell.want)
			}
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestMonotonic: the manager compares it with its own clock.
func TestMonotonic(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // there is no systemd
	}
	first := monotonic()
	if second := monotonic(); first <= 0 || second < first {
		t.Errorf("%v, then %v", first, second)
	}
}

// TestNobody: without a manager nothing is told, and nothing fails.
func TestNobody(t *testing.T) {
	m, err := Open(env{}.get, 1)
	if m != nil || err != nil {
		t.Fatal(m, err)
	}
	for _, err := range []error{m.Ready(""), m.Reloading(), m.Stopping(""), m.Status(""), m.Alive(), m.Close()} {
		if err != nil {
			t.Error(err)
		}
	}
	if m.Watchdog() != 0 {
		t.Error("nobody watches")
	}
	for _, bad := range []string{"relative", filepath.Join(t.TempDir(), "none")} {
		if _, err := Open(env{"NOTIFY_SOCKET": bad}.get, 1); err == nil {
			t.Errorf("%s is reached", bad)
		}
	}
	c := listen(t, filepath.Join(t.TempDir(), "gone"))
	m, err = Open(env{"NOTIFY_SOCKET": c.LocalAddr().String()}.get, 1)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := m.Alive(); err == nil || !strings.Contains(err.Error(), "tell the service manager") {
		t.Errorf("to a manager that has gone: %v", err)
	}
}

// TestAManagerThatDoesNotListen holds nobody up for long.
func TestAManagerThatDoesNotListen(t *testing.T) {
	c := listen(t, filepath.Join(t.TempDir(), "deaf"))
	m, err := Open(env{"NOTIFY_SOCKET": c.LocalAddr().String()}.get, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for range 100000 {
		if err = m.Alive(); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) && runtime.GOOS == "linux" {
		t.Errorf("it says %v", err)
	}
}

func TestWatchdog(t *testing.T) {
	for _, c := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"30000000", "", 30 * time.Second}, {"30000000", "7", 30 * time.Second}, {"30000000", "8", 0}, {"", "", 0}, {"-1", "", 0}, {"x", "7", 0}, {"99999999999999999", "", 0},
	} {
		if got := watchdog(env{"WATCHDOG_USEC": c.usec, "WATCHDOG_PID": c.pid}.get, 7); got != c.want {
			t.Errorf("%s for %s: %v, want %v", c.usec, c.pid, got, c.want)
		}
	}
}
