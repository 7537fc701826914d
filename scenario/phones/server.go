package phones

import (
	"embed"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"obelus/scenario/netns"
)

// Server is a running obelus with a configuration and a data directory of its
// own.
type Server struct {
	*process
	binary string
	data   string
	addr   string           // as the phones have it: host:port, or a host for port 5060
	serve  func() *exec.Cmd // what starts it
}

// ServerSetup says whose server it is.
type ServerSetup struct {
	Binary string            // from BuildServer
	Netns  string            // network namespace that it sits in; none: the test's own
	Addr   string            // where phones find it: host:port, or a host for port 5060
	Files  map[string]string // its configuration: the text of each file by name
}

// BuildServer returns the obelus binary: the one that OBELUS_BIN names, or one
// built from this tree for the test.
func BuildServer(t testing.TB) string {
	t.Helper()
	if binary := os.Getenv("OBELUS_BIN"); binary != "" {
		return binary
	}
	binary := filepath.Join(t.TempDir(), "obelus")
	build := exec.Command("go", "build", "-o", binary, "obelus/cmd/obelus")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build obelus: %v\n%s", err, out)
	}
	return binary
}

// StartServer starts the binary with the sip.conf and extensions.conf of
// testdata, and returns when it says that it has booted. When the test ends the
// server must stop at SIGTERM with exit code 0.
func StartServer(t testing.TB, binary string) *Server {
	t.Helper()
	addr := loopback(LeasePorts(t) + sipPort)
	return StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: serverConfig(t, addr)})
}

// StartServerAt is StartServer with a configuration and a place of one's own.
func StartServerAt(t testing.TB, setup ServerSetup) *Server {
	t.Helper()
	config, data := t.TempDir(), t.TempDir()
	for name, text := range setup.Files {
		write(t, filepath.Join(config, name), text)
	}
	s := &Server{binary: setup.Binary, data: data, addr: setup.Addr}
	s.serve = func() *exec.Cmd {
		return netns.Command(setup.Netns, setup.Binary, "serve", "--config", config, "--data", data)
	}
	s.process = start(t, "obelus", s.serve(), nil)
	t.Cleanup(s.mustStop)
	s.waitBooted()
	return s
}

// Crash kills the server, as losing its process does, and starts it again on the data
// that it leaves behind.
func (s *Server) Crash() {
	s.t.Helper()
	endGroup(s.cmd, true)
	if !s.gone(10 * time.Second) {
		s.t.Fatalf("obelus outlives being killed")
	}
	s.process = start(s.t, "obelus", s.serve(), nil)
	s.waitBooted()
}

// Ports for sound, of all calls of a server.
const soundPorts = 1000

// serverConfig is the seed with the lines that say where to listen.
func serverConfig(t testing.TB, addr string) map[string]string {
	t.Helper()
	sound := leasePorts(t, 10000, 20000, soundPorts)
	files := SeedConfig(t, fmt.Sprintf("udpbindaddr=%[1]s\ntcpenable=yes\ntcpbindaddr=%[1]s\n", addr))
	at := netip.MustParseAddrPort(addr)
	files["obelus.conf"] = fmt.Sprintf("[stun]\nport=%d\naltport=%d\n", at.Port()+stunPort, at.Port()+stunPort+1)
	files["rtp.conf"] = fmt.Sprintf("[general]\nrtpstart=%d\nrtpend=%d\n", sound, sound+soundPorts-2)
	return files
}

// testdata has the configuration as people have it, and the scenarios of SIPp.
//
//go:embed testdata
var testdata embed.FS

// SeedConfig is the configuration as people have it: sip.conf, with more lines
// in its section general if need be, and extensions.conf.
func SeedConfig(t testing.TB, general string) map[string]string {
	t.Helper()
	sip := testFile(t, "sip.conf")
	if !strings.Contains(sip, "[general]\n") {
		t.Fatal("sip.conf of testdata has no section general to say more in")
	}
	return map[string]string{
		"sip.conf":        strings.Replace(sip, "[general]\n", "[general]\n"+general, 1),
		"extensions.conf": testFile(t, "extensions.conf"),
	}
}

// testFile is the text of a file of testdata.
func testFile(t testing.TB, name string) string {
	t.Helper()
	text, err := testdata.ReadFile(path.Join("testdata", name))
	if err != nil {
		t.Fatalf("read a file of the tests: %v", err)
	}
	return string(text)
}

// STUN is where the server answers STUN.
func (s *Server) STUN() string {
	at := netip.MustParseAddrPort(s.addr)
	return netip.AddrPortFrom(at.Addr(), at.Port()+stunPort).String()
}

// waitBooted asks the server until it says that it has started.
func (s *Server) waitBooted() {
	s.t.Helper()
	s.waitConsole("core waitfullybooted", `Asterisk has fully booted`)
}

// WaitAway waits until the server knows nowhere to reach the peer.
func (s *Server) WaitAway(peer string) {
	s.t.Helper()
	s.waitConsole("sip show peers", `(?m)^`+peer+`[/ ].*\(Unspecified\)`)
}

// WaitAt waits until the server has the peer registered at host:port, of which
// pattern is a regular expression.
func (s *Server) WaitAt(peer, pattern string) {
	s.t.Helper()
	s.waitConsole("sip show peer "+peer, `Addr->IP +: `+pattern+`\s`)
}

// WaitSays gives a command of the console until what it prints has pattern in it.
func (s *Server) WaitSays(command, pattern string) {
	s.t.Helper()
	s.waitConsole(command, pattern)
}

// waitConsole gives the console command again and again until what it prints
// has pattern in it.
func (s *Server) waitConsole(command, pattern string) {
	s.t.Helper()
	what := regexp.MustCompile(pattern)
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		// While the server starts there is no console yet: the error is the answer.
		out, err := exec.Command(s.binary, "console", "--data", s.data, "-x", command).CombinedOutput()
		if err == nil && what.Match(out) {
			return
		}
		select {
		case <-again.C:
		case <-s.done:
			s.t.Fatalf("obelus ended: %v", s.err)
		case <-deadline.C:
			s.t.Fatalf("console command %q does not say %q within %v; last: %v\n%s", command, pattern, patience, err, out)
		}
	}
}

// ask gives a console command and returns what it prints.
func (s *Server) ask(command string) string {
	s.t.Helper()
	out, err := exec.Command(s.binary, "console", "--data", s.data, "-x", command).CombinedOutput()
	if err != nil {
		s.t.Fatalf("console command %q: %v\n%s", command, err, out)
	}
	return string(out)
}

// mustStop ends the server as an init system does, and fails the test unless
// it obeys, says so by its exit code, and has had no panic.
func (s *Server) mustStop() {
	s.t.Helper()
	endGroup(s.cmd, false)
	if !s.gone(10 * time.Second) {
		s.t.Errorf("obelus does not stop at SIGTERM")
		return
	}
	if s.err != nil {
		s.t.Errorf("obelus stopped with %v, want exit code 0", s.err)
	}
	if strings.Contains(s.said.String(), "panic") {
		s.t.Errorf("obelus had a panic")
	}
}

// Host is the server as phones have it.
func (s *Server) Host() string { return s.addr }

// Number is the SIP URI of a number at the server, over UDP or TCP.
func (s *Server) Number(number string, tcp bool) string {
	return Setup{Server: s.addr, TCP: tcp}.Number(number)
}
