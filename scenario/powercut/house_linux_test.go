package powercut

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"testing"

	driver "modernc.org/sqlite"

	"obelus/store/sqlite"
	"obelus/store/storetest"
)

// The environment of the processes of this test: in a mount namespace of its own; and told to have the engine not wait for the disk.
const (
	insideEnv   = "POWERCUT_INSIDE"
	carelessEnv = "POWERCUT_CARELESS"
)

// TestMain runs the tests in a mount namespace of their own, in a process that ends with this one.
func TestMain(m *testing.M) {
	if os.Getenv(insideEnv) == "" {
		os.Exit(goInside())
	}
	if os.Getenv(carelessEnv) != "" {
		driver.RegisterConnectionHook(func(c driver.ExecQuerierContext, _ string) error {
			_, err := c.ExecContext(context.Background(), "PRAGMA synchronous=OFF", nil)
			return err
		})
	}
	os.Exit(storetest.Main(m, engine()))
}

func goInside() int {
	exe, err := os.Executable()
	if err == nil {
		again := exec.Command(exe, os.Args[1:]...)
		again.Env = append(os.Environ(), insideEnv+"=1")
		again.Stdin, again.Stdout, again.Stderr = os.Stdin, os.Stdout, os.Stderr
		again.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
		err = again.Run()
	}
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		return ended.ExitCode()
	case err != nil:
		fmt.Fprintf(os.Stderr, "no file system can be mounted here, so nothing about power cuts and full disks is proven: run as root on Linux, "+
			"with mkfs.ext4 (scenario/install-peers.sh): %v\n", err)
		return 1
	}
	return 0
}

// engine is the one under test.
func engine() storetest.Engine {
	return storetest.Engine{Lasting: true, Open: func(dir string) (*storetest.State, error) {
		log := slog.New(slog.DiscardHandler)
		e, err := sqlite.Open(context.Background(), dir, log)
		if err != nil {
			return nil, err
		}
		c, err := sqlite.OpenCalls(context.Background(), dir, log)
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
		return &storetest.State{Location: e, Messages: e, KV: e, Calls: c, Close: func() error { return errors.Join(c.Close(), e.Close()) }}, nil
	}}
}
