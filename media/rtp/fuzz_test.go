package rtp

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"obelus/media"
)

// Class 9: headers that say more than there is.
func TestSecurity9Headers(t *testing.T) {
	plain := rtpBytes(header{pt: 8, seq: 7, ts: 9, ssrc: 11}, []byte{1, 2, 3, 4})
	with := func(first byte, more ...byte) []byte {
		b := append(bytes.Clone(plain), more...)
		b[0] = first
		return b
	}
	for _, c := range []struct {
		name    string
		b       []byte
		payload []byte // nil: refused
	}{
		{"plain", plain, []byte{1, 2, 3, 4}},
		{"nothing inside", plain[:12], []byte{}},
		{"cut in the header", plain[:11], nil},
		{"empty", nil, nil},
		{"version 1", with(0x40), nil},
		{"one contributor", with(0x81), []byte{}},
		{"two contributors, one there", with(0x82), nil},
		{"fifteen contributors", with(0x8f), nil},
		{"padding", with(0xa0, 0, 0, 3), []byte{1, 2, 3, 4}},
		{"padding of 0", with(0xa0, 0), nil},
		{"padding of all", with(0xa0, 5), []byte{}},
		{"padding of more", with(0xa0, 6), nil},
		{"an extension", with(0x90, 9, 9, 9, 9, 7), nil}, // 1,2,3,4: 772 words
		{"an extension of no words", append(with(0x90)[:12], 0xbe, 0xde, 0, 0, 5), []byte{5}},
		{"an extension of a word", append(with(0x90)[:12], 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 5), []byte{5}},
		{"an extension cut", append(with(0x90)[:12], 0xbe, 0xde), nil},
		{"padding into the extension", append(with(0xb0)[:12], 0xbe, 0xde, 0, 1, 1, 2, 3, 2), nil},
	} {
		h, ok := parseHeader(c.b)
		if ok != (c.payload != nil) {
			t.Errorf("%s: read %v", c.name, ok)
			continue
		}
		if ok && !bytes.Equal(h.payload(c.b), c.payload) {
			t.Errorf("%s: payload % x, want % x", c.name, h.payload(c.b), c.payload)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add(rtpBytes(header{marker: true, pt: 8, seq: 7, ts: 9, ssrc: 11}, []byte{1, 2, 3, 4}))
	f.Add([]byte{0xbf, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := parseHeader(b)
		if !ok {
			return
		}
		before := bytes.Clone(b)
		_ = h.payload(b)
		h.rewrite(b)
		if !bytes.Equal(b, before) {
			t.Errorf("% x written again is % x", before, b)
		}
	})
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte{5, 0x8a, 3, 0x20})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, ok := parseEvent(b)
		if !ok {
			return
		}
		again := make([]byte, eventLen)
		e.put(again)
		if again[1] |= b[1] & 0x40; !bytes.Equal(again, b[:eventLen]) { // a bit that means nothing
			t.Errorf("% x written again is % x", b[:eventLen], again)
		}
	})
}

// quietWire swallows packets.
type quietWire struct{}

func (quietWire) send([]byte, netip.AddrPort) error { return nil }
func (quietWire) close() error                      { return nil }

// failOn is a log that no fault may reach.
type failOn struct{ t *testing.T }

func (f failOn) Write(b []byte) (int, error) {
	f.t.Errorf("%s", b)
	return len(b), nil
}

// pair is two streams connected to each other, without ports.
func pair(log *slog.Logger, payloads ...Payload) (a, b *Stream, from netip.AddrPort) {
	p := &Plane{options: Options{Probation: 4, Unproven: 250, Log: log}}
	p.settings.Store(&p.options)
	p.reports.every.Store(int64(reportEvery))
	from = netip.MustParseAddrPort("198.51.100.1:4000")
	mk := func() *Stream {
		s := &Session{plane: p}
		st := newStream(s, media.Audio, netip.AddrPortFrom(at, 10000))
		st.out.open(quietWire{}, quietWire{})
		s.audio = st
		if err := st.SetRemote(Remote{Addr: from, Payloads: payloads, Mux: true, Signal: from.Addr()}); err != nil {
			panic(err)
		}
		return st
	}
	a, b = mk(), mk()
	a.route.Store(b)
	b.route.Store(a)
	return a, b, from
}

