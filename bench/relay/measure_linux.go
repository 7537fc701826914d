package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cpu is the time that a process has run, user and system, as the scheduler
// counts it: /proc/PID/stat counts ticks of 10 ms.
func cpu(pid int) (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, fmt.Errorf("cpu time: no thread of process %d", pid)
	}
	var total time.Duration
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread ended between the two calls
		}
		first, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		total += time.Duration(ns)
	}
	return total, nil
}

// softirqs are the kernel's threads that carry packets when nobody else does.
func softirqs() (pids []int) {
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && strings.HasPrefix(string(text), "ksoftirqd/") {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// meter reads the clocks of everything that has to do with the packets.
type meter struct {
	relay int // pid; 0 for none
	soft  []int
}

// spent is CPU time of the relay, and of the relay, the phones and ksoftirqd
// together. It adds up processes rather than the machine's idle time, so that
// other work on the machine is not counted.
type spent struct{ relay, whole time.Duration }

func (m meter) read() (s spent, err error) {
	if m.relay != 0 {
		if s.relay, err = cpu(m.relay); err != nil {
			return s, err
		}
	}
	s.whole = s.relay
	for _, pid := range append([]int{os.Getpid()}, m.soft...) {
		d, err := cpu(pid)
		if err != nil {
			return s, err
		}
		s.whole += d
	}
	return s, nil
}

func (s spent) less(before spent) spent {
	return spent{s.relay - before.relay, s.whole - before.whole}
}

// resident is the memory that a process holds.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "VmRSS:" {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("process %d: no VmRSS", pid)
}

// sockets is how many sockets a process has open.
func sockets(pid int) (n int, err error) {
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return 0, err
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n, nil
}

// socketBytes is what the kernel keeps for an idle UDP socket: the socket, its
// inode, directory entry and open file, and its two places in epoll. The sizes
// are the running kernel's.
func socketBytes() (total int64, err error) {
	for _, cache := range []string{"UDP", "sock_inode_cache", "dentry", "filp", "eventpoll_epi", "eventpoll_pwq"} {
		text, err := os.ReadFile("/sys/kernel/slab/" + cache + "/slab_size")
		if err != nil {
			return 0, fmt.Errorf("size of kernel objects: %w", err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("size of %s: %w", cache, err)
		}
		total += n
	}
	return total, nil
}

// machine names the processor and the kernel.
func machine() string {
	name := "unknown processor"
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			name = strings.TrimSpace(value)
			break
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%s, Linux %s", name, strings.TrimSpace(string(kernel)))
}
