package packet

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

// hears takes in packets of 20 ms by their sequence numbers.
func hears(r *Reception, ssrc uint32, numbers ...uint16) {
	at := time.Unix(1e9, 0)
	for _, n := range numbers {
		r.Packet(&Header{Seq: n, TS: uint32(n) * 160, SSRC: ssrc}, 8000, at.Add(time.Duration(n)*20*time.Millisecond))
	}
}

func TestReceptionCountsLosses(t *testing.T) {
	for _, c := range []struct {
		name    string
		numbers []uint16
		lost    int64
		highest uint32
	}{
		{"nothing", nil, 0, 0},
		{"one", []uint16{7}, 0, 7},
		{"all", []uint16{7, 8, 9}, 0, 9},
		{"one is missing", []uint16{7, 9}, 1, 9},
		{"one came late", []uint16{7, 9, 8}, 0, 9},
		{"one came twice", []uint16{7, 8, 8}, -1, 8},
		{"one before the first", []uint16{7, 6}, -1, 7},
		{"the numbers turn", []uint16{65534, 65535, 0, 1}, 0, 1<<16 + 1},
		{"the source began anew", []uint16{7, 9, 9 + MaxDropout + 1}, 1, 9 + MaxDropout + 1},
		{"far, but the same count", []uint16{0, MaxDropout}, MaxDropout - 1, MaxDropout},
	} {
		var r Reception
		hears(&r, 1, c.numbers...)
		if r.Packets != uint64(len(c.numbers)) || r.Lost() != c.lost {
			t.Errorf("%s: %d packets, %d lost, want %d", c.name, r.Packets, r.Lost(), c.lost)
		}
		b, ok := r.Report(time.Unix(1e9, 0))
		if ok != (len(c.numbers) > 0) {
			t.Errorf("%s: reported %v", c.name, ok)
		}
		if highest := binary.BigEndian.Uint32(b[8:]); highest != c.highest {
			t.Errorf("%s: the highest is %d, want %d", c.name, highest, c.highest)
		}
	}
}

// Losses of one source are kept when another takes its place.
func TestReceptionOfAnotherSource(t *testing.T) {
	var r Reception
	hears(&r, 1, 1, 4)
	hears(&r, 2, 100, 102)
	if r.SSRC != 2 || r.Packets != 4 || r.Lost() != 3 {
		t.Errorf("ssrc %d, %d packets, %d lost", r.SSRC, r.Packets, r.Lost())
	}
	r.Restart()
	if r.Begun || r.Lost() != 3 || r.Packets != 4 {
		t.Errorf("after a restart: begun %v, %d packets, %d lost", r.Begun, r.Packets, r.Lost())
	}
}

func TestReport(t *testing.T) {
	var r Reception
	hears(&r, 9, 1, 2, 4, 5) // one of five
	now := time.Unix(1e9, 0)
	r.HeardSender(8, 0xbad, now) // somebody else's
	r.HeardSender(9, 0x12345678, now)
	b, _ := r.Report(now.Add(1500 * time.Millisecond))
	want := [24]byte{3: 9, 4: 51, 7: 1, 11: 5, 16: 0x12, 17: 0x34, 18: 0x56, 19: 0x78, 21: 1, 22: 0x80}
	if b != want {
		t.Errorf("% x, want % x", b, want)
	}
	hears(&r, 9, 6, 7)
	if b, _ = r.Report(now); b[4] != 0 || b[7] != 1 {
		t.Errorf("% x: nothing was lost since, one in all", b)
	}
}

func TestJitterTime(t *testing.T) {
	var r Reception
	if r.JitterTime() != 0 {
		t.Errorf("%v before a packet", r.JitterTime())
	}
	at := time.Unix(1e9, 0)
	for n := range uint32(1000) { // each second one is 10 ms late
		r.Packet(&Header{Seq: uint16(n), TS: n * 160, SSRC: 1}, 8000, at.Add(time.Duration(n*20+n%2*10)*time.Millisecond))
	}
	if j := r.JitterTime(); j < 9*time.Millisecond || j > 10*time.Millisecond {
		t.Errorf("%v, want 10 ms", j)
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want []byte
	}{
		{"of H.261", []byte{0x80, TypeFIR, 0, 1, 9, 9, 9, 9}, []byte{0x80, TypeFIR, 0, 1, 0, 0, 0, 2}},
		{"a picture is lost", []byte{0x81, TypePSFB, 0, 2, 9, 9, 9, 9, 8, 8, 8, 8}, []byte{0x81, TypePSFB, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}},
		{"a fresh picture", []byte{0x84, TypePSFB, 0, 4, 9, 9, 9, 9, 0, 0, 0, 0, 8, 8, 8, 8, 7, 0, 0, 0},
			[]byte{0x84, TypePSFB, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 7, 0, 0, 0}},
		{"a limit", []byte{0x83, TypeRTPFB, 0, 4, 9, 9, 9, 9, 0, 0, 0, 0, 8, 8, 8, 8, 7, 0, 0, 0},
			[]byte{0x83, TypeRTPFB, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 7, 0, 0, 0}},
		{"cut", []byte{0x81, TypePSFB, 0, 1, 9, 9, 9, 9}, []byte{0x81, TypePSFB, 0, 1, 0, 0, 0, 1}},
	} {
		b := bytes.Clone(c.in)
		if Address(b, 1, 2); !bytes.Equal(b, c.want) {
			t.Errorf("%s: % x, want % x", c.name, b, c.want)
		}
	}
}
