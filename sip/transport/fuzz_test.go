package transport

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// pieces is a connection whose peer sends a text in pieces and then closes. What we write is thrown away.
type pieces struct {
	net.Conn
	text string
	size int
	s    *stream
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.s.out) > 0 {
		p.s.queued.Add(-int64(len(<-p.s.out)))
	}
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(b, p.text[:min(p.size, len(p.text))])
	p.text = p.text[n:]
	return n, nil
}

func (p *pieces) Write(b []byte) (int, error)      { return len(b), nil }
func (p *pieces) Close() error                     { return nil }
func (p *pieces) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5060} }
func (p *pieces) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 5062} }
func (p *pieces) SetReadDeadline(time.Time) error  { return nil }
func (p *pieces) SetWriteDeadline(time.Time) error { return nil }

// keeper serves everything in the reader and keeps a copy.
type keeper struct{ got []string }

// Inline is true for every message.
func (*keeper) Inline(*sip.Message) bool { return true }

// Serve keeps the message.
func (k *keeper) Serve(m *sip.Message, _ Flow) {
	k.got = append(k.got, fmt.Sprintf("%s %s %q", m.Method(), m.CallID(), m.Body()))
}

// readAll has a stream read in pieces of a size; it returns what was served.
func readAll(text string, size int) (served []string, panics uint64) {
	k := new(keeper)
	l := New(Options{Handler: k, Log: quiet(), Workers: 1})
	defer l.Close()
	p := &pieces{text: text, size: size}
	s := l.newStream(p, TCP)
	p.s = s
	s.proved.Store(true) // it is in no books
	s.read()
	s.close()
	return k.got, l.Counters().Panics
}

// What a stream says is the same however the network cuts it up.
func FuzzStream(f *testing.F) {
	two := overTCP(options)
	for _, text := range []string{
		two, two + two, "\r\n\r\n" + two + "\r\n" + two, two[:60],
		strings.Replace(two, "Content-Length: 0\r\n\r\n", "l: 5\r\n\r\nhello", 1) + two,
		strings.Replace(two, "Content-Length: 0\r\n\r\n", "l:\r\n 5\r\n\r\nhello", 1) + two,
		strings.Replace(two, "Content-Length: 0", "Content-Length: 0\r\nl: 9", 1) + two,
		strings.ReplaceAll(two, "\r\n", "\n") + two, "\r" + two, strings.Replace(two, "SIP/2.0\r\n", "SIP/7.0\r\n", 1) + two,
		"INVITE sip:x SIP/2.0\r\nl: 5\r\n\r\nhello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
	} {
		for _, size := range []int{1, 3, 100} {
			f.Add(text, size)
		}
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 || len(text) > 32<<10 {
			return
		}
		whole, panics := readAll(text, len(text))
		cut, more := readAll(text, size)
		if panics+more != 0 {
			t.Fatal("a panic")
		}
		if !slices.Equal(whole, cut) {
			t.Errorf("served %q at once, %q in pieces of %d", whole, cut, size)
		}
	})
}

// FuzzDatagram holds that no datagram panics, and that what is no request is never answered.
func FuzzDatagram(f *testing.F) {
	for _, text := range []string{options, strings.ReplaceAll(options, "OPTIONS", "ACK"), "SIP/2.0 200 OK" + options[strings.Index(options, "\r\n"):], "\x00\x01\x00\x00", "\r\n\r\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := New(Options{Handler: new(keeper), Log: quiet(), Workers: 1})
		defer l.Close()
		answered := 0
		flow := FlowFunc(UDP, netip.MustParseAddrPort("192.0.2.1:5060"), netip.MustParseAddrPort("192.0.2.2:5062"), func(out []byte, _ netip.AddrPort) error {
			answered++
			if answer, err := sip.Parse(out); err != nil || answer.IsRequest() {
				t.Errorf("answered %q: %v", out, err)
			}
			return nil
		})
		m := new(sip.Message)
		l.take(b, flow, m)
		if l.Counters().Panics != 0 {
			t.Fatal("a panic")
		}
		if answered > 1 || answered == 1 && (!m.IsRequest() || m.Method() == sip.ACK) {
			t.Errorf("%d answers", answered)
		}
	})
}
