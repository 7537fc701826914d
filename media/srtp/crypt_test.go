package srtp

import (
	"bytes"
	"fmt"
	"obelus/media/packet"
	"strings"
	"testing"
)

// Security class 39: a description that is logged shows no key.
func TestSecurity39CryptoHidesKeys(t *testing.T) {
	c := &Crypto{Suite: AES128SHA80, Local: []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZABCD"), Remote: []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZABCD")}
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s", c, c, c, c), fmt.Sprintf("%+v", struct{ Crypto *Crypto }{c})} {
		if strings.Contains(s, "65 66 67") || strings.Contains(s, "0x41, 0x42") || strings.Contains(s, "ABC") {
			t.Errorf("a key is shown: %s", s)
		}
	}
	if s := fmt.Sprint((*Crypto)(nil)); s != "plain" {
		t.Error(s)
	}
}

// both are the ends of a way: what one seals the other opens.
func both(t *testing.T, s Suite) (near, far Pair) {
	t.Helper()
	key := func(first byte) []byte {
		b := make([]byte, s.KeyLen())
		for i := range b {
			b[i] = first + byte(i)
		}
		return b
	}
	var err error
	if near, err = New(&Crypto{Suite: s, Local: key(1), Remote: key(101)}, true); err == nil {
		far, err = New(&Crypto{Suite: s, Local: key(101), Remote: key(1)}, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return near, far
}

func rtpOf(ssrc uint32, seq uint16, payload ...byte) []byte {
	b := make([]byte, packet.HeaderLen)
	b[0] = 0x80
	h := packet.Header{Seq: seq, SSRC: ssrc}
	h.Rewrite(b)
	return append(b, payload...)
}

func TestSealAndOpen(t *testing.T) {
	for _, s := range []Suite{AES128SHA80, AES128SHA32, AES256SHA80, AES128GCM, AES256GCM} {
		near, far := both(t, s)
		plain := rtpOf(7, 1, 1, 2, 3)
		sealed, err := near.Out.Seal(plain)
		if err != nil || bytes.Contains(sealed, []byte{1, 2, 3}) {
			t.Fatalf("%s: % x, %v", s, sealed, err)
		}
		if _, err := near.Out.Seal(plain); err == nil {
			t.Errorf("%s: a number goes out twice", s)
		}
		kept := bytes.Clone(sealed)
		if got, err := far.In.OpenRTP(sealed); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: % x, %v", s, got, err)
		}
		if _, err := far.In.OpenRTP(bytes.Clone(kept)); !Replayed(err) {
			t.Errorf("%s: came twice: %v", s, err)
		}
		changed, err := near.Out.Seal(rtpOf(7, 2, 1, 2, 3))
		if err != nil {
			t.Fatal(err)
		}
		changed[len(changed)-1]++
		if _, err := far.In.OpenRTP(changed); err == nil || Replayed(err) {
			t.Errorf("%s: changed: %v", s, err)
		}
		report := []byte{0x80, packet.TypeRR, 0, 1, 0, 0, 0, 7}
		sealed, err = near.Out.SealRTCP(report)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := far.In.OpenRTCP(bytes.Clone(sealed)); err != nil || !bytes.Equal(got, report) {
			t.Errorf("%s: % x, %v", s, got, err)
		}
		if far.In.Suite() != s {
			t.Errorf("%s is %s", s, far.In.Suite())
		}
	}
}

// TestSecurity20ManySourcesRemembered bounds what a phone with the keys can have us
// remember.
func TestSecurity20ManySourcesRemembered(t *testing.T) {
	near, far := both(t, AES128GCM)
	for n := range uint32(3 * maxSources) {
		sealed, err := near.Out.Seal(rtpOf(n, uint16(n), 1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := far.In.OpenRTP(bytes.Clone(sealed)); (err == nil) != (n < maxSources) {
			t.Fatalf("source %d: %v", n, err)
		}
		sealed, err = near.Out.SealRTCP([]byte{0x80, packet.TypeRR, 0, 1, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := far.In.OpenRTCP(bytes.Clone(sealed)); (err == nil) != (n < maxSources) {
			t.Fatalf("reports of source %d: %v", n, err)
		}
	}
	if o := far.In; o.sources != maxSources || o.reports != maxSources {
		t.Errorf("%d sources and %d of reports are remembered", o.sources, o.reports)
	}
}

// The same keys again go on where they were; others begin anew.
func TestAfter(t *testing.T) {
	a, _ := both(t, AES128GCM)
	again, _ := both(t, AES128GCM)
	other, _ := both(t, AES256GCM)
	if again.In.After(a.In, 7) != a.In || again.Out.After(a.Out) != a.Out {
		t.Error("the same keys begin anew")
	}
	if other.In.After(a.In, 7) != other.In || other.Out.After(a.Out) != other.Out {
		t.Error("other keys are not taken")
	}
	var none Pair
	if none.In.After(a.In, 7) != nil || none.Out.After(a.Out) != nil || a.In.After(nil, 7) != a.In || a.Out.After(nil) != a.Out {
		t.Error("plain RTP is not plain, or secret is")
	}
}
