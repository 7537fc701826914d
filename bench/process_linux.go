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
	"syscall"
	"time"
)

func stopSignal() os.Signal { return syscall.SIGTERM }

// pinSelf moves the generator to its core, all threads of it.
func pinSelf(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "taskset", "-a", "-c", "-p", generatorCore, strconv.Itoa(os.Getpid())).CombinedOutput()
	if err != nil {
		return fmt.Errorf("taskset: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// machine names the processor.
func machine() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return err.Error()
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// cpu returns the CPU time, user and system, that the server and its
// children have used. It adds up the scheduler's own count of every thread, in
// nanoseconds: /proc/PID/stat counts ticks of 10 ms.
func (s *server) cpu() (time.Duration, error) {
	family, err := descendants(s.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	var total time.Duration
	for _, pid := range family {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		if err != nil || len(threads) == 0 {
			return 0, fmt.Errorf("cpu time of %s: no thread of process %d", s.name, pid)
		}
		for _, name := range threads {
			text, err := os.ReadFile(name)
			if err != nil {
				continue // the thread ended between the two calls
			}
			ran, err := parseSchedstat(string(text))
			if err != nil {
				return 0, fmt.Errorf("%s: %w", name, err)
			}
			total += ran
		}
	}
	return total, nil
}

// ownCPU returns the CPU time, user and system, that this process has used.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// parseSchedstat reads the first of its three numbers: nanoseconds run.
func parseSchedstat(text string) (time.Duration, error) {
	first, _, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(first, 10, 64)
	return time.Duration(n), err
}

// resident returns the memory the server and its children hold, in bytes.
// What they share counts once: of the children, private pages only.
func (s *server) resident() (int64, error) {
	family, err := descendants(s.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	var total int64
	for i, pid := range family {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return 0, err
		}
		names := []string{"VmRSS"}
		if i > 0 {
			names = []string{"RssAnon"}
		}
		for _, name := range names {
			kb, err := statusField(string(text), name)
			if err != nil {
				return 0, err
			}
			total += kb << 10
		}
	}
	return total, nil
}

// peak returns the most memory that the server has held, in bytes.
func (s *server) peak() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	kb, err := statusField(string(text), "VmHWM")
	return kb << 10, err
}

// statusField reads one "Name: N kB" line of /proc/PID/status.
func statusField(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == name+":" {
			return strconv.ParseInt(f[1], 10, 64)
		}
	}
	return 0, fmt.Errorf("no line %s", name)
}

// descendants returns a process and its children, and theirs.
func descendants(pid int) ([]int, error) {
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := make(map[int][]int)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		if child, parent, ok := parseStat(string(text)); ok {
			children[parent] = append(children[parent], child)
		}
	}
	family := []int{pid}
	for i := 0; i < len(family); i++ {
		family = append(family, children[family[i]]...)
	}
	return family, nil
}

// parseStat reads the process and its parent; the name between them is in
// brackets and may hold anything.
func parseStat(text string) (pid, parent int, ok bool) {
	begin, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if begin < 0 || end < begin {
		return 0, 0, false
	}
	after := strings.Fields(text[end+1:])
	if len(after) < 2 {
		return 0, 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(text[:begin]))
	if err != nil {
		return 0, 0, false
	}
	parent, err = strconv.Atoi(after[1])
	return pid, parent, err == nil
}
