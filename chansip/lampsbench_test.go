package chansip

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"obelus/call"
	"obelus/event"
	"obelus/location"
	"obelus/media/rtp"
	"obelus/sip"
	"obelus/sip/transport"
)

// BenchmarkWatchers has a thousand lamps watch one extension over UDP of this machine;
// an operation is one change that all of them are told and have answered, the phones'
// own work with it.
func BenchmarkWatchers(b *testing.B) {
	log := slog.New(slog.DiscardHandler)
	where, err := location.Open(b.Context(), location.Config{Log: log})
	if err != nil {
		b.Fatal(err)
	}
	defer where.Close(b.Context())
	plane, err := rtp.New(rtp.Options{Log: log})
	if err != nil {
		b.Fatal(err)
	}
	defer plane.Close()
	board := lampBoard(b)
	d := New(Config{
		Settings: readConf(b, lampConf), Location: where, Registry: call.NewRegistry(log, nil), Media: plane, Bus: &event.Bus{}, Log: log, Board: board,
		Resolver: &transport.Resolver{DNS: names{}},
	})
	wire := transport.New(transport.Options{Handler: d, Log: log})
	d.Attach(wire)
	server := listenLocal(b)
	wire.ServeUDP(server)
	d.Start()
	defer wire.Close()
	defer d.Close()

	phones := listenLocal(b)
	defer phones.Close()
	told := make(chan struct{}, 4096)
	go answerAll(phones, told)
	const watchers = 1000
	to := server.LocalAddr()
	for i := range watchers {
		text := fmt.Sprintf("SUBSCRIBE sip:8@house SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKsub%d;rport\r\nMax-Forwards: 70\r\nFrom: <sip:open@house>;tag=%d\r\nTo: <sip:8@house>\r\n"+
			"Call-ID: lamp%d\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:open@%s>\r\nEvent: dialog\r\nAccept: application/dialog-info+xml\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n",
			phones.LocalAddr(), i, i, i, phones.LocalAddr())
		if _, err := phones.WriteTo([]byte(text), to); err != nil {
			b.Fatal(err)
		}
		await(b, told, 1)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		lights(b, board, []string{"INUSE", "NOT_INUSE"}[i%2])
		await(b, told, watchers)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*watchers), "µs/NOTIFY")
}

func listenLocal(b *testing.B) *net.UDPConn {
	b.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		b.Fatal(err)
	}
	if err := c.SetReadBuffer(8 << 20); err != nil {
		b.Fatal(err)
	}
	return c
}

// await waits until so many NOTIFYs have been answered.
func await(b *testing.B, told chan struct{}, n int) {
	b.Helper()
	for range n {
		select {
		case <-told:
		case <-time.After(20 * time.Second):
			b.Fatal("a NOTIFY is missing")
		}
	}
}

// answerAll answers every NOTIFY that comes.
func answerAll(c *net.UDPConn, told chan<- struct{}) {
	buf := make([]byte, 65536)
	for {
		n, from, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(buf[:n], []byte("NOTIFY")) {
			continue
		}
		m, err := sip.Parse(buf[:n])
		if err != nil {
			return
		}
		var r sip.Builder
		r.Response(m, 200, "", sip.Return{}, "")
		if _, err := c.WriteToUDPAddrPort(r.End("", nil), from); err != nil {
			return
		}
		told <- struct{}{}
	}
}
