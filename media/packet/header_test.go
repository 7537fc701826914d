package packet

import (
	"bytes"
	"testing"
)

// Class 9: headers that say more than there is.
func TestSecurity9Headers(t *testing.T) {
	plain := onWire(Header{PT: 8, Seq: 7, TS: 9, SSRC: 11}, []byte{1, 2, 3, 4})
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
		h, ok := Parse(c.b)
		if ok != (c.payload != nil) {
			t.Errorf("%s: read %v", c.name, ok)
			continue
		}
		if ok && !bytes.Equal(h.Payload(c.b), c.payload) {
			t.Errorf("%s: payload % x, want % x", c.name, h.Payload(c.b), c.payload)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add(onWire(Header{Marker: true, PT: 8, Seq: 7, TS: 9, SSRC: 11}, []byte{1, 2, 3, 4}))
	f.Add([]byte{0xbf, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := Parse(b)
		if !ok {
			return
		}
		before := bytes.Clone(b)
		_ = h.Payload(b)
		h.Rewrite(b)
		if !bytes.Equal(b, before) {
			t.Errorf("% x written again is % x", before, b)
		}
	})
}

// onWire is a packet as it goes over the wire.
func onWire(h Header, payload []byte) []byte {
	b := make([]byte, HeaderLen, HeaderLen+len(payload))
	b[0] = 0x80
	h.Rewrite(b)
	return append(b, payload...)
}