// FuzzPacket sends anything through a stream: RTP, RTCP, keys, text.
func FuzzPacket(f *testing.F) {
	f.Add(rtpBytes(header{pt: 0, seq: 7, ts: 9, ssrc: 11}, []byte{1, 2, 3, 4}))
	f.Add(rtpBytes(header{pt: 101, seq: 7, ts: 9, ssrc: 11}, []byte{5, 0x8a, 3, 0x20}))
	f.Add(rtpBytes(header{pt: 105, seq: 7, ts: 9, ssrc: 11}, []byte{0x80 | 106, 0, 0, 1, 106, 'o', 'k'}))
	for _, words := range [][]uint32{
		{0x80c80006, 1, 2, 3, 4, 5, 6}, {0x81c90007, 1, 2, 3, 4, 5, 6, 7}, {0x81ce0002, 1, 2}, {0x84ce0004, 1, 0, 2, 3}, {0x81cd0003, 1, 2, 3}, {0x80c00001, 1},
	} {
		var b []byte
		for _, w := range words {
			b = binary.BigEndian.AppendUint32(b, w)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > maxPacket {
			return
		}
		payloads := []Payload{ulaw, keys10, {Type: 105, Format: media.Red}, {Type: 106, Format: media.T140}, {Type: 99, Format: media.H264}}
		x, y, from := pair(slog.New(slog.NewTextHandler(failOn{t}, nil)), payloads...)
		first := rtpBytes(header{pt: 0, seq: 6, ts: 1, ssrc: 11}, []byte{1})
		now := time.Unix(1e9, 0)
		for _, st := range []*Stream{x, y} {
			st.rtpPacket(bytes.Clone(first), from, now)
			st.rtpPacket(bytes.Clone(b), from, now.Add(media.Frame))
			st.rtcpPacket(bytes.Clone(b), from, now.Add(2*media.Frame))
		}
	})
}

// The way of a packet through the plane takes no memory, with and without
// translation.
func TestRelayTakesNoMemory(t *testing.T) {
	a, b, from := pair(slog.New(slog.DiscardHandler), ulaw, keys10)
	if err := b.SetRemote(Remote{Addr: from, Payloads: []Payload{alaw, keys10}, Signal: from.Addr()}); err != nil {
		t.Fatal(err)
	}
	h := header{pt: 0, seq: 1, ts: 1, ssrc: 5}
	packet := rtpBytes(h, make([]byte, 160))
	now := time.Now()
	n := testing.AllocsPerRun(1000, func() {
		h.seq++
		h.ts += 160
		now = now.Add(media.Frame)
		h.rewrite(packet)
		a.rtpPacket(packet, from, now)
	})
	if n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
	if out := b.Stats().PacketsOut; out < 1000 {
		t.Errorf("%d packets were relayed", out)
	}
}

// The same through the ports of each engine, sockets of the kernel included.
func TestEngines(t *testing.T) {
	for _, engine := range []string{EngineAuto, EngineGo} {
		t.Run(engine, func(t *testing.T) {
			p, err := New(Options{Engine: engine, Start: 31000, End: 31999})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			a, b, ca, cb := kernelPair(t, p)
			buf := make([]byte, 2000)
			for i := range 200 {
				x := rtpBytes(header{pt: 0, seq: uint16(i), ts: uint32(i) * 160, ssrc: 1}, []byte{byte(i)})
				if _, err := ca.WriteToUDPAddrPort(x, a.Audio().Local()); err != nil {
					t.Fatal(err)
				}
				cb.SetReadDeadline(time.Now().Add(10 * time.Second))
				n, from, err := cb.ReadFromUDPAddrPort(buf)
				if err != nil {
					t.Fatal(err)
				}
				h, ok := parseHeader(buf[:n])
				if !ok || from != b.Audio().Local() || h.payload(buf)[0] != byte(i) {
					t.Fatalf("packet %d came as % x from %v", i, buf[:n], from)
				}
			}
			if p.Sessions() != 2 {
				t.Errorf("%d sessions", p.Sessions())
			}
		})
	}
}

func BenchmarkRelay(b *testing.B) {
	x, _, from := pair(slog.New(slog.DiscardHandler), ulaw)
	h := header{pt: 0, seq: 1, ts: 1, ssrc: 5}
	packet := rtpBytes(h, make([]byte, 160))
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		h.seq++
		h.ts += 160
		h.rewrite(packet)
		x.rtpPacket(packet, from, now)
	}
}
