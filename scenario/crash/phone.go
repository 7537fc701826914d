package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"obelus/sip"
)

// phone is a socket that speaks for one account or several, one request at a time.
type phone struct {
	conn    *net.UDPConn
	local   string
	answers chan *sip.Message
	read    func(body string) // a text has come
	seq     uint32
	life    string // in Call-IDs, so that no two phones share one
}

// newPhone opens a socket; it ends with close.
func newPhone(server netip.AddrPort, read func(body string)) (*phone, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(server))
	if err != nil {
		return nil, err
	}
	p := &phone{conn: conn, local: conn.LocalAddr().String(), answers: make(chan *sip.Message, 64), read: read}
	p.life = fmt.Sprintf("%d-%s", time.Now().UnixNano(), p.local)
	go p.listen()
	return p, nil
}

func (p *phone) close() { p.conn.Close() }

// listen answers requests and hands answers on, until the socket is closed.
func (p *phone) listen() {
	buf := make([]byte, 65536)
	for {
		n, err := p.conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // the server is dead just now
		}
		m, err := sip.Parse(bytes.Clone(buf[:n]))
		switch {
		case err != nil:
		case !m.IsRequest():
			select {
			case p.answers <- m:
			default: // nobody waits for so many
			}
		case m.Method() != sip.ACK:
			if m.Method() == sip.MESSAGE && p.read != nil {
				p.read(string(m.Body()))
			}
			var b sip.Builder
			b.Response(m, 200, "", sip.Return{}, "phone")
			_, _ = p.conn.Write(b.End("", nil)) // lost, it is asked for again
		}
	}
}

// request is one that an account sends.
type request struct {
	method  sip.Method
	user    string
	to      string // user part; "" for the account itself
	callID  string // "" for a new one
	toTag   string
	headers string // whole lines
	body    string
}

// text writes it with the phone's next number.
func (p *phone) text(r request) (text []byte, callID string) {
	p.seq++
	if r.callID == "" {
		r.callID = fmt.Sprintf("%s-%s-%d", p.life, r.user, p.seq)
	}
	if r.to == "" {
		r.to = r.user
	}
	uri := "sip:" + r.to + "@127.0.0.1"
	if r.method == sip.REGISTER {
		uri = "sip:127.0.0.1"
	}
	tag := ""
	if r.toTag != "" {
		tag = ";tag=" + r.toTag
	}
	kind := ""
	if r.method == sip.MESSAGE {
		kind = "Content-Type: text/plain\r\n"
	}
	return fmt.Appendf(nil, "%[1]s %[2]s SIP/2.0\r\nVia: SIP/2.0/UDP %[3]s;branch=z9hG4bK%[4]d%[5]s;rport\r\nMax-Forwards: 70\r\nFrom: <sip:%[6]s@127.0.0.1>;tag=%[6]s\r\n"+
		"To: <sip:%[7]s@127.0.0.1>%[8]s\r\nCall-ID: %[9]s\r\nCSeq: %[4]d %[1]s\r\n%[10]s%[11]sContent-Length: %[12]d\r\n\r\n%[13]s",
		r.method, uri, p.local, p.seq, r.user, r.user, r.to, tag, r.callID, r.headers, kind, len(r.body), r.body), r.callID
}

// ack acknowledges the answer to the INVITE that was asked last.
func (p *phone) ack(r request) {
	p.seq--
	text, _ := p.text(r)
	_, _ = p.conn.Write(text) // lost, the answer comes again
}

// asked is what came of a request: the final answer, nil for none, and how long it took.
type asked struct {
	answer *sip.Message
	callID string
	took   time.Duration
}

// ask sends a request, again after half a second, and waits for the final answer.
func (p *phone) ask(ctx context.Context, r request) (asked, error) {
	text, callID := p.text(r)
	seq, began := p.seq, time.Now()
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	for range 20 {
		_, _ = p.conn.Write(text) // refused while the server is dead
		for waiting := true; waiting; {
			select {
			case m := <-p.answers:
				if c, err := m.CSeq(); err == nil && c.Seq == seq && m.CallID() == callID && m.StatusCode() >= 200 {
					return asked{m, callID, time.Since(began)}, nil
				}
			case <-again.C:
				waiting = false
			case <-ctx.Done():
				return asked{}, ctx.Err()
			}
		}
	}
	return asked{}, fmt.Errorf("no answer to %s of %s", r.method, r.user)
}
