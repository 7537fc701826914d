package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// callee is the phone that is called: it rings, answers at once and lets
// the other hang up. It keeps no state; all its answers follow from the request.
type callee struct {
	conn    *net.UDPConn
	contact string
	sdp     string
	invited func(offer message) // told of each INVITE; may be nil
	hungUp  atomic.Int64        // BYE heard
}

// newCallee takes over a socket, the one that the account registered from.
func newCallee(conn *net.UDPConn) (*callee, error) {
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	c := &callee{conn: conn, contact: "Contact: <sip:callee@" + conn.LocalAddr().String() + ">\r\n", sdp: description(noSound)}
	go c.listen()
	return c, nil
}

func (c *callee) listen() {
	buf := make([]byte, 65536)
	for {
		n, err := c.conn.Read(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			continue // the server's port was closed for a moment
		}
		for _, answer := range c.answers(message(buf[:n])) {
			// A lost answer is one that the server asks for again.
			_, _ = c.conn.Write(answer)
		}
	}
}

// answers returns what the phone says to a message.
func (c *callee) answers(m message) [][]byte {
	if m.status() != 0 {
		return nil
	}
	switch m.method() {
	case "ACK":
		return nil
	case "INVITE":
		if c.invited != nil {
			c.invited(m)
		}
		return [][]byte{reply(m, "180 Ringing", "callee", c.contact, ""), reply(m, "200 OK", "callee", c.contact, c.sdp)}
	case "BYE":
		c.hungUp.Add(1)
	}
	return [][]byte{reply(m, "200 OK", "callee", c.contact, "")}
}

// reply makes a response with the headers that must be copied
// (RFC 3261 section 8.2.6.2).
func reply(m message, status, tag, extra, body string) []byte {
	var b []byte
	b = fmt.Appendf(b, "SIP/2.0 %s\r\n", status)
	for _, name := range [...]string{"Via", "Record-Route"} {
		for _, v := range m.headers(name) {
			b = fmt.Appendf(b, "%s: %s\r\n", name, v)
		}
	}
	to := m.header("To")
	if !strings.Contains(to, ";tag=") {
		to += ";tag=" + tag
	}
	b = fmt.Appendf(b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n%s", m.header("From"), to, m.header("Call-ID"), m.header("CSeq"), extra)
	if body != "" {
		b = append(b, "Content-Type: application/sdp\r\n"...)
	}
	return fmt.Appendf(b, "Content-Length: %d\r\n\r\n%s", len(body), body)
}
