package storetest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// The environment of a child that is going to be killed: the directory to work in, and the commits already done there.
const (
	crashDir  = "STORETEST_CRASH_DIR"
	crashFrom = "STORETEST_CRASH_FROM"
)

// crashRounds is how often the child is killed.
const crashRounds = 5

// Main is for TestMain: in a child started by Crash it commits until it is killed, else it runs the tests. It returns the exit code.
func Main(m *testing.M, e Engine) int {
	dir := os.Getenv(crashDir)
	if dir == "" {
		return m.Run()
	}
	fmt.Fprintln(os.Stderr, commitUntilKilled(e, dir))
	return 1
}

// commitUntilKilled goes on with the model's commits, and says on standard output which one is done. It returns only with what went wrong.
func commitUntilKilled(e Engine, dir string) error {
	from, err := strconv.Atoi(os.Getenv(crashFrom))
	if err != nil {
		return err
	}
	l, _, err := e.Open(dir)
	if err != nil {
		return err
	}
	m := newModel(99)
	for i := 0; ; i++ {
		ops := m.batch()
		if i < from {
			continue
		}
		if err := l.Commit(context.Background(), ops); err != nil {
			return err
		}
		if _, err := fmt.Println(i + 1); err != nil {
			return err
		}
	}
}

// Crash kills a process in the middle of its commits, several times, and looks whether everything it said was done is there, and
// nothing half done. The engine's package needs Main in its TestMain.
func Crash(t *testing.T, e Engine) {
	dir := t.TempDir()
	m, done := newModel(99), 0
	for round := range crashRounds {
		acked := runAndKill(t, dir, done, 20+30*round)
		done = settle(t, e, dir, m, done, acked)
	}
}

// runAndKill starts a child and kills it when it has done so many commits more. It returns the number of the last one it told of.
func runAndKill(t *testing.T, dir string, from, commits int) (acked int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashFrom+"="+strconv.Itoa(from))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Errorf("child says %q", lines.Text())
			break
		}
		if acked = n; acked == from+commits {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if acked < from+commits {
		t.Fatalf("child ended after commit %d of %d: %s", acked, from+commits, complaints.String())
	}
	return acked
}

// settle opens what the killed child left and compares: all commits it told of must be there, and perhaps the next, whole. It returns how many are.
func settle(t *testing.T, e Engine, dir string, m *model, done, acked int) int {
	t.Helper()
	l, closeIt, err := e.Open(dir)
	if err != nil {
		t.Fatal("open after kill:", err)
	}
	got, err := load(l)
	if err != nil {
		t.Fatal("load after kill:", err)
	}
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
	for ; done < acked; done++ {
		m.batch()
	}
	diff := compare(got, m.state)
	if diff == "" {
		return done
	}
	m.batch() // the one under way
	if compare(got, m.state) != "" {
		t.Fatalf("after a kill at commit %d: %s", acked, diff)
	}
	return done + 1
}
