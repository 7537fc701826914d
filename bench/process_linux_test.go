package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestProcessFigures(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{name: "self", cmd: &exec.Cmd{Process: self}}
	before, err := s.cpu()
	if err != nil || before <= 0 {
		t.Fatalf("%v, %v", before, err)
	}
	for now := before; now-before < 20*time.Millisecond; { // works until it shows
		hash("work")
		if now, err = s.cpu(); err != nil {
			t.Fatal(err)
		}
	}
	held, err := s.resident()
	if err != nil || held < 1<<20 {
		t.Errorf("resident %d, %v", held, err)
	}
	if machine() == "" {
		t.Error("no name for the machine")
	}
}

func TestParseProc(t *testing.T) {
	if pid, parent, ok := parseStat("12 (a (b) c) S 7 12 12 0"); !ok || pid != 12 || parent != 7 {
		t.Error(pid, parent, ok)
	}
	for _, bad := range []string{"", "12 (a", "12 (a)", "x (a) S 7", ") ("} {
		if _, _, ok := parseStat(bad); ok {
			t.Errorf("%q was read", bad)
		}
	}
	if d, err := parseSchedstat("123456 7 8\n"); err != nil || d != 123456 {
		t.Error(d, err)
	}
	if n, err := statusField("VmPeak:\t 9 kB\nVmRSS:\t   42 kB\n", "VmRSS"); err != nil || n != 42 {
		t.Error(n, err)
	}
	if _, err := statusField("VmRSS:\t   42 kB\n", "RssAnon"); err == nil {
		t.Error("a field that isn't there")
	}
}

func TestDescendants(t *testing.T) {
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	family, err := descendants(os.Getpid())
	if err != nil || len(family) < 2 || family[0] != os.Getpid() {
		t.Errorf("%v, %v", family, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Error("a process that was killed ended well")
	}
}
