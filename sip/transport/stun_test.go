package transport

import (
	"log/slog"
	"net"
	"testing"
	"time"

	"obelus/sip"
)

// TestSTUN has what is STUN on a SIP socket given to whoever takes it, and answered on its flow; a panic there loses one
// datagram only.
func TestSTUN(t *testing.T) {
	t.Parallel()
	l := New(Options{Handler: listener(func(*sip.Message, Flow) {}), Log: slog.New(slog.DiscardHandler), STUN: func(b []byte, f Flow) {
		if b[1] == 9 {
			panic("poison")
		}
		if err := f.Reply(append([]byte("seen "), b...)); err != nil {
			t.Error(err)
		}
	}})
	defer l.Close()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.ServeUDP(pc)
	conn, err := net.Dial("udp", pc.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ask := append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
	poison := append([]byte{0, 9, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
	for _, b := range [][]byte{poison, ask[:19], ask} {
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := conn.Read(b)
	if err != nil || string(b[:n]) != "seen "+string(ask) {
		t.Errorf("answered %q, %v", b[:n], err)
	}
	if c := l.Counters(); c.STUN != 2 || c.Panics != 1 || c.Malformed != 1 {
		t.Errorf("counted %+v", c)
	}
}
