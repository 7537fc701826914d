package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/internal/pgtest"
)

// rounds is how often the server is killed: OBELUS_LONG=1 has it killed more often.
func rounds() int {
	if os.Getenv("OBELUS_LONG") != "" {
		return 50
	}
	return 5
}

// binary is the obelus that OBELUS_BIN names, or one built from this tree.
func binary(t *testing.T) string {
	t.Helper()
	if name := os.Getenv("OBELUS_BIN"); name != "" {
		return name
	}
	name := filepath.Join(t.TempDir(), "obelus")
	build := exec.Command("go", "build", "-o", name, "obelus/cmd/obelus")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build obelus: %v\n%s", err, out)
	}
	return name
}

// TestKilled kills the server again and again, and misses nothing afterwards, with
// either engine.
func TestKilled(t *testing.T) {
	bin := binary(t)
	t.Run("SQLite", func(t *testing.T) { keepsAll(t, bin, "") })
	t.Run("PostgreSQL", func(t *testing.T) {
		pg := pgtest.Start(t)
		keepsAll(t, bin, "[store]\nengine=postgres\ndsn="+pg.DSN(pg.Database(t))+"\n")
	})
}

func keepsAll(t *testing.T, bin, own string) {
	lost := play(t, bin, own, true, rounds())
	for i, what := range lost {
		if i == 20 {
			t.Errorf("and %d more", len(lost)-i)
			break
		}
		t.Error("lost:", what)
	}
}

// TestLossIsFound shows that the test above would find a loss of each kind: with a store
// that keeps nothing everything is lost, and said to be.
func TestLossIsFound(t *testing.T) {
	lost := strings.Join(play(t, binary(t), "[store]\nengine=memory\n", false, 3), "\n")
	for _, kind := range []string{"registration of ", "text: ", "key: ", "record: "} {
		if !strings.Contains("\n"+lost, "\n"+kind) {
			t.Errorf("of a store that keeps nothing no lost %q is found:\n%.2000s", kind, lost)
		}
	}
}

// TestLastSecondsAreMissed shows that it takes no store without any memory: refreshes
// that were answered before they were written, as refresh_flush= has it, are found to be
// lost, and nothing else is.
func TestLastSecondsAreMissed(t *testing.T) {
	lost := play(t, binary(t), "[store]\nrefresh_flush=10s\n", true, 1)
	if len(lost) == 0 {
		t.Error("no refresh that was not written yet is found to be lost")
	}
	for _, what := range lost {
		at, should, _ := strings.Cut(what, ", and should be at ")
		if !strings.HasPrefix(what, "registration of ") || strings.Contains(at, "nowhere") || strings.HasPrefix(should, "nowhere") {
			t.Error("lost:", what)
		}
	}
}

// play has phones busy, the server killed and started again, so many times, and returns
// what was lost.
func play(t *testing.T, bin, own string, promises bool, rounds int) (lost []string) {
	t.Helper()
	s, err := newServer(bin, t.TempDir(), own)
	if err != nil {
		t.Fatal(err)
	}
	s.promises = promises
	defer func() {
		if err := s.kill(); err != nil {
			t.Error(err)
		}
	}()
	ctx := t.Context()
	if err := s.start(ctx); err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	c, err := newCrowd(s, l)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for round := range rounds {
		of, err := playRound(ctx, s, c)
		if err != nil {
			t.Fatalf("round %d: %v\n%s", round, err, s.lastWords())
		}
		for _, what := range of {
			lost = append(lost, fmt.Sprintf("%s (round %d)", what, round))
		}
	}
	n := l.had()
	t.Logf("%d rounds: %d registrations, %d texts and %d calls were acknowledged, %d were lost", rounds, n.registers, n.texts, n.calls, len(lost))
	if n.registers < 10*rounds || n.texts < rounds || n.calls < rounds {
		t.Errorf("there was too little to lose: %+v", n)
	}
	return lost
}

// playRound is one life of the server, and the beginning of the next.
func playRound(ctx context.Context, s *server, c *crowd) (lost []string, err error) {
	if err := c.home(ctx, func(i int) bool { return i%2 == 0 }); err != nil {
		return nil, err
	}
	busy, end := context.WithCancel(ctx)
	defer end()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.busy(busy)
	}()
	pause(ctx, 200*time.Millisecond+rand.N(2*time.Second))
	err = s.kill()
	end()
	<-done
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	if lost, err = c.check(ctx, s); err != nil {
		return nil, err
	}
	return lost, c.shown(ctx, s)
}
