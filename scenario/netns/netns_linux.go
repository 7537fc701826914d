package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// where ip(8) keeps the names.
const names = "/run/netns"

// Add makes a namespace with its loopback up.
func Add(name string) error {
	if err := ip("netns", "add", name); err != nil {
		return fmt.Errorf("make a network namespace (needs root and a kernel that allows it): %w", err)
	}
	return ip("-n", name, "link", "set", "lo", "up")
}

// Delete takes a namespace away, with all the interfaces in it.
func Delete(name string) error {
	return ip("netns", "del", name)
}

// Mine lists the namespaces that this process has made and not deleted.
func Mine() ([]string, error) {
	return list(func(pid int) bool { return pid == os.Getpid() })
}

// list is the namespaces made by such processes.
func list(such func(pid int) bool) (found []string, err error) {
	entries, err := os.ReadDir(names)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list network namespaces: %w", err)
	}
	for _, entry := range entries {
		if pid := owner(entry.Name()); pid != 0 && such(pid) {
			found = append(found, entry.Name())
		}
	}
	return found, nil
}

// Sweep deletes the namespaces that processes left which have ended, and kills
// what still runs in them.
func Sweep() error {
	left, err := list(func(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := empty(name); err != nil {
			return fmt.Errorf("take away what process %d left: %w", owner(name), err)
		}
	}
	return nil
}

// empty kills what runs in a namespace and deletes it.
func empty(name string) error {
	out, err := exec.Command("ip", "netns", "pids", name).Output()
	if err != nil {
		return fmt.Errorf("list the processes in %s: %w", name, err)
	}
	for _, word := range strings.Fields(string(out)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			return fmt.Errorf("list the processes in %s: %w", name, err)
		}
		// The error says only that it has ended by itself.
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return Delete(name)
}

// ip runs ip(8).
func ip(args ...string) error {
	return run(exec.Command("ip", args...), "")
}

// Run runs a program in a namespace and returns when it has ended well. The
// input is its standard input.
func Run(name, input string, command ...string) error {
	return run(Command(name, command[0], command[1:]...), input)
}

func run(cmd *exec.Cmd, input string) error {
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Output runs a program in a namespace and returns what it prints.
func Output(name string, command ...string) (string, error) {
	cmd := Command(name, command[0], command[1:]...)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return string(out), nil
}

// Command is exec.Command in a namespace; without a name it is exec.Command.
func Command(name, program string, args ...string) *exec.Cmd {
	if name == "" {
		return exec.Command(program, args...)
	}
	return exec.Command("ip", append([]string{"netns", "exec", name, program}, args...)...)
}

// Do runs what in a namespace; sockets that it opens stay there. Without a name
// it just runs it. It must not start goroutines that use the network.
func Do(name string, what func() error) error {
	if name == "" {
		return what()
	}
	done := make(chan error)
	go func() {
		// Never unlocked: the thread is changed for good and ends with the goroutine.
		runtime.LockOSThread()
		err := enter(name)
		if err == nil {
			err = what()
		}
		done <- err
	}()
	return <-done
}

func enter(name string) error {
	file, err := os.Open(filepath.Join(names, name))
	if err != nil {
		return fmt.Errorf("enter a network namespace: %w", err)
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the network namespace %s: %w", name, err)
	}
	return nil
}
