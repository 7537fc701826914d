package powercut

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"obelus/store/storetest"
)

// cutWhileWriting has a child commit to all kinds of state at once, takes the power away, gives it back, and returns what the child was told is safe.
func cutWhileWriting(t *testing.T, d *disk, from storetest.Done, commits int) storetest.Done {
	t.Helper()
	child, err := storetest.Start(dataDir(d), from)
	if err != nil {
		t.Fatal(err)
	}
	acked, err := child.Await(commits)
	if err == nil {
		err = syscall.Kill(child.Pid(), syscall.SIGSTOP)
	}
	if err == nil {
		d.cut()
	}
	if err := errors.Join(err, child.Kill()); err != nil {
		t.Fatal(err)
	}
	d.unmount()
	d.mount()
	return acked()
}

func dataDir(d *disk) string { return filepath.Join(d.at, "data") }

// TestNothingAcknowledgedIsLost: whatever was committed when the power went is there when it comes back, and nothing is there by half.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	d := newDisk(t, 64<<20)
	w := storetest.NewWitness()
	for round := range storetest.Rounds() {
		acked := cutWhileWriting(t, d, w.Done(), 5+round%5*8)
		if err := w.Compare(t.Context(), engine(), dataDir(d), acked); err != nil {
			t.Fatalf("after a power cut at %v: %v", acked, err)
		}
	}
}

// TestWithoutSyncSomethingIsLost: an engine that does not wait for the disk is caught, or the test above tests nothing.
func TestWithoutSyncSomethingIsLost(t *testing.T) {
	t.Setenv(carelessEnv, "1")
	for round := range storetest.Rounds() {
		d := newDisk(t, 64<<20)
		acked := cutWhileWriting(t, d, storetest.Done{}, 5+round%5*8)
		if err := storetest.NewWitness().Compare(t.Context(), engine(), dataDir(d), acked); err != nil {
			t.Logf("round %d: %.300s", round+1, err)
			return
		}
	}
	t.Error("with synchronous=OFF nothing was lost: these power cuts cut nothing")
}
