package phones

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"obelus/scenario/netns"
)

// Chat is Linphone's own chat: liblinphone 5.1 behind a few commands
// (testdata/chat.c), since linphonec has none for what became of a text. It
// notifies of what it has received, and of what its owner has read (RFC 5438). Its
// directory outlives it, as a phone's memory does.
type Chat struct {
	*process
	setup  Setup
	dir    string
	binary string
}

// BuildChat compiles the program for the test.
func BuildChat(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "chat.c"), filepath.Join(dir, "chat")
	write(t, source, testFile(t, "chat.c"))
	out, err := exec.Command("gcc", "-O1", "-Wall", "-Werror", "-o", binary, source, "-l:liblinphone.so.10").CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		t.Fatalf("build a phone: %v: run scenario/install-peers.sh on Debian to install what it needs", err)
	}
	if err != nil {
		t.Fatalf("build a phone: %v\n%s", err, out)
	}
	return binary
}

// StartChat switches a new phone on. It does not wait for the server.
func StartChat(t testing.TB, binary string, s Setup) *Chat {
	t.Helper()
	c := &Chat{setup: s, dir: t.TempDir(), binary: binary}
	if err := os.MkdirAll(filepath.Join(c.dir, ".local/share/linphone"), 0o700); err != nil {
		t.Fatalf("make a phone's home: %v", err)
	}
	write(t, filepath.Join(c.dir, "linphonerc"), linphonerc(s, s.Ports))
	c.on(t)
	return c
}

// on starts the program.
func (c *Chat) on(t testing.TB) {
	t.Helper()
	cmd := netns.Command(c.setup.Netns, c.binary, filepath.Join(c.dir, "linphonerc"))
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "HOME="+c.dir, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=", "LC_ALL=C.UTF-8")
	c.process = start(t, "chat "+c.setup.User, cmd, leaves)
	c.expect(0, `(?m)^ready$`)
}

// leaves types what ends the program, after it has unregistered.
func leaves(p *process) { _, _ = fmt.Fprintln(p.stdin, "quit") }

// Off switches the phone off: it unregisters and ends.
func (c *Chat) Off() {
	c.t.Helper()
	c.stop(leaves)
}

// On switches a phone on again that was off, with what it remembers.
func (c *Chat) On() {
	c.t.Helper()
	c.on(c.t)
}

// WaitRegistered waits until the server has the phone.
func (c *Chat) WaitRegistered() {
	c.t.Helper()
	c.expect(0, `(?m)^registration 2 `)
}

// Send writes to a user of the server, wrapped in CPIM or as it is.
func (c *Chat) Send(cpim bool, user, body string) {
	c.t.Helper()
	how := "plain"
	if cpim {
		how = "cpim"
	}
	c.say("send %s sip:%s@%s %s", how, user, c.setup.domain(), body)
}

// Type begins a text to a user of the server, without sending it.
func (c *Chat) Type(user string) {
	c.t.Helper()
	c.say("typing sip:%s@%s", user, c.setup.domain())
}

// WaitTyping waits until the phone shows that a user is typing.
func (c *Chat) WaitTyping(user string) {
	c.t.Helper()
	c.expect(0, `(?m)^typing begun: sip:`+user+`@`)
}

// Read has the owner read all that has come.
func (c *Chat) Read() {
	c.t.Helper()
	c.say("read")
}

// WaitText waits for a text, and returns who wrote it.
func (c *Chat) WaitText(body string) (from string) {
	c.t.Helper()
	return c.expect(0, `(?m)^received at \d+ from (\S+): `+regexp.QuoteMeta(body)+`$`)[1]
}

// What becomes of a text, as the phone that sent it has it.
const (
	ByServer = "Delivered"       // the server has taken it
	ByPhone  = "DeliveredToUser" // the other phone has it
	ByReader = "Displayed"       // its owner has read it
	Failed   = "NotDelivered"
)

// WaitState waits until the phone knows that a text it sent has become that.
func (c *Chat) WaitState(state, body string) {
	c.t.Helper()
	c.expect(0, `(?m)^sent LinphoneChatMessageState`+state+`: `+regexp.QuoteMeta(body)+`$`)
}

// Received is how many texts have come since the phone was switched on.
func (c *Chat) Received() int { return strings.Count(c.said.String(), "\nreceived at ") }
