package rtp

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/media"
	"obelus/media/dtmf"
	"obelus/media/packet"
)

// house is a plane on a network in memory, with phones around it.
type house struct {
	t     *testing.T
	net   *simnet.Network
	plane *Plane
	hosts map[netip.Addr]*simnet.Host
	ears  []*ear
}

// at is the address of the plane.
var at = netip.MustParseAddr("192.0.2.1")

// inHouse runs a test in a bubble, and closes the plane behind it.
func inHouse(t *testing.T, o Options, f func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(1)
		o.Listen = n.Host("pbx", at).ListenPacket
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		h := &house{t: t, net: n, plane: p, hosts: make(map[netip.Addr]*simnet.Host)}
		defer h.close()
		f(h)
	})
}

func (h *house) close() {
	h.plane.Close()
	for _, e := range h.ears {
		e.c.Close()
		e.done.Wait()
	}
}

func (h *house) open(c SessionConfig) *Session {
	h.t.Helper()
	c.Bind = at
	s, err := h.plane.Open(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// ear is a socket that hears.
type ear struct {
	c    net.PacketConn
	addr netip.AddrPort
	done sync.WaitGroup

	mu    sync.Mutex
	heard []heard
}

type heard struct {
	packet.Header
	raw  []byte
	from netip.AddrPort
	at   time.Time
}

func (p heard) body() []byte { return p.Payload(p.raw) }

// phone opens a socket on a host; it lasts until the end of the test.
func (h *house) phone(addr string) *ear {
	h.t.Helper()
	a := netip.MustParseAddrPort(addr)
	if h.hosts[a.Addr()] == nil {
		h.hosts[a.Addr()] = h.net.Host(a.Addr().String(), a.Addr())
	}
	c, err := h.hosts[a.Addr()].ListenPacket("udp", addr)
	if err != nil {
		h.t.Fatal(err)
	}
	e := &ear{c: c, addr: a}
	e.done.Go(e.listen)
	h.ears = append(h.ears, e)
	return e
}

func (e *ear) listen() {
	buf := make([]byte, 4096)
	for {
		n, from, err := e.c.ReadFrom(buf)
		if err != nil {
			return
		}
		raw := append([]byte(nil), buf[:n]...)
		head, _ := packet.Parse(raw)
		e.mu.Lock()
		e.heard = append(e.heard, heard{head, raw, from.(*net.UDPAddr).AddrPort(), time.Now()})
		e.mu.Unlock()
	}
}

// take returns what was heard since the last time.
func (e *ear) take() []heard {
	time.Sleep(5 * time.Millisecond)
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.heard
	e.heard = nil
	return out
}

// voiceOf is a phone's RTP stream.
type voiceOf struct {
	e    *ear
	to   netip.AddrPort
	pt   uint8
	seq  uint16
	ts   uint32
	ssrc uint32
}

func (e *ear) voice(to *Stream, pt uint8, ssrc uint32) *voiceOf {
	return &voiceOf{e: e, to: netip.AddrPortFrom(at, uint16(to.Port())), pt: pt, seq: uint16(ssrc), ts: ssrc * 7, ssrc: ssrc}
}

func rtpBytes(h packet.Header, payload []byte) []byte {
	b := make([]byte, packet.HeaderLen, packet.HeaderLen+len(payload))
	b[0] = 0x80
	h.Rewrite(b)
	return append(b, payload...)
}

// say sends n packets, 20 ms apart, and waits until the last arrived.
func (v *voiceOf) say(n int, payload ...byte) {
	if payload == nil {
		payload = make([]byte, 160)
	}
	for range n {
		b := rtpBytes(packet.Header{PT: v.pt, Seq: v.seq, TS: v.ts, SSRC: v.ssrc}, payload)
		v.e.c.WriteTo(b, net.UDPAddrFromAddrPort(v.to))
		v.seq++
		v.ts += 160
		time.Sleep(media.Frame)
	}
	synctest.Wait()
}

// key sends one packet of a key.
func (v *voiceOf) key(pt uint8, ts uint32, marker bool, e dtmf.Event) {
	var p [dtmf.EventLen]byte
	e.Put(p[:])
	b := rtpBytes(packet.Header{PT: pt, Seq: v.seq, TS: ts, SSRC: v.ssrc, Marker: marker}, p[:])
	v.e.c.WriteTo(b, net.UDPAddrFromAddrPort(v.to))
	v.seq++
	time.Sleep(media.Frame)
	synctest.Wait()
}

var (
	ulaw   = Payload{Type: 0, Format: media.Ulaw}
	alaw   = Payload{Type: 8, Format: media.Alaw}
	g722   = Payload{Type: 9, Format: media.G722}
	g729   = Payload{Type: 18, Format: media.G729}
	keys96 = Payload{Type: 96, Format: media.TelephoneEvent}
	keys10 = Payload{Type: 101, Format: media.TelephoneEvent}
)

// leg is a session with a phone that its description names.
type leg struct {
	s *Session
	e *ear
	v *voiceOf
}

func (h *house) leg(addr string, ssrc uint32, ps ...Payload) *leg {
	h.t.Helper()
	s := h.open(SessionConfig{})
	e := h.phone(addr)
	set(h.t, s.Audio(), Remote{Addr: e.addr, Payloads: ps})
	return &leg{s, e, e.voice(s.Audio(), ps[0].Type, ssrc)}
}

func set(t *testing.T, st *Stream, r Remote) {
	t.Helper()
	if err := st.SetRemote(r); err != nil {
		t.Fatal(err)
	}
}

// whole checks that packets are one RTP stream: one SSRC, each number the next,
// time that does not go back.
func whole(t *testing.T, packets []heard) {
	t.Helper()
	for i := 1; i < len(packets); i++ {
		a, b := packets[i-1], packets[i]
		if b.SSRC != a.SSRC || b.Seq != a.Seq+1 || int32(b.TS-a.TS) < 0 {
			t.Errorf("packet %d: ssrc %x seq %d ts %d after ssrc %x seq %d ts %d", i, b.SSRC, b.Seq, b.TS, a.SSRC, a.Seq, a.TS)
		}
	}
}

// keyLog writes keys as a test reads them: "5 down", "5 up 100ms".
type keyLog struct {
	mu    sync.Mutex
	lines []string
}

func (k *keyLog) hooks() Hooks {
	return Hooks{Digit: func(d Digit) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if d.Up {
			k.lines = append(k.lines, string(d.Key)+" up "+d.Duration.String())
		} else {
			k.lines = append(k.lines, string(d.Key)+" down")
		}
	}}
}

func (k *keyLog) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Join(k.lines, ", ")
}

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
