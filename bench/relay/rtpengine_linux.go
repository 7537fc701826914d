package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// control is where rtpengine takes orders.
const control = relayAddr + ":2223"

// rtpengine is Debian's, at its best for one core in user space: one thread, no
// kernel module, no log.
func (h *house) rtpengine(ctx context.Context) (*relay, error) {
	version, err := exec.CommandContext(ctx, "rtpengine", "--version").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("rtpengine --version (apt-get install rtpengine-daemon): %w", err)
	}
	return &relay{
		version: strings.TrimSpace(string(version)) + ", --table=-1 --num-threads=1",
		cmd: func(int) *exec.Cmd {
			return h.inRelay("rtpengine", "--foreground", "--log-stderr", "--log-level=2", "--table=-1", "--num-threads=1",
				"--interface="+relayAddr, "--listen-ng="+control, "--port-min=20000", "--port-max=65000", "--config-file=none")
		},
		open: h.offerAll,
	}, nil
}

// offerAll sets up a call for each two streams, as a SIP proxy would.
func (h *house) offerAll(ctx context.Context, _ *process, streams int) ([]int, error) {
	c, err := h.controlSocket()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := ask(ctx, c, "ping", map[string]string{"command": "ping"}, "pong", nil); err != nil {
		return nil, err
	}
	ports := make([]int, streams)
	for i := 0; i < streams; i += 2 {
		call := map[string]string{"command": "offer", "call-id": "call" + strconv.Itoa(i), "from-tag": "a", "sdp": describe(i), "ICE": "remove"}
		if err := ask(ctx, c, "o"+strconv.Itoa(i), call, "ok", &ports[i+1]); err != nil {
			return nil, err
		}
		call["command"], call["to-tag"], call["sdp"] = "answer", "b", describe(i+1)
		if err := ask(ctx, c, "a"+strconv.Itoa(i), call, "ok", &ports[i]); err != nil {
			return nil, err
		}
	}
	return ports, nil
}

// controlSocket is a socket in the phones' namespace.
func (h *house) controlSocket() (c net.Conn, err error) {
	err = h.in(h.inside, func() error {
		c, err = net.Dial("udp4", control)
		return err
	})
	return c, err
}

func describe(phone int) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio %[2]d RTP/AVP 0 101\r\n"+
		"a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n", phonesAddr, firstPhone+2*phone)
}

// ask sends a command, a bencoded dictionary behind a cookie, until it is
// answered, and reads the port out of the description in the answer.
func ask(ctx context.Context, c net.Conn, cookie string, dict map[string]string, want string, port *int) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s d", cookie)
	for key, value := range dict {
		fmt.Fprintf(&b, "%d:%s%d:%s", len(key), key, len(value), value)
	}
	b.WriteByte('e')
	answer := make([]byte, 8192)
	for range 40 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, sent := c.Write(b.Bytes())
		if err := c.SetReadDeadline(time.Now().Add(250 * time.Millisecond)); err != nil {
			return err
		}
		n, err := c.Read(answer)
		if err != nil || sent != nil {
			if errors.Is(err, unix.ECONNREFUSED) || errors.Is(sent, unix.ECONNREFUSED) { // not up yet
				pause(100 * time.Millisecond)
			}
			continue
		}
		text := string(answer[:n])
		if !strings.HasPrefix(text, cookie+" ") {
			continue // to an earlier try
		}
		return read(text, want, port)
	}
	return fmt.Errorf("rtpengine does not answer %s", dict["command"])
}

var audioLine = regexp.MustCompile(`m=audio (\d+) `)

func read(answer, want string, port *int) error {
	if !strings.Contains(answer, "6:result"+strconv.Itoa(len(want))+":"+want) {
		return fmt.Errorf("rtpengine answers %q", answer)
	}
	if port == nil {
		return nil
	}
	m := audioLine.FindStringSubmatch(answer)
	if m == nil {
		return fmt.Errorf("rtpengine answers without a port: %q", answer)
	}
	n, err := strconv.Atoi(m[1])
	*port = n
	return err
}
