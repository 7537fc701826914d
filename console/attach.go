package console

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// Client is a console attached to a server.
type Client struct {
	conn    net.Conn
	out     io.Writer
	replies chan tell
	gone    chan struct{} // closed when the server has closed the console
	mu      sync.Mutex    // guards out
	Version string
	PID     int
}

// Dial attaches to the server whose socket is at path. What it shows goes to
// out.
func Dial(path string, out io.Writer) (*Client, error) {
	conn, err := net.DialTimeout("unix", path, 5*time.Second)
	if err != nil {
		return nil, fmt.Errorf("attach to the server at %s: %w", path, err)
	}
	c := &Client{conn: conn, out: out, replies: make(chan tell, 16), gone: make(chan struct{})}
	in := reader(conn)
	var hello tell
	if !in.Scan() || json.Unmarshal(in.Bytes(), &hello) != nil {
		conn.Close()
		return nil, fmt.Errorf("the server at %s did not greet", path)
	}
	c.Version, c.PID = hello.Version, hello.PID
	go c.read(in)
	return c, nil
}

func (c *Client) read(in *bufio.Scanner) {
	defer close(c.gone)
	defer close(c.replies)
	for in.Scan() {
		var t tell
		if json.Unmarshal(in.Bytes(), &t) != nil {
			return
		}
		if t.Out != "" {
			c.show(t.Out)
		}
		if t.Done {
			c.replies <- t
		}
	}
}

func (c *Client) show(s string) { c.Write([]byte(s)) }

// Write shows text above the prompt: for a server that logs to the terminal
// that its console is on.
func (c *Client) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(b)
}

// ErrDetached says that the server has closed the console.
var ErrDetached = errors.New("disconnected from the server")

func (c *Client) call(q ask) (tell, error) {
	if err := write(c.conn, q); err != nil {
		return tell{}, ErrDetached
	}
	t, ok := <-c.replies
	if !ok {
		return tell{}, ErrDetached
	}
	return t, nil
}

// Run has the server carry out a line and returns when it is through.
func (c *Client) Run(line string) (end bool, err error) {
	t, err := c.call(ask{Run: line})
	return t.End, err
}

// Watch has the server tell what happens, at that verbosity.
func (c *Client) Watch(verbosity int) error {
	_, err := c.call(ask{Watch: true, Verbose: verbosity})
	return err
}

// Close detaches.
func (c *Client) Close() error { return c.conn.Close() }

// Interact shows a prompt until the user quits, or the server goes: [ErrDetached]. history is the file that typed
// lines are kept in, "" for none.
func (c *Client) Interact(k *Keyboard, history string) error {
	in := typed{k, c.gone}
	if !term.IsTerminal(k.fd) {
		return c.lines(in)
	}
	state, err := term.MakeRaw(k.fd)
	if err != nil {
		return fmt.Errorf("set the terminal up: %w", err)
	}
	defer term.Restore(k.fd, state)
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, os.Stdout}, prompt())
	past := loadHistory(history)
	t.History = past
	t.AutoCompleteCallback = c.complete(t)
	c.mu.Lock()
	c.out = t
	c.mu.Unlock()
	for {
		line, err := t.ReadLine()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, ErrDetached):
			return err
		case err != nil:
			return fmt.Errorf("read the terminal: %w", err)
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		past.save(line)
		if end, err := c.Run(line); err != nil || end {
			return err
		}
	}
}

func prompt() string {
	host, err := os.Hostname()
	if err != nil {
		host = "obelus"
	}
	return host + "*CLI> "
}

// lines carries out what is piped in.
func (c *Client) lines(in io.Reader) error {
	s := reader(in)
	for s.Scan() {
		if end, err := c.Run(s.Text()); err != nil || end {
			return err
		}
	}
	return s.Err()
}

// complete asks the server at the tabulator key.
func (c *Client) complete(t *term.Terminal) func(string, int, rune) (string, int, bool) {
	return func(line string, pos int, key rune) (string, int, bool) {
		if key != '\t' {
			return "", 0, false
		}
		reply, err := c.call(ask{Complete: line[:pos] + ""})
		if err != nil || len(reply.Words) == 0 {
			return line, pos, true
		}
		start := strings.LastIndexByte(line[:pos], ' ') + 1
		add := common(reply.Words)
		if len(reply.Words) == 1 {
			add += " "
		} else if add == line[start:pos] {
			fmt.Fprintln(t, strings.Join(reply.Words, "  "))
		}
		return line[:start] + add + line[pos:], start + len(add), true
	}
}

// common is what all the words begin with.
func common(words []string) string {
	out := words[0]
	for _, w := range words[1:] {
		for !strings.HasPrefix(w, out) {
			out = out[:len(out)-1]
		}
	}
	return out
}

// past is the lines typed before, kept in a file.
type past struct {
	mu    sync.Mutex
	lines []string // oldest first
	file  string
}

// maxHistory is how many lines are kept.
const maxHistory = 500

func loadHistory(file string) *past {
	p := &past{file: file}
	if file == "" {
		return p
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return p // none yet, or unreadable: typing works without
	}
	for _, l := range strings.Split(string(b), "\n") {
		if l != "" {
			p.lines = append(p.lines, l)
		}
	}
	return p
}

// Add is called by the terminal; lines are added by save, without blank ones.
func (p *past) Add(string) {}

// Len is how many lines there are.
func (p *past) Len() int { p.mu.Lock(); defer p.mu.Unlock(); return len(p.lines) }

// At returns a line, 0 the newest.
func (p *past) At(i int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines[len(p.lines)-1-i]
}

func (p *past) save(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.lines); n > 0 && p.lines[n-1] == line {
		return
	}
	p.lines = append(p.lines, line)
	if len(p.lines) > maxHistory {
		p.lines = p.lines[len(p.lines)-maxHistory:]
	}
	if p.file == "" {
		return
	}
	if os.MkdirAll(filepath.Dir(p.file), 0o700) == nil {
		os.WriteFile(p.file, []byte(strings.Join(p.lines, "\n")+"\n"), 0o600)
	}
}
