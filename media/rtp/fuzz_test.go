package rtp

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/packet"
)

// quietWire swallows packets.
type quietWire struct{}

func (quietWire) Send([]byte, netip.AddrPort) error { return nil }
func (quietWire) Close() error                      { return nil }

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
	f.Add(rtpBytes(packet.Header{PT: 0, Seq: 7, TS: 9, SSRC: 11}, []byte{1, 2, 3, 4}))
	f.Add(rtpBytes(packet.Header{PT: 101, Seq: 7, TS: 9, SSRC: 11}, []byte{5, 0x8a, 3, 0x20}))
	f.Add(rtpBytes(packet.Header{PT: 105, Seq: 7, TS: 9, SSRC: 11}, []byte{0x80 | 106, 0, 0, 1, 106, 'o', 'k'}))
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
		if len(b) > packet.MaxLen {
			return
		}
		payloads := []Payload{ulaw, keys10, {Type: 105, Format: media.Red}, {Type: 106, Format: media.T140}, {Type: 99, Format: media.H264}}
		x, y, from := pair(slog.New(slog.NewTextHandler(failOn{t}, nil)), payloads...)
		first := rtpBytes(packet.Header{PT: 0, Seq: 6, TS: 1, SSRC: 11}, []byte{1})
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
	h := packet.Header{PT: 0, Seq: 1, TS: 1, SSRC: 5}
	packet := rtpBytes(h, make([]byte, 160))
	now := time.Now()
	n := testing.AllocsPerRun(1000, func() {
		h.Seq++
		h.TS += 160
		now = now.Add(media.Frame)
		h.Rewrite(packet)
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
				x := rtpBytes(packet.Header{PT: 0, Seq: uint16(i), TS: uint32(i) * 160, SSRC: 1}, []byte{byte(i)})
				if _, err := ca.WriteToUDPAddrPort(x, a.Audio().Local()); err != nil {
					t.Fatal(err)
				}
				cb.SetReadDeadline(time.Now().Add(10 * time.Second))
				n, from, err := cb.ReadFromUDPAddrPort(buf)
				if err != nil {
					t.Fatal(err)
				}
				h, ok := packet.Parse(buf[:n])
				if !ok || from != b.Audio().Local() || h.Payload(buf)[0] != byte(i) {
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
	h := packet.Header{PT: 0, Seq: 1, TS: 1, SSRC: 5}
	packet := rtpBytes(h, make([]byte, 160))
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		h.Seq++
		h.TS += 160
		h.Rewrite(packet)
		x.rtpPacket(packet, from, now)
	}
}
