package stun

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	pion "github.com/pion/stun/v3"
)

// unhex reads hexadecimal with spaces.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The test vectors of RFC 5769.
const (
	vectorRequest = `000100582112a442b7e7a701bc34d686fa87dfae80220010 5354554e207465737420636c69656e74
		002400046e0001ff 80290008932ff9b151263b36 000600096576746a3a68367659202020 000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004e57a3bcf`
	vectorAnswer4 = `0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220 002000080001a147e112a643
		000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004c07d4c96`
	vectorAnswer6 = `010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220 002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9
		00080014a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c`
)

func TestVectors(t *testing.T) {
	t.Parallel()
	m, err := Parse(unhex(t, vectorRequest))
	if err != nil || m.Kind != BindingRequest || m.ID.Classic() {
		t.Fatalf("the request: %v %x", err, m.Kind)
	}
	if v, ok := m.Get(Username); !ok || string(v) != "evtj:h6vY" {
		t.Errorf("its user is %q", v)
	}
	for vector, want := range map[string]string{vectorAnswer4: "192.0.2.1:32853", vectorAnswer6: "[2001:db8:1234:5678:11:2233:4455:6677]:32853"} {
		m, err := Parse(unhex(t, vector))
		if err != nil {
			t.Fatal(err)
		}
		if at, ok := m.Mapped(); !ok || at != netip.MustParseAddrPort(want) {
			t.Errorf("mapped is %v, want %s", at, want)
		}
	}
}

// TestSecurityClass8Attributes has nothing read past the end of a message, whatever
// its lengths say.
func TestSecurityClass8Attributes(t *testing.T) {
	t.Parallel()
	const id = "2112a442 000102030405060708090a0b"
	for _, c := range []struct {
		name, hex string
		ok        bool
	}{
		{"bare", "0001 0000" + id, true},
		{"of RFC 3489", "0001 0000 00112233445566778899aabbccddeeff", true},
		{"an attribute", "0001 0008" + id + "0003 0004 00000006", true},
		{"padding counts", "0001 0008" + id + "8022 0001 41000000", true},
		{"empty", "", false},
		{"short", "0001 0000 2112a442 0001020304050607", false},
		{"SIP", "494e5649544520736970 3a406120534950 2f322e300d0a0d0a0d0a0d0a", false},
		{"RTP", "8000 0000" + id, false},
		{"longer than it says", "0001 0000" + id + "00", false},
		{"shorter than it says", "0001 0004" + id, false},
		{"odd length", "0001 0002" + id + "0003", false},
		{"an attribute over the end", "0001 0004" + id + "0003 0004", false},
		{"an attribute's padding over the end", "0001 0008" + id + "8022 0005 41414141", false},
		{"the largest attribute", "0001 0004" + id + "0003 ffff", false},
		{"a wrong fingerprint", "0001 0008" + id + "8028 0004 00000000", false},
		{"a fingerprint in the middle", "0001 0010" + id + "8028 0004 00000000 8022 0004 41414141", false},
		{"a fingerprint of another size", "0001 0004" + id + "8028 0000", false},
	} {
		if _, err := Parse(unhex(t, c.hex)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestLooks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"INVITE sip:1001@192.0.2.1 SIP/2.0\r\n": false, "": false, "\r\n\r\n": false,
		string(AppendRequest(nil, NewID())): true,
		string(make([]byte, 40)):            false,
	} {
		if Looks([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// TestRequest has another implementation read our request and agree about its fingerprint.
func TestRequest(t *testing.T) {
	t.Parallel()
	id := NewID()
	b := AppendRequest([]byte("before"), id)
	if !bytes.HasPrefix(b, []byte("before")) || len(b) != 6+28 {
		t.Fatalf("%d bytes: %q", len(b), b)
	}
	var m pion.Message
	if err := pion.Decode(b[6:], &m); err != nil {
		t.Fatal(err)
	}
	if m.Type != pion.BindingRequest || [12]byte(m.TransactionID) != [12]byte(id[4:]) {
		t.Errorf("it is %v", m)
	}
	if err := pion.Fingerprint.Check(&m); err != nil {
		t.Error(err)
	}
	if id == NewID() {
		t.Error("two transactions have one name")
	}
}

func TestMapped(t *testing.T) {
	t.Parallel()
	const id = "2112a442 000102030405060708090a0b"
	for _, c := range []struct{ name, hex, want string }{
		{"masked", "0101 000c" + id + "0020 0008 0001 3326 e112a643", "192.0.2.1:4660"},
		{"plain", "0101 000c" + id + "0001 0008 0001 1234 c0000201", "192.0.2.1:4660"},
		{"both", "0101 0018" + id + "0001 0008 0001 1234 c0000202 0020 0008 0001 3326 e112a643", "192.0.2.1:4660"},
		{"neither", "0101 0000" + id, ""},
		{"an error", "0111 000c" + id + "0020 0008 0001 3326 e112a643", ""},
		{"a family that is none", "0101 000c" + id + "0020 0008 0003 3326 e112a643", ""},
		{"IPv6 in four bytes", "0101 000c" + id + "0020 0008 0002 3326 e112a643", ""},
		{"nothing", "0101 0004" + id + "0020 0000", ""},
	} {
		m, err := Parse(unhex(t, c.hex))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := ""
		if at, ok := m.Mapped(); ok {
			got = at.String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
