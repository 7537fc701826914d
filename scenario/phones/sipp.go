package phones

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"obelus/scenario/netns"
)

// Load is a number of calls that one SIPp makes and another answers, each with
// sound of its own: a talker plays a tone into it, the answering SIPp echoes
// what it gets, and the talker must hear its tone again.
type Load struct {
	Calls  int
	Rate   int    // calls a second
	Via    string // host:port of the server; none: the two talk directly
	Caller Setup  // Ports, User and Password matter
	Callee Setup
}

// Play makes the calls and fails the test unless every one of them stood, was
// ended as it should and carried sound both ways.
func (l Load) Play(t testing.TB) {
	t.Helper()
	target := loopback(l.Callee.Ports + sipPort)
	if l.Via != "" {
		target = l.Via
		register := startSIPp(t, l.Callee, "register", injection(l.Callee, []int{l.Callee.Ports + sipPort}), l.Via, "-m", "1")
		register.mustSucceed(1)
	}
	limit := fmt.Sprint(l.Calls)
	callee := startSIPp(t, l.Callee, "callee", nil, "", "-m", limit,
		"-rtp_echo", "-mp", fmt.Sprint(l.Callee.Ports+rtpPort))
	talkers := startTalkers(t, l.Caller, l.Calls)
	caller := startSIPp(t, l.Caller, "caller", injection(l.Caller, talkers.ports()), target, "-m", limit,
		"-s", l.Callee.User, "-r", fmt.Sprint(l.Rate), "-trace_logs", "-log_file", "sounds.log")
	talkers.follow(filepath.Join(caller.dir, "sounds.log"), caller.done)
	caller.mustSucceed(l.Calls)
	callee.mustSucceed(l.Calls)
	talkers.mustHear()
}

// injection is SIPp's table of fields, a line for each port.
func injection(s Setup, ports []int) []string {
	lines := []string{"SEQUENTIAL"}
	for _, port := range ports {
		lines = append(lines, fmt.Sprintf("%[1]s;[authentication username=%[1]s password=%[2]s];%[3]d", s.User, s.Password, port))
	}
	return lines
}

// sipp is a running SIPp.
type sipp struct {
	*process
	scenario string
	dir      string
}

// startSIPp runs a scenario of testdata as a phone. The fields, if any, are what
// it takes for each call; the target is whom it calls. It says that it is at the
// phone's own address, unless a later option -key said_ip has another.
func startSIPp(t testing.TB, s Setup, scenario string, fields []string, target string, options ...string) *sipp {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "scenario.xml"), testFile(t, scenario+".xml"))
	args := []string{"-sf", "scenario.xml", "-i", s.host(), "-mi", s.host(), "-p", fmt.Sprint(s.Ports + sipPort), "-nostdin",
		"-timeout", "60", "-timeout_error", "-trace_stat", "-stf", "statistics.csv", "-fd", "1",
		"-trace_err", "-error_file", "errors.log"}
	if fields != nil {
		write(t, filepath.Join(dir, "fields.csv"), strings.Join(fields, "\n")+"\n")
		args = append(args, "-inf", "fields.csv")
	}
	if !slices.Contains(options, "said_ip") {
		options = append(options, "-key", "said_ip", s.host())
	}
	args = append(args, options...)
	if target != "" {
		args = append(args, target)
	}
	cmd := netns.Command(s.Netns, "sipp", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM=dumb")
	return &sipp{process: start(t, "sipp "+scenario, cmd, nil), scenario: scenario, dir: dir}
}

// mustSucceed waits until SIPp has made its calls and fails the test unless all
// went by the scenario.
func (s *sipp) mustSucceed(calls int) {
	s.t.Helper()
	if !s.gone(90 * time.Second) {
		s.t.Fatalf("%s does not end", s.name)
	}
	good, bad, err := readStatistics(filepath.Join(s.dir, "statistics.csv"))
	if s.err != nil || err != nil || good != calls || bad != 0 {
		s.t.Errorf("%s: %d calls of %d succeeded, %d failed; ended with %v, %v\n%s",
			s.name, good, calls, bad, s.err, err, s.errors())
	}
}

// errors is the beginning of what SIPp complained about.
func (s *sipp) errors() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "errors.log"))
	if err != nil {
		return "it wrote no errors"
	}
	return string(text[:min(len(text), 4000)])
}

// readStatistics reads how many calls succeeded and failed from SIPp's table.
func readStatistics(path string) (good, bad int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, 0, fmt.Errorf("read SIPp's statistics: %w", err)
	}
	defer file.Close()
	return parseStatistics(bufio.NewScanner(file))
}

// parseStatistics takes the last line of the table: the counts so far.
func parseStatistics(lines *bufio.Scanner) (good, bad int, err error) {
	lines.Scan()
	names := strings.Split(lines.Text(), ";")
	var last []string
	for lines.Scan() {
		last = strings.Split(lines.Text(), ";")
	}
	if good, err = column(names, last, "SuccessfulCall(C)"); err != nil {
		return 0, 0, err
	}
	if bad, err = column(names, last, "FailedCall(C)"); err != nil {
		return 0, 0, err
	}
	return good, bad, lines.Err()
}

func column(names, values []string, name string) (int, error) {
	for i, n := range names {
		if n == name && i < len(values) {
			count, err := strconv.Atoi(values[i])
			if err != nil {
				return 0, fmt.Errorf("column %s of SIPp's statistics: %w", name, err)
			}
			return count, nil
		}
	}
	return 0, fmt.Errorf("no column %s in SIPp's statistics", name)
}
