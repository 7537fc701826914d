package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// description offers or answers one stream of ulaw at a port of 127.0.0.1.
func description(port int) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n", port)
}

// noSound is a port that nothing is sent to.
const noSound = 40000

// caller is the phone that calls. Each call is challenged, answered,
// acknowledged and hung up at once.
type caller struct {
	conn  *net.UDPConn
	local string
	from  *credentials
	ended chan outcome // one for each call
	sdp   string
	// stays, if not nil, is told of the answer of each call, which then is not hung up.
	stays func(answer message)

	mu    sync.Mutex
	calls map[string]*placed // by Call-ID
	count int
}

// placed is a call under way.
type placed struct {
	id     string
	number string
	cseq   int
	since  time.Time
	hungUp bool
}

// outcome is how a call ended: 200 when it was answered and hung up, else
// the final response to INVITE; 0 when there was none.
type outcome struct {
	status int
	why    string
}

const callLimit = 30 * time.Second

func newCaller(server netip.AddrPort, from *credentials) (*caller, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(server))
	if err != nil {
		return nil, err
	}
	c := &caller{conn: conn, local: conn.LocalAddr().String(), from: from, ended: make(chan outcome, 64), sdp: description(noSound), calls: make(map[string]*placed)}
	go c.listen()
	return c, nil
}

func (c *caller) close() { c.conn.Close() }

// place begins a call.
func (c *caller) place(number string) error {
	c.mu.Lock()
	c.count++
	p := &placed{id: fmt.Sprintf("c%d-%s", c.count, c.local), number: number, cseq: 1, since: time.Now()}
	c.calls[p.id] = p
	c.mu.Unlock()
	return c.send(c.invite(p, ""))
}

// giveUp ends the calls that take too long.
func (c *caller) giveUp() {
	c.mu.Lock()
	var late []*placed
	for _, p := range c.calls {
		if time.Since(p.since) > callLimit {
			late = append(late, p)
		}
	}
	c.mu.Unlock()
	for _, p := range late {
		c.end(p, outcome{0, "no end within " + callLimit.String()})
	}
}

func (c *caller) send(b []byte) error {
	_, err := c.conn.Write(b)
	return err
}

// listen answers what comes until the socket closes.
func (c *caller) listen() {
	buf := make([]byte, 65536)
	for {
		n, err := c.conn.Read(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			continue // the server's port was closed for a moment
		}
		m := message(append([]byte(nil), buf[:n]...))
		if m.status() == 0 {
			if m.method() != "ACK" {
				err = c.send(reply(m, "200 OK", "bench", "", ""))
			}
		} else {
			err = c.response(m)
		}
		if err != nil && !errors.Is(err, net.ErrClosed) {
			c.failAll(err.Error())
		}
	}
}

func (c *caller) failAll(why string) {
	c.mu.Lock()
	var all []*placed
	for _, p := range c.calls {
		all = append(all, p)
	}
	c.mu.Unlock()
	for _, p := range all {
		c.end(p, outcome{0, why})
	}
}

func (c *caller) end(p *placed, o outcome) {
	c.mu.Lock()
	_, underway := c.calls[p.id]
	delete(c.calls, p.id)
	c.mu.Unlock()
	if underway {
		c.ended <- o
	}
}

// response takes a response to INVITE or BYE.
func (c *caller) response(m message) error {
	c.mu.Lock()
	p := c.calls[m.header("Call-ID")]
	c.mu.Unlock()
	status, method := m.status(), m.method()
	switch {
	case status < 200:
		return nil
	case p == nil:
		return nil // a second answer of a call that is over
	case method == "BYE":
		c.end(p, outcome{status, m.firstLine()})
		return nil
	case method != "INVITE":
		return nil
	case status >= 300:
		return c.refused(p, m)
	}
	return c.answered(p, m)
}

// refused acknowledges in the same transaction (RFC 3261 section 17.1.1.3)
// and answers the challenge, the first time.
func (c *caller) refused(p *placed, m message) error {
	if err := c.send(c.request("ACK", p, "sip:"+p.number+"@127.0.0.1", m.header("To"), m.branch(), p.cseq)); err != nil {
		return err
	}
	if (m.status() != 401 && m.status() != 407) || p.cseq > 1 {
		c.end(p, outcome{m.status(), m.firstLine()})
		return nil
	}
	ch, header, err := m.challenge()
	if err != nil {
		c.end(p, outcome{m.status(), err.Error()})
		return nil
	}
	p.cseq++
	return c.send(c.invite(p, header+": "+c.from.answer(ch, "INVITE", "sip:"+p.number+"@127.0.0.1")+"\r\n"))
}

// answered acknowledges every 200 and hangs up after the first.
func (c *caller) answered(p *placed, m message) error {
	to, target := m.header("To"), m.target()
	if err := c.send(c.request("ACK", p, target, to, fmt.Sprintf("a%d%s", p.cseq, p.id), p.cseq)); err != nil || p.hungUp {
		return err
	}
	p.hungUp = true
	if c.stays != nil {
		c.stays(m)
		return nil
	}
	return c.send(c.request("BYE", p, target, to, "b"+p.id, p.cseq+1))
}

func (c *caller) invite(p *placed, authorization string) []byte {
	uri := "sip:" + p.number + "@127.0.0.1"
	return fmt.Appendf(nil, "INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKi%d%s;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%s@127.0.0.1>;tag=%s\r\nTo: <%s>\r\nCall-ID: %s\r\nCSeq: %d INVITE\r\nContact: <sip:%s@%s>\r\n"+
		"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nUser-Agent: bench\r\n%sContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		uri, c.local, p.cseq, p.id, c.from.user, p.id, uri, p.id, p.cseq, c.from.user, c.local, authorization, len(c.sdp), c.sdp)
}

// request makes an ACK or a BYE.
func (c *caller) request(method string, p *placed, uri, to, branch string, cseq int) []byte {
	return fmt.Appendf(nil, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%s@127.0.0.1>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContent-Length: 0\r\n\r\n",
		method, uri, c.local, branch, c.from.user, p.id, to, p.id, cseq, method)
}
