//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"obelus/console"
	"obelus/internal/filetree"
)

// childKey is set in the environment of this test binary where it is to be obelus.
const childKey = "OBELUS_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childKey) != "" {
		main()
	}
	os.Exit(m.Run())
}

// patience is how long anything may take before a test gives it up.
const patience = 30 * time.Second

// child is a server in a process of its own.
type child struct {
	t      *testing.T
	cmd    *exec.Cmd
	config string
	data   string
	port   int
	told   *net.UnixConn // where it tells its service manager
	heard  chan string   // what
	ended  chan error

	mu  sync.Mutex
	log bytes.Buffer
}

// Write takes what the server prints.
func (c *child) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.Write(b)
}

// files are those of a house where nobody has to prove anything: 600 answers and waits.
func (c *child) files(more string) map[string]string {
	return map[string]string{
		"sip.conf": fmt.Sprintf("[general]\nudpbindaddr=127.0.0.1:%d\nallowguest=no\naccept_outofcall_message=yes\noutofcall_message_context=sms\n", c.port) +
			"[phone](!)\ntype=friend\nhost=dynamic\ncontext=in\n[1001](phone)\n[1002](phone)\n[1003](phone)\n[1004](phone)\n" + more,
		"extensions.conf": "[in]\nexten => 600,1,Answer()\nsame => n,Wait(3600)\n[sms]\nexten => _X.,1,MessageSend(sip:${EXTEN})\nexten => slow,1,Wait(60)\n",
		"obelus.conf":     "[stun]\nenable=no\n",
	}
}

// startChild starts a server, which has a service manager that looks after it.
func startChild(t *testing.T) *child {
	t.Helper()
	c := &child{t: t, data: t.TempDir(), port: freePort(t), ended: make(chan error, 1), heard: make(chan string, 10000)}
	c.config = filetree.Write(t, c.files(""))
	socket := filepath.Join(c.data, "notify")
	var err error
	if c.told, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: socket}); err != nil {
		t.Fatal(err)
	}
	go c.listen()
	t.Cleanup(func() {
		c.cmd.Process.Kill()
		c.told.Close()
		if t.Failed() {
			c.mu.Lock()
			t.Logf("the server said:\n%s", &c.log)
			c.mu.Unlock()
		}
	})
	c.run()
	return c
}

// run runs the server, and waits until it serves.
func (c *child) run() {
	c.t.Helper()
	c.start()
	c.hears("READY=1")
}

// start starts the server.
func (c *child) start() {
	c.t.Helper()
	c.mu.Lock()
	c.log.Reset()
	c.mu.Unlock()
	exe, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	c.cmd = exec.Command(exe, "serve", "--config", c.config, "--data", c.data)
	c.cmd.Env = append(os.Environ(), childKey+"=1", "NOTIFY_SOCKET="+filepath.Join(c.data, "notify"), "WATCHDOG_USEC=2000000")
	c.cmd.Stdout, c.cmd.Stderr = c, c
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func(cmd *exec.Cmd) { c.ended <- cmd.Wait() }(c.cmd)
}

// hears waits until the service manager has been told something that begins so, and returns it. It must not have been told anything else before that
// begins with one of not.
func (c *child) hears(begin string, not ...string) string {
	c.t.Helper()
	late := time.After(patience)
	for {
		select {
		case m := <-c.heard:
			if strings.HasPrefix(m, begin) {
				return m
			}
			for _, n := range not {
				if strings.HasPrefix(m, n) {
					c.t.Errorf("the service manager is told %s before %s", m, begin)
				}
			}
		case <-late:
			c.t.Fatalf("the service manager is not told %s", begin)
		}
	}
}

// listen is the service manager.
func (c *child) listen() {
	for b := make([]byte, 4096); ; {
		n, err := c.told.Read(b)
		if err != nil {
			return
		}
		c.heard <- string(b[:n])
	}
}

// write writes a file of the configuration.
func (c *child) write(name, text string) {
	c.t.Helper()
	tmp := filepath.Join(c.config, name+".new")
	if err := errors.Join(os.WriteFile(tmp, []byte(text), 0o600), os.Rename(tmp, filepath.Join(c.config, name))); err != nil {
		c.t.Fatal(err)
	}
}

// shown is what a console shows.
type shown struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

// Write takes what it is shown.
func (s *shown) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	select {
	case s.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (s *shown) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// waitFor waits until a console has been shown a text.
func (s *shown) waitFor(t *testing.T, text string) {
	t.Helper()
	late := time.After(patience)
	for !strings.Contains(s.String(), text) {
		select {
		case <-s.more:
		case <-late:
			t.Fatalf("%q is not shown: %q", text, s)
		}
	}
}

// attach attaches a console.
func (c *child) attach() (*console.Client, *shown) {
	c.t.Helper()
	s := &shown{more: make(chan struct{}, 100)}
	client, err := console.Dial(filepath.Join(c.data, console.SocketName), s)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { client.Close() })
	return client, s
}

