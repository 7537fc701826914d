package stun

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	pion "github.com/pion/stun/v3"
)

// The four addresses of a server that has them.
var fourAddrs = [sides]netip.AddrPort{
	netip.MustParseAddrPort("192.0.2.1:3478"), netip.MustParseAddrPort("192.0.2.1:3479"),
	netip.MustParseAddrPort("192.0.2.2:3478"), netip.MustParseAddrPort("192.0.2.2:3479"),
}

// request makes a request by hand; attrs are in hexadecimal.
func request(t testing.TB, id ID, attrs string) []byte {
	body := unhex(t, attrs)
	b := binary.BigEndian.AppendUint16([]byte{0, 1}, uint16(len(body)))
	return append(append(b, id[:]...), body...)
}

// shown lists what an answer says.
func shown(t testing.TB, b []byte) string {
	t.Helper()
	if b == nil {
		return "silence"
	}
	m, err := Parse(b)
	if err != nil {
		t.Fatalf("the answer can't be read: %v\n%x", err, b)
	}
	var out []string
	if at, ok := m.Mapped(); ok {
		out = append(out, "mapped "+at.String())
	}
	for a, v := range m.Attrs() {
		switch a {
		case XORMappedAddress, MappedAddress:
			out = append(out, map[Attr]string{XORMappedAddress: "xor", MappedAddress: "plain"}[a])
		case OtherAddress, ChangedAddress:
			at, _ := m.Address(a)
			out = append(out, "other "+at.String())
		case ResponseOrigin, SourceAddress:
			at, _ := m.Address(a)
			out = append(out, "origin "+at.String())
		case ErrorCode:
			out = append(out, fmt.Sprintf("error %d%02d %s", v[2], v[3], v[4:]))
		case UnknownAttrs:
			out = append(out, fmt.Sprintf("unknown %x", v))
		case Software:
			out = append(out, string(v))
		case Fingerprint:
			out = append(out, "fingerprint")
		default:
			t.Errorf("the answer has attribute %04x", a)
		}
	}
	return strings.Join(out, ", ")
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// TestAnswer has each kind of request answered, on a server with one address and on one with four.
func TestAnswer(t *testing.T) {
	t.Parallel()
	now, old := NewID(), ID{1, 2, 3}
	finger := AppendRequest(nil, now)
	one := [sides]netip.AddrPort{fourAddrs[0]}
	twoPorts := [sides]netip.AddrPort{fourAddrs[0], fourAddrs[1]}
	const phone4, phone6 = "198.51.100.7:40000", "[2001:db8::7]:40000"
	for _, c := range []struct {
		name  string
		b     []byte
		from  string
		addrs [sides]netip.AddrPort
		want  string
		by    side
	}{
		{"bare", request(t, now, ""), phone4, one, "mapped 198.51.100.7:40000, xor, origin 192.0.2.1:3478, obelus", 0},
		{"fingerprint", finger, phone4, one, "mapped 198.51.100.7:40000, xor, origin 192.0.2.1:3478, obelus, fingerprint", 0},
		{"IPv6", request(t, now, ""), phone6, one, "mapped [2001:db8::7]:40000, xor, origin 192.0.2.1:3478, obelus", 0},
		{"RFC 3489", request(t, old, ""), phone4, one, "mapped 198.51.100.7:40000, plain, origin 192.0.2.1:3478", 0},
		{"RFC 3489, as Linphone asks", request(t, old, "0003 0004 00000000"), phone4, one, "mapped 198.51.100.7:40000, plain, origin 192.0.2.1:3478", 0},
		{"RFC 5780", request(t, now, ""), phone4, fourAddrs, "mapped 198.51.100.7:40000, xor, other 192.0.2.2:3479, origin 192.0.2.1:3478, obelus", 0},
		{"RFC 3489 with four", request(t, old, ""), phone4, fourAddrs, "mapped 198.51.100.7:40000, plain, other 192.0.2.2:3479, origin 192.0.2.1:3478", 0},
		{"another port", request(t, now, "0003 0004 00000002"), phone4, fourAddrs, "mapped 198.51.100.7:40000, xor, other 192.0.2.2:3479, origin 192.0.2.1:3479, obelus", otherPort},
		{"another address", request(t, now, "0003 0004 00000004"), phone4, fourAddrs, "mapped 198.51.100.7:40000, xor, other 192.0.2.2:3479, origin 192.0.2.2:3478, obelus", otherAddr},
		{"both", request(t, now, "0003 0004 00000006"), phone4, fourAddrs, "mapped 198.51.100.7:40000, xor, other 192.0.2.2:3479, origin 192.0.2.2:3479, obelus", otherPort | otherAddr},
		{"RFC 3489, both", request(t, old, "0003 0004 00000006"), phone4, fourAddrs, "mapped 198.51.100.7:40000, plain, other 192.0.2.2:3479, origin 192.0.2.2:3479", otherPort | otherAddr},
		{"another port of two", request(t, now, "0003 0004 00000002"), phone4, twoPorts, "mapped 198.51.100.7:40000, xor, origin 192.0.2.1:3479, obelus", otherPort},
		{"another address of two ports", request(t, now, "0003 0004 00000004"), phone4, twoPorts, "error 420 Unknown Attribute, unknown 0003", 0},
		{"a change that can't be", request(t, now, "0003 0004 00000006"), phone4, one, "error 420 Unknown Attribute, unknown 0003", 0},
		{"a change of no size", request(t, now, "0003 0000"), phone4, one, "error 420 Unknown Attribute, unknown 0003", 0},
		{"credentials", request(t, now, "0006 0004 41414141 0014 0004 41414141"), phone4, one, "mapped 198.51.100.7:40000, xor, origin 192.0.2.1:3478, obelus", 0},
		{"unknown and optional", request(t, now, "c057 0004 00000000"), phone4, one, "mapped 198.51.100.7:40000, xor, origin 192.0.2.1:3478, obelus", 0},
		{"unknown", request(t, now, "7fff 0000 7ffe 0000"), phone4, one, "error 420 Unknown Attribute, unknown 7fff7ffe", 0},
		{"unknown to RFC 3489", request(t, old, "7fff 0000"), phone4, one, "error 420 Unknown Attribute, unknown 7fff7fff", 0},
		{"RESPONSE-ADDRESS", request(t, old, "0002 0008 0001 1234 cb007101"), phone4, fourAddrs, "error 420 Unknown Attribute, unknown 00020002", 0},
		{"RESPONSE-PORT", request(t, now, "0027 0004 12340000"), phone4, fourAddrs, "error 420 Unknown Attribute, unknown 0027", 0},
		{"PADDING", request(t, now, "0026 0004 00000000"), phone4, fourAddrs, "error 420 Unknown Attribute, unknown 0026", 0},
		{"an indication", unhex(t, "0011 0000 2112a442 000102030405060708090a0b"), phone4, one, "silence", 0},
		{"an answer", unhex(t, vectorAnswer4), phone4, one, "silence", 0},
		{"Allocate", unhex(t, "0003 0000 2112a442 000102030405060708090a0b"), phone4, one, "silence", 0},
		{"garbage", []byte("REGISTER sip:192.0.2.1 SIP/2.0\r\n"), phone4, one, "silence", 0},
		{"from port 0", request(t, now, ""), "198.51.100.7:0", one, "silence", 0},
		{"from everybody", request(t, now, ""), "255.255.255.255:5060", one, "silence", 0},
		{"from a group", request(t, now, ""), "224.0.0.1:5060", one, "silence", 0},
	} {
		s := New(Options{Log: quiet(), Software: "obelus"})
		b, by, _ := s.answer(nil, c.b, netip.MustParseAddrPort(c.from), fourAddrs[0], 0, &c.addrs)
		if got := shown(t, b); got != c.want || by != c.by {
			t.Errorf("%s: %s by %d\nwant %s by %d", c.name, got, by, c.want, c.by)
		}
		if got := s.Stats(); got.Received != 1 || got.Answered+got.Refused+got.Dropped != 1 {
			t.Errorf("%s: counted %+v", c.name, got)
		}
	}
}

// TestPion has another implementation read our answers.
func TestPion(t *testing.T) {
	t.Parallel()
	s := New(Options{Log: quiet(), Software: "obelus"})
	for _, from := range []string{"198.51.100.7:40000", "[2001:db8::7]:40000"} {
		ask := pion.MustBuild(pion.TransactionID, pion.BindingRequest, pion.NewSoftware("a phone"), pion.Fingerprint)
		b := s.Reply(nil, ask.Raw, netip.MustParseAddrPort(from), fourAddrs[0])
		var m pion.Message
		if err := pion.Decode(b, &m); err != nil {
			t.Fatal(err)
		}
		var at pion.XORMappedAddress
		if err := at.GetFrom(&m); err != nil || netip.MustParseAddrPort(at.String()) != netip.MustParseAddrPort(from) {
			t.Errorf("it reads %v: %v", at, err)
		}
		if m.TransactionID != ask.TransactionID || m.Type != pion.BindingSuccess {
			t.Errorf("answered %v", m)
		}
		if err := pion.Fingerprint.Check(&m); err != nil {
			t.Error(err)
		}
	}
}

// TestSecurityClass27Amplification has no answer larger, on the wire, than the doc says, whatever is asked (security class 27).
func TestSecurityClass27Amplification(t *testing.T) {
	t.Parallel()
	unknown := ""
	var asks [][]byte
	for range 30 {
		asks = append(asks, request(t, NewID(), unknown), request(t, ID{1}, unknown), request(t, NewID(), "0003 0004 00000006"+unknown))
		unknown += "7f01 0000"
	}
	asks = append(asks, AppendRequest(nil, NewID()))
	addrs6 := [sides]netip.AddrPort{}
	for i := range addrs6 {
		addrs6[i] = netip.MustParseAddrPort("[2001:db8::1]:3478")
	}
	worst := 0.0
	for _, from := range []string{"198.51.100.7:40000", "[2001:db8::7]:40000"} {
		for _, addrs := range [][sides]netip.AddrPort{{fourAddrs[0]}, fourAddrs, addrs6} {
			for _, ask := range asks {
				s := New(Options{Log: quiet(), Software: strings.Repeat("obelus ", 10)})
				at := netip.MustParseAddrPort(from)
				b, _, _ := s.answer(nil, ask, at, addrs[0], 0, &addrs)
				if b == nil {
					t.Fatalf("no answer to %x", ask)
				}
				head := wire6
				if at.Addr().Is4() {
					head = wire4
				}
				factor := float64(len(b)+head) / float64(len(ask)+head)
				worst = max(worst, factor)
				if factor > Amplification {
					t.Errorf("from %s: %d bytes are answered by %d: %.2f times\n%x\n%x", from, len(ask), len(b), factor, ask, b)
				}
				shown(t, b)
			}
		}
	}
	t.Logf("the worst answer is %.2f times its request", worst)
}

// TestRate has one network stopped without harm to others, and all of them together.
func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Log: quiet(), Rate: 10, TotalRate: 20})
		ask := func(from string, times int) (answers int) {
			for range times {
				if s.Reply(nil, AppendRequest(nil, NewID()), netip.MustParseAddrPort(from), fourAddrs[0]) != nil {
					answers++
				}
			}
			return answers
		}
		if n := ask("198.51.100.7:40000", 100); n != 40 {
			t.Errorf("%d answers at once, want those of four seconds", n)
		}
		if n := ask("198.51.100.200:40000", 100); n != 0 {
			t.Errorf("a neighbour in the same network had %d more", n)
		}
		if n := ask("203.0.113.7:40000", 10); n != 10 {
			t.Errorf("another network had %d of 10", n)
		}
		if n := ask("[2001:db8:0:17::7]:40000", 100); n != 30 {
			t.Errorf("%d answers, want what is left of all", n)
		}
		time.Sleep(time.Second)
		if n := ask("198.51.100.7:40000", 100); n != 10 {
			t.Errorf("%d answers a second later", n)
		}
		if n := ask("[2001:db8:0:ff::7]:40000", 100); n != 10 {
			t.Errorf("%d answers to the same household a second later, want what is left of all", n)
		}
		if got := s.Stats(); got.Answered != 40+10+30+10+10 || got.Limited != 60+100+70+90+90 {
			t.Errorf("counted %+v", got)
		}
	})
}

// TestAllocs has nothing allocated for an answer.
func TestAllocs(t *testing.T) {
	s := New(Options{Log: quiet(), Software: "obelus", Rate: 1e9, TotalRate: 1e9})
	from, out := netip.MustParseAddrPort("198.51.100.7:40000"), make([]byte, 0, 256)
	for name, b := range map[string][]byte{"bare": AppendRequest(nil, NewID()), "refused": request(t, NewID(), "7fff 0000")} {
		if n := testing.AllocsPerRun(100, func() {
			if got, _, _ := s.answer(out, b, from, fourAddrs[0], 0, &fourAddrs); got == nil {
				t.Fatal("no answer")
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	s := New(Options{Log: quiet(), Software: "obelus", Rate: 1e9, TotalRate: 1e9})
	from, out, ask := netip.MustParseAddrPort("198.51.100.7:40000"), make([]byte, 0, 256), AppendRequest(nil, NewID())
	for b.Loop() {
		s.answer(out, ask, from, fourAddrs[0], 0, &fourAddrs)
	}
}
