package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The environment of a child that is going to be killed: the directory to work in, and the commits of each kind already done there.
const (
	crashDir  = "STORETEST_CRASH_DIR"
	crashFrom = "STORETEST_CRASH_FROM"
)

// crashSeed is that of the courses of a child and of who looks after it.
const crashSeed = 99

// Main is for TestMain: in a child started by Crash or [Child] it commits until it is killed, else it runs the tests. It returns the exit code.
func Main(m *testing.M, e Engine) int {
	dir := os.Getenv(crashDir)
	if dir == "" {
		return m.Run()
	}
	fmt.Fprintln(os.Stderr, commitUntilKilled(e, dir))
	return 1
}

// Done is how many commits there have been of each kind of state.
type Done map[string]int

// String is "calls=1 keys=2".
func (d Done) String() string {
	var all []string
	for kind, n := range d {
		all = append(all, fmt.Sprintf("%s=%d", kind, n))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// parseDone reads what String has written.
func parseDone(s string) (Done, error) {
	d := make(Done)
	for word := range strings.FieldsSeq(s) {
		kind, number, _ := strings.Cut(word, "=")
		var n int
		if _, err := fmt.Sscan(number, &n); err != nil {
			return nil, fmt.Errorf("%q: %w", word, err)
		}
		d[kind] = n
	}
	return d, nil
}

// commitUntilKilled goes on with the courses of all kinds at once, and says on standard output which commit is done. It returns only with what went wrong.
func commitUntilKilled(e Engine, dir string) error {
	from, err := parseDone(os.Getenv(crashFrom))
	if err != nil {
		return err
	}
	s, err := e.Open(dir)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for kind, c := range s.courses(crashSeed) {
		go func() { failed <- fmt.Errorf("%s: %w", kind, run(s, kind, c, from[kind])) }()
	}
	return <-failed
}

// run goes on with a course whose first commits are done.
func run(s *State, kind string, c course, from int) error {
	for n := 1; ; n++ {
		commit := c.next()
		if n <= from {
			continue
		}
		if err := commit(context.Background(), s); err != nil {
			return err
		}
		if _, err := fmt.Printf("%s=%d\n", kind, n); err != nil { // one write, so that lines stay whole
			return err
		}
	}
}

// Crash kills a process in the middle of its commits, several times, and looks whether everything it said was done is there, and
// nothing half done. The engine's package needs Main in its TestMain.
func Crash(t *testing.T, e Engine) {
	dir := t.TempDir()
	w := NewWitness()
	for round := range Rounds() {
		acked := runAndKill(t, dir, w.done, 5+round%5*7)
		if err := w.Compare(t.Context(), e, dir, acked); err != nil {
			t.Fatalf("after a kill at %v: %v", acked, err)
		}
	}
}

// runAndKill starts a child and kills it when it has done so many commits more of each kind. It returns what it told of.
func runAndKill(t *testing.T, dir string, from Done, commits int) Done {
	t.Helper()
	child, err := Start(dir, from)
	if err != nil {
		t.Fatal(err)
	}
	acked, err := child.Await(commits)
	killed := child.Kill()
	if err := errors.Join(err, killed); err != nil {
		t.Fatal(err)
	}
	return acked()
}

// Child is a process that commits to all kinds of state at once, until it is killed.
type Child struct {
	cmd    *exec.Cmd
	out    io.ReadCloser
	wrong  strings.Builder
	from   Done
	acked  Done
	enough int           // commits of each kind
	early  bool          // it has ended before there were enough
	ready  chan error    // nil: there are enough
	ended  chan struct{} // nothing more is read
}

// Start starts a child on a directory where commits have been done already. The caller's TestMain calls Main.
func Start(dir string, from Done) (*Child, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &Child{cmd: exec.Command(exe, "-test.run=^$"), from: from, ready: make(chan error, 1), ended: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), crashDir+"="+dir, crashFrom+"="+from.String())
	c.cmd.Stderr = &c.wrong
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return c, c.cmd.Start()
}

// Pid is its process.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Await returns when the child has done so many commits more of each kind that it began with one of. It goes on; what it has told of, all in
// all, is known when it was killed.
func (c *Child) Await(commits int) (acked func() Done, err error) {
	c.enough = commits
	go c.listen()
	acked = func() Done { <-c.ended; return c.acked }
	return acked, <-c.ready
}

// listen reads what the child tells until it has ended.
func (c *Child) listen() {
	defer close(c.ended)
	c.acked = make(Done)
	for kind, n := range c.from {
		c.acked[kind] = n
	}
	told := false
	lines := bufio.NewScanner(c.out)
	for lines.Scan() {
		d, err := parseDone(lines.Text())
		if err != nil {
			break // cut off in the middle
		}
		for kind, n := range d {
			c.acked[kind] = n
		}
		if !told && c.has() {
			told = true
			c.ready <- nil
		}
	}
	if c.early = !told; c.early {
		c.ready <- fmt.Errorf("the child ended after %v", c.acked)
	}
}

// has says whether there are enough commits of each kind.
func (c *Child) has() bool {
	for kind, n := range c.acked {
		if n < c.from[kind]+c.enough {
			return false
		}
	}
	return len(c.acked) >= max(1, len(c.from))
}

// Kill kills the child and waits until it is gone, and all it said is read. Its error says of what it died if that was too early.
func (c *Child) Kill() error {
	err := c.cmd.Process.Kill()
	<-c.ended
	_ = c.cmd.Wait() // it was killed
	if c.early && c.wrong.Len() > 0 {
		err = errors.Join(err, fmt.Errorf("the child complained: %s", c.wrong.String()))
	}
	return err
}

// Witness knows what the children of one directory have committed.
type Witness struct {
	courses map[string]course
	done    Done
}

// NewWitness is the witness of an empty directory.
func NewWitness() *Witness { return &Witness{done: make(Done)} }

// Done is what has been committed.
func (w *Witness) Done() Done { return w.done }

// Compare opens what a child left and compares: of each kind, all commits it told of must be there, and perhaps the next, whole.
func (w *Witness) Compare(ctx context.Context, e Engine, dir string, acked Done) error {
	s, err := e.Open(dir)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	if w.courses == nil {
		w.courses = s.courses(crashSeed)
	}
	for kind, c := range w.courses {
		for ; w.done[kind] < acked[kind]; w.done[kind]++ {
			c.next()
		}
		diff := c.check(ctx, s)
		if diff == "" {
			continue
		}
		c.next() // the one under way
		w.done[kind]++
		if c.check(ctx, s) != "" {
			return errors.Join(fmt.Errorf("%s: %s", kind, diff), s.Close())
		}
	}
	return s.Close()
}
