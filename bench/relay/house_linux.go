package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// The addresses of the two namespaces, of the range for benchmarks (RFC 2544).
const (
	phonesAddr = "198.18.77.1"
	relayAddr  = "198.18.77.2"
)

// The cores, where there are two: one for the phones, one for the relay.
const (
	phonesCore = "0"
	relayCore  = "1"
)

// house is the two namespaces: phones live in one, the relay in the other.
type house struct {
	phones, relay string // names of namespaces
	inside        int    // the phones' namespace, for setns
	next          int    // the relay's
	home          int    // our own
	dir           string // of what is built
}

// newHouse makes the namespaces and pins us to the phones' core.
func newHouse(ctx context.Context) (h *house, err error) {
	id := strconv.Itoa(os.Getpid())
	h = &house{phones: "obphones" + id, relay: "obrelay" + id, inside: -1, next: -1, home: -1}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	if h.dir, err = os.MkdirTemp("", "obelus-relay"); err != nil {
		return h, err
	}
	for _, line := range []string{
		"ip netns add " + h.phones,
		"ip netns add " + h.relay,
		"ip -n " + h.phones + " link add veth0 type veth peer name veth1 netns " + h.relay,
		"ip -n " + h.phones + " addr add " + phonesAddr + "/24 dev veth0",
		"ip -n " + h.relay + " addr add " + relayAddr + "/24 dev veth1",
		"ip -n " + h.phones + " link set lo up",
		"ip -n " + h.relay + " link set lo up",
		"ip -n " + h.phones + " link set veth0 up",
		"ip -n " + h.relay + " link set veth1 up",
		"taskset -a -c -p " + phonesCore + " " + id,
		"chrt -a -r -p 10 " + id,
	} {
		if err := command(ctx, line); err != nil {
			return h, err
		}
	}
	if h.home, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return h, fmt.Errorf("our namespace: %w", err)
	}
	if h.inside, err = unix.Open("/run/netns/"+h.phones, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return h, fmt.Errorf("the phones' namespace: %w", err)
	}
	if h.next, err = unix.Open("/run/netns/"+h.relay, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return h, fmt.Errorf("the relay's namespace: %w", err)
	}
	return h, nil
}

func (h *house) close() {
	for _, fd := range []int{h.home, h.inside, h.next} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	for _, name := range []string{h.phones, h.relay} {
		if err := command(context.Background(), "ip netns del "+name); err != nil {
			fmt.Fprintln(os.Stderr, "bench/relay:", err)
		}
	}
	os.RemoveAll(h.dir)
}

// command runs a program with its arguments, blanks between them.
func command(ctx context.Context, line string) error {
	words := strings.Fields(line)
	out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, bytes.TrimSpace(out))
	}
	return nil
}

// in does something in a namespace. The caller is locked to its thread.
func (h *house) in(namespace int, do func() error) error {
	if err := unix.Setns(namespace, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter a namespace: %w", err)
	}
	err := do()
	if back := unix.Setns(h.home, unix.CLONE_NEWNET); back != nil {
		return fmt.Errorf("leave a namespace: %w", back)
	}
	return err
}

// inRelay is a program that runs in the relay's namespace, on the relay's core,
// before everything else there.
func (h *house) inRelay(name string, args ...string) *exec.Cmd {
	full := []string{
		"netns", "exec", h.relay, "taskset", "-c", relayCore, "chrt", "-r", "10", name,
	}
	return exec.Command("ip", append(full, args...)...)
}

// buildC compiles the bare loop.
func (h *house) buildC(ctx context.Context) (string, error) {
	bin, source := filepath.Join(h.dir, "relay-c"), filepath.Join(h.dir, "relay.c")
	if err := os.WriteFile(source, loopC, 0o600); err != nil {
		return "", err
	}
	return bin, command(ctx, "cc -O2 -Wall -Werror -o "+bin+" "+source)
}
