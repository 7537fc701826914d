// Package sdnotify tells the service manager of the system (systemd, or one that speaks its protocol) how a process is: that it is ready, that it
// reads its files again, that it stops, and again and again that it still works (sd_notify(3)).
package sdnotify

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Manager is where to tell. A nil Manager is nobody: telling it does nothing.
type Manager struct {
	conn  *net.UnixConn
	watch time.Duration
}

// Open finds the manager by the environment. It is nil where there is none. The variables are as sd_notify(3) and sd_watchdog_enabled(3) have
// them; pid is that of this process.
func Open(getenv func(string) string, pid int) (*Manager, error) {
	name := getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil, nil
	}
	if name[0] != '/' && name[0] != '@' {
		return nil, fmt.Errorf("NOTIFY_SOCKET=%s is no path and no abstract name", name)
	}
	// Go takes a leading @ for an abstract name, as the manager writes it.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Net: "unixgram", Name: name})
	if err != nil {
		return nil, fmt.Errorf("reach the service manager: %w", err)
	}
	return &Manager{conn: conn, watch: watchdog(getenv, pid)}, nil
}

// watchdog is after what silence the manager takes the process for dead; 0 where it does not look.
func watchdog(getenv func(string) string, pid int) time.Duration {
	if whose := getenv("WATCHDOG_PID"); whose != "" && whose != strconv.Itoa(pid) {
		return 0
	}
	us, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || us <= 0 || us > int64(24*time.Hour/time.Microsecond) {
		return 0
	}
	return time.Duration(us) * time.Microsecond
}

// Watchdog is after what silence the manager takes the process for dead; 0 where it does not look.
func (m *Manager) Watchdog() time.Duration {
	if m == nil {
		return 0
	}
	return m.watch
}

// Ready says that the process serves, and what it does.
func (m *Manager) Ready(status string) error { return m.send("READY=1", "STATUS="+oneLine(status)) }

// Reloading says that the process reads its files again, or begins again as the same process; Ready ends it.
func (m *Manager) Reloading() error {
	if m == nil {
		return nil
	}
	return m.send("RELOADING=1", "MONOTONIC_USEC="+strconv.FormatInt(monotonic().Microseconds(), 10))
}

// Stopping says that the process ends. The manager takes it for gone, and kills it if it is there for long: systemd after TimeoutStopSec.
func (m *Manager) Stopping(status string) error {
	return m.send("STOPPING=1", "STATUS="+oneLine(status))
}

// Status says what the process does, for people.
func (m *Manager) Status(status string) error { return m.send("STATUS=" + oneLine(status)) }

// Alive says that the process works. It has to be said more often than Watchdog.
func (m *Manager) Alive() error { return m.send("WATCHDOG=1") }

// oneLine is a text that can't be taken for more than one assignment.
func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\x00", " ").Replace(s) }

// sendTime bounds what a manager that does not listen may hold up.
const sendTime = 200 * time.Millisecond

func (m *Manager) send(assignments ...string) error {
	if m == nil {
		return nil
	}
	if err := m.conn.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	if _, err := m.conn.Write([]byte(strings.Join(assignments, "\n"))); err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	return nil
}

// Close ends the way to the manager.
func (m *Manager) Close() error {
	if m == nil {
		return nil
	}
	return m.conn.Close()
}
