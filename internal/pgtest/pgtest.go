// Package pgtest runs a PostgreSQL of its own for tests: a new data directory, a
// port of loopback, gone after the test. It never touches one that is installed
// and running.
package pgtest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// User is the superuser of the server; it needs no password from here.
const User = "obelus"

// Server is a PostgreSQL that runs, or was killed.
type Server struct {
	Port int // on 127.0.0.1

	dir, bin string
	made     int
	cmd      *exec.Cmd
	said     *bytes.Buffer
	ended    chan struct{}
}

// Start makes a server and starts it. Without PostgreSQL the test fails, and says
// what to install.
func Start(t testing.TB) *Server {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{bin: bin}
	// Not in t.TempDir: who runs PostgreSQL can't enter that where the test is run by root.
	if s.dir, err = os.MkdirTemp("", "pgtest"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Kill()
		if err := os.RemoveAll(s.dir); err != nil {
			t.Error(err)
		}
	})
	if err := giveAway(s.dir); err != nil {
		t.Fatal(err)
	}
	init := s.command("initdb", "-D", s.data(), "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	if s.Port, err = freePort(); err != nil {
		t.Fatal(err)
	}
	s.Again(t)
	return s
}

// binaries is where PostgreSQL's programs are.
func binaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed (initdb is neither in PATH nor in /usr/lib/postgresql/*/bin): apt-get install postgresql")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command is a program of PostgreSQL's, run by whom it lets run it.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = s.dir
	runAsOther(c)
	return c
}

// Again starts the server after a Kill, with what it had. It waits until the
// processes of the one before have let go of their memory.
func (s *Server) Again(t testing.TB) {
	t.Helper()
	for range 200 {
		if s.start(t) {
			return
		}
		if !strings.Contains(s.Said(), "shared memory block") {
			break
		}
	}
	t.Fatalf("PostgreSQL ended:\n%s", s.Said())
}

// start starts the server, and says whether it takes connections or has ended.
func (s *Server) start(t testing.TB) bool {
	t.Helper()
	s.said, s.ended = new(bytes.Buffer), make(chan struct{})
	s.cmd = s.command("postgres", "-D", s.data(), "-k", s.dir, "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-c", "logging_collector=off")
	s.cmd.Stdout, s.cmd.Stderr = s.said, s.said
	started := make(chan error)
	go func(c *exec.Cmd, ended chan struct{}) {
		runtime.LockOSThread() // on Linux the server ends with the thread that started it
		started <- c.Start()
		_ = c.Wait() // it was killed, or what it said tells why
		close(ended)
	}(s.cmd, s.ended)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	again, late := time.NewTicker(20*time.Millisecond), time.NewTimer(time.Minute)
	defer again.Stop()
	defer late.Stop()
	for {
		select {
		case <-s.ended:
			return false
		case <-late.C:
			t.Fatal("PostgreSQL takes no connections after a minute")
		case <-again.C:
			if s.command("pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port)).Run() == nil {
				return true
			}
		}
	}
}

// Kill ends the server at once, as kill -9 does; all of its processes go with it.
func (s *Server) Kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.ended
	s.cmd = nil
}

// Process is the server's first process.
func (s *Server) Process() *os.Process { return s.cmd.Process }

// Said is what the server has written. It is of use once the server has ended.
func (s *Server) Said() string { return s.said.String() }

// DSN names a database of the server as a URL.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", User, s.Port, database)
}

// Database makes a new, empty database and returns its name.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.made++
	name := fmt.Sprintf("test%d", s.made)
	if out, err := s.command("createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", User, name).CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v\n%s", err, out)
	}
	return name
}

// Run runs SQL by psql and returns what it prints, a row a line.
func (s *Server) Run(t testing.TB, database, sql string) string {
	t.Helper()
	c := s.command("psql", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", User, "-d", database, "-Atq", "-v", "ON_ERROR_STOP=1", "-c", sql)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	return string(out)
}

// AskForPasswords has the server ask everybody but its superuser for a password.
func (s *Server) AskForPasswords(t testing.TB) {
	t.Helper()
	rules := "host all " + User + " 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Run(t, "postgres", "SELECT pg_reload_conf()")
}