// says gives a console command, and returns what it shows.
func (c *child) says(command string) string {
	c.t.Helper()
	client, s := c.attach()
	defer client.Close()
	if _, err := client.Run(command); err != nil && !errors.Is(err, console.ErrDetached) {
		c.t.Fatalf("%s: %v", command, err)
	}
	return s.String()
}

// exits waits until the process has ended, in good order.
func (c *child) exits() {
	c.t.Helper()
	select {
	case err := <-c.ended:
		if err != nil {
			c.t.Errorf("the server ended with %v", err)
		}
	case <-time.After(patience):
		c.t.Fatal("the server does not end")
	}
}

// signal sends it a signal.
func (c *child) signal(s syscall.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// handset is a phone of a child.
type handset struct {
	t    *testing.T
	name string
	conn *net.UDPConn
	seq  int
	got  map[string]int // texts by what they say
}

func (c *child) handset(name string) *handset {
	c.t.Helper()
	conn, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: c.port})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	return &handset{t: c.t, name: name, conn: conn, got: make(map[string]int)}
}

// value is that of a header in a message.
func value(m, header string) string {
	_, rest, _ := strings.Cut(m, "\r\n"+header+": ")
	v, _, _ := strings.Cut(rest, "\r\n")
	return v
}

// dialog is what makes a request one of a call: the To and the Call-ID of its answer; empty for none.
type dialog struct{ to, id, target string }

// ask sends a request, again and again until it is answered finally, and returns the answer. Texts that come meanwhile are taken.
func (h *handset) ask(method, user, body string, in dialog) (status int, answer string) {
	h.t.Helper()
	h.seq++
	here := h.conn.LocalAddr().String()
	id := fmt.Sprintf("%s-%s-%d", h.name, here, h.seq)
	uri, to, kind := "sip:"+user+"@127.0.0.1", "<sip:"+user+"@127.0.0.1>", "text/plain"
	branch := id
	if in.id != "" {
		id, to, uri = in.id, in.to, in.target
	}
	if method == "INVITE" {
		kind = "application/sdp"
	}
	ask := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\nMax-Forwards: 70\r\nFrom: <sip:%s@127.0.0.1>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\n"+
		"CSeq: %d %s\r\nContact: <sip:%s@%s>\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", method, uri, here, branch, h.name, h.name, to, id, h.seq, method, h.name, here, kind, len(body), body)
	b := make([]byte, 65536)
	for range 20 {
		h.send(ask)
		if method == "ACK" {
			return 0, ""
		}
		for {
			if err := h.conn.SetReadDeadline(time.Now().Add(patience / 20)); err != nil {
				h.t.Fatal(err)
			}
			n, err := h.conn.Read(b)
			if err != nil {
				break // not in time, or nobody is there: once more
			}
			m := string(b[:n])
			switch code, ok := strings.CutPrefix(m, "SIP/2.0 "); {
			case !ok:
				h.serve(m)
			case value(m, "CSeq") == fmt.Sprintf("%d %s", h.seq, method) && code[0] > '1':
				status, err := strconv.Atoi(code[:3])
				if err != nil {
					h.t.Fatal(err)
				}
				return status, m
			}
		}
	}
	h.t.Errorf("%s of %s is not answered", method, h.name)
	return 0, ""
}

func (h *handset) send(m string) {
	h.t.Helper()
	if _, err := h.conn.Write([]byte(m)); err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
		h.t.Error(err)
	}
}

// serve answers what the server asks: texts, and the ends of calls.
func (h *handset) serve(m string) {
	head, body, _ := strings.Cut(m, "\r\n\r\n")
	if strings.HasPrefix(m, "MESSAGE ") {
		h.got[body]++
	}
	answer := "SIP/2.0 200 OK\r\n"
	for _, line := range strings.Split(head, "\r\n")[1:] {
		for _, name := range []string{"Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "} {
			if strings.HasPrefix(line, name) {
				answer += line + "\r\n"
			}
		}
	}
	h.send(answer + "Content-Length: 0\r\n\r\n")
}

// listen serves what comes within that time.
func (h *handset) listen(within time.Duration) {
	if err := h.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		h.t.Error(err)
	}
	for b := make([]byte, 65536); ; {
		n, err := h.conn.Read(b)
		if err != nil {
			return
		}
		if m := string(b[:n]); !strings.HasPrefix(m, "SIP/2.0 ") {
			h.serve(m)
		}
	}
}

const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"

// register registers the phone, and returns the status.
func (h *handset) register() int {
	h.t.Helper()
	status, _ := h.ask("REGISTER", h.name, "", dialog{})
	return status
}

// call calls 600, and returns the status and the call.
func (h *handset) call() (int, dialog) {
	h.t.Helper()
	status, m := h.ask("INVITE", "600", offer, dialog{})
	d := dialog{value(m, "To"), value(m, "Call-ID"), strings.Trim(value(m, "Contact"), "<>")}
	if status == 200 {
		seq := h.seq
		h.seq-- // an ACK has the number of its INVITE
		h.ask("ACK", "600", "", d)
		h.seq = seq
	}
	return status, d
}

// bye ends a call.
func (h *handset) bye(d dialog) int {
	h.t.Helper()
	status, _ := h.ask("BYE", "600", "", d)
	return status
}
