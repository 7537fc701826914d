package stun

import (
	"net/netip"
	"testing"
)

// FuzzServer has no datagram end a server, or have it send more than it may (security classes 8 and 22).
func FuzzServer(f *testing.F) {
	for _, s := range []string{
		vectorRequest, vectorAnswer4, vectorAnswer6, "0001 0000 2112a442 000102030405060708090a0b", "0001 0000 00112233445566778899aabbccddeeff",
		"0001 0008 2112a442 000102030405060708090a0b 0003 0004 00000006", "0001 0008 2112a442 000102030405060708090a0b 8022 ffff 00000006",
		"0001 0008 2112a442 000102030405060708090a0b 8028 0004 00000000", "",
	} {
		f.Add(unhex(f, s), false)
		f.Add(unhex(f, s), true)
	}
	from4, from6 := netip.MustParseAddrPort("198.51.100.7:40000"), netip.MustParseAddrPort("[2001:db8::7]:40000")
	f.Fuzz(func(t *testing.T, b []byte, v6 bool) {
		s := New(Options{Log: quiet(), Software: "obelus"})
		from := from4
		if v6 {
			from = from6
		}
		answer, by, _ := s.answer(nil, b, from, fourAddrs[0], 0, &fourAddrs)
		if m, err := Parse(b); err == nil {
			m.Mapped()
			m.Address(ResponseOrigin)
		} else if answer != nil {
			t.Fatalf("what can't be read is answered: %x", b)
		}
		if answer == nil {
			return
		}
		if len(answer) > most(len(b), from.Addr()) || int(by) >= sides {
			t.Fatalf("%d bytes are answered by %d", len(b), len(answer))
		}
		shown(t, answer)
	})
}
