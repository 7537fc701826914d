package dtmf

import (
	"bytes"
	"testing"
)

func FuzzEvent(f *testing.F) {
	f.Add([]byte{5, 0x8a, 3, 0x20})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, ok := ParseEvent(b)
		if !ok {
			return
		}
		again := make([]byte, EventLen)
		e.Put(again)
		if again[1] |= b[1] & 0x40; !bytes.Equal(again, b[:EventLen]) { // a bit that means nothing
			t.Errorf("% x written again is % x", b[:EventLen], again)
		}
	})
}
