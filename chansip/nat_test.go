package chansip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/internal/simnet"
	"obelus/message"
	"obelus/sip"
	"obelus/sip/transport"
)

// natPhone is a kind of phone: what it says of itself. It is at 10.99.0.2 and
// sends from port 5070.
type natPhone struct {
	name, via, contact string
	rport              bool
}

// TestNAT has every kind of phone meet every value of nat=: where the answer goes
// and what it says of the way, where the phone is called, and what is shown of it.
func TestNAT(t *testing.T) {
	t.Parallel()
	const here, elsewhere, private = "10.99.0.2:5070", "10.99.0.2:5080", "192.168.1.7:5060"
	phones := []natPhone{
		{"honest", here, here, false},
		{"honest, asks", here, here, true},
		{"listens on another port", elsewhere, elsewhere, false},
		{"behind NAT", private, private, false},
		{"behind NAT, asks", private, private, true},
		{"behind NAT, knows by STUN", private, here, true},
	}
	// What is expected: where the answer goes, its received and rport, where the
	// phone is called, and Forcerport and Comedia of sip show peers.
	forced := []string{
		here + " 10.99.0.2 5070 " + here, here + " 10.99.0.2 5070 " + here, here + " 10.99.0.2 5070 " + here,
		here + " 10.99.0.2 5070 " + here, here + " 10.99.0.2 5070 " + here, here + " 10.99.0.2 5070 " + here,
	}
	plain := []string{
		here + " - - " + here, here + " 10.99.0.2 5070 " + here, elsewhere + " - - " + elsewhere,
		"10.99.0.2:5060 10.99.0.2 - " + private, here + " 10.99.0.2 5070 " + private, here + " 10.99.0.2 5070 " + here,
	}
	comedia := []string{
		here + " - - " + here, here + " 10.99.0.2 5070 " + here, elsewhere + " - - " + here,
		"10.99.0.2:5060 10.99.0.2 - " + here, here + " 10.99.0.2 5070 " + here, here + " 10.99.0.2 5070 " + here,
	}
	autoComedia := []string{
		here + " - - " + here, here + " 10.99.0.2 5070 " + here, elsewhere + " - - " + elsewhere,
		"10.99.0.2:5060 10.99.0.2 - " + here, here + " 10.99.0.2 5070 " + here, here + " 10.99.0.2 5070 " + here,
	}
	auto := []string{
		here + " - - " + here, here + " 10.99.0.2 5070 " + here, elsewhere + " - - " + elsewhere,
		here + " 10.99.0.2 5070 " + here, here + " 10.99.0.2 5070 " + here, here + " 10.99.0.2 5070 " + here,
	}
	for _, c := range []struct {
		nat   string
		want  []string
		shown [2]string // of an honest phone, and of one behind NAT
	}{
		{"", auto, [2]string{"Auto (No) No", "Auto (Yes) No"}},
		{"nat=auto_force_rport", auto, [2]string{"Auto (No) No", "Auto (Yes) No"}},
		{"nat=no", plain, [2]string{"No No", "No No"}},
		{"nat=never", plain, [2]string{"No No", "No No"}},
		{"nat=force_rport", forced, [2]string{"Yes No", "Yes No"}},
		{"nat=comedia", comedia, [2]string{"No Yes", "No Yes"}},
		{"nat=yes", forced, [2]string{"Yes Yes", "Yes Yes"}},
		{"nat=force_rport,comedia", forced, [2]string{"Yes Yes", "Yes Yes"}},
		{"nat=auto_comedia", autoComedia, [2]string{"No Auto (No)", "No Auto (Yes)"}},
		{"nat=auto_force_rport,auto_comedia", auto, [2]string{"Auto (No) Auto (No)", "Auto (Yes) Auto (Yes)"}},
		{"nat=auto_force_rport,comedia", append(append([]string{}, auto[:2]...), append([]string{comedia[2]}, auto[3:]...)...), [2]string{"Auto (No) Yes", "Auto (Yes) Yes"}},
		{"nat=force_rport,auto_comedia", forced, [2]string{"Yes Auto (No)", "Yes Auto (Yes)"}},
	} {
		for i, p := range phones {
			for _, place := range []string{"general", "account"} {
				t.Run(c.nat+"/"+place+"/"+p.name, func(t *testing.T) {
					conf := "[general]\nNAT\n[1001]\ntype=friend\nhost=dynamic\nsecret=1001\n"
					if place == "account" {
						conf = "[general]\n[1001]\ntype=friend\nhost=dynamic\nsecret=1001\nNAT\n"
					}
					inHouse(t, strings.Replace(conf, "NAT", c.nat, 1), nil, func(h *house) {
						got := h.registers(p)
						// What is asked for before anybody is known goes by [general] alone.
						if got != c.want[i] {
							t.Errorf("registering: %s, want %s", got, c.want[i])
						}
						want := c.shown[0]
						if p.contact == private {
							want = c.shown[1]
						}
						if got := h.natShown(); got != want {
							t.Errorf("shown is %q, want %q", got, want)
						}
					})
				})
			}
		}
	}
}

// registers has a phone of a kind register with a proof, and says where the
// answer went, the received and rport in it, and where the phone is called.
func (h *house) registers(k natPhone) string {
	h.t.Helper()
	box := h.net.Host("phone", netip.MustParseAddr("10.99.0.2"))
	p := h.phoneOn(box, "1001", netip.MustParseAddrPort("10.99.0.2:5070"))
	rport := ""
	if k.rport {
		rport = ";rport"
	}
	text := func(seq int, proof string) string {
		return fmt.Sprintf("REGISTER sip:10.99.0.1 SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d%s\nMax-Forwards: 70\n"+
			"From: <sip:1001@10.99.0.1>;tag=t\nTo: <sip:1001@10.99.0.1>\nCall-ID: a@b\nCSeq: %d REGISTER\nContact: <sip:1001@%s>\n%s", k.via, seq, rport, seq, k.contact, proof)
	}
	seen := h.net.Capture()
	defer seen.Stop()
	last := func() (*sip.Message, simnet.Packet) {
		h.pass(time.Second)
		all := seen.Packets()
		one := all[len(all)-1]
		m, err := sip.Parse(one.Data)
		if err != nil {
			h.t.Fatal(err)
		}
		return m, one
	}
	p.send(text(1, ""))
	challenge, _ := last()
	p.send(text(2, p.proof(challenge, sip.REGISTER, "sip:10.99.0.1", "1001")+"\n"))
	m, packet := last()
	if m.IsRequest() || m.StatusCode() != 200 {
		h.t.Fatalf("the phone could not register:\n%s", m.Bytes())
	}
	via, err := m.Via()
	if err != nil {
		h.t.Fatal(err)
	}
	said := func(name string) string {
		if v, ok := via.Params.Get(name); ok && v != "" {
			return v
		}
		return "-"
	}
	_, called, _ := strings.Cut(h.ways("1001"), " by udp ")
	return fmt.Sprintf("%s %s %s %s", packet.To, said("received"), said("rport"), called)
}

// natShown is what sip show peers says of the only account: Forcerport and
// Comedia.
func (h *house) natShown() string {
	var b strings.Builder
	h.d.ShowPeers(&b)
	line := strings.Split(b.String(), "\n")[1]
	return strings.TrimSpace(line[70:80]) + " " + strings.TrimSpace(line[81:91])
}

// TestKeptOpen has phones behind NAT reached for as long as something keeps the
// way open: qualify, keepalive, or what they send themselves. Without any of it the
// NAT forgets them, which shows that the test can fail.
func TestKeptOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, conf, beat string
		want             bool
	}{
		{"nothing", "", "", false},
		{"qualify", "qualify=yes\nqualifyfreq=25", "", true},
		{"nothing from the phone", "keepalive=25", "", false},
		{"keepalive", "keepalive=25", "", true},
		{"two line ends of the phone", "", "\r\n\r\n", true},
		{"a line end", "", "\r\n", true},
		{"a byte", "", "\x00", true},
		{"STUN", "", "\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, "[general]\n[1001]\ntype=friend\nhost=dynamic\n"+c.conf+"\n", nil, func(h *house) {
				box := h.net.NAT("router", netip.MustParseAddr("10.99.0.9"), simnet.PortRestricted, 30*time.Second)
				if c.name == "keepalive" { // nothing comes back: it is of use where what comes in counts
					box.KeptByInbound()
				}
				p := h.phoneOn(box.Inside().Host("phone", netip.MustParseAddr("192.168.1.7")), "1001", netip.MustParseAddrPort("192.168.1.7:5060"))
				p.register("", "Expires: 3600")
				at := time.Now()
				for time.Since(at) < 10*time.Minute {
					b := p.hearRaw(20 * time.Second)
					if m, err := sip.Parse(b); err == nil && m.IsRequest() {
						p.reply(m, 200)
					}
					if c.beat != "" {
						p.sendRaw([]byte(c.beat))
					}
				}
				w := h.d.ways(h.d.Settings().Peer("1001"))
				if len(w) != 1 {
					t.Fatalf("it can be called at %v", w)
				}
				if err := w[0].Flow.Send([]byte("OPTIONS sip:1001@192.168.1.7 SIP/2.0\r\nl: 0\r\n\r\n")); err != nil {
					t.Fatal(err)
				}
				if got := p.hearRaw(10*time.Second) != nil; got != c.want {
					t.Errorf("ten minutes later it is reached: %v", got)
				}
			})
		})
	}
}

// TestConnectionBehindNAT has a phone behind NAT reached over the connection that
// it registered by, whatever its Contact says and for as long as it pings
// (RFC 5626 section 4.4.1).
func TestConnectionBehindNAT(t *testing.T) {
	t.Parallel()
	for _, nat := range []string{"", "nat=no", "nat=yes"} {
		inHouse(t, "[general]\ntcpenable=yes\n[1001]\ntype=friend\nhost=dynamic\ntransport=tcp,udp\n"+nat+"\n", nil, func(h *house) {
			box := h.net.NAT("router", netip.MustParseAddr("10.99.0.9"), simnet.Symmetric, time.Minute)
			p := h.phoneTCPOn(box.Inside().Host("phone", netip.MustParseAddr("192.168.1.7")), "1001")
			p.register("", "Expires: 3600")
			for range 20 {
				h.pass(30 * time.Second)
				p.sendRaw([]byte("\r\n\r\n"))
				pong := make([]byte, 10)
				if err := p.conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
					t.Fatal(err)
				}
				if n, err := p.conn.Read(pong); err != nil || string(pong[:n]) != "\r\n" {
					t.Fatalf("%s: a ping is answered %q, %v", nat, pong[:n], err)
				}
			}
			done := make(chan error, 1)
			go func() {
				done <- h.d.Send(h.t.Context(), &message.Message{To: "sip:1001", From: "sip:1002", ContentType: "text/plain", Body: []byte("hello")})
			}()
			m := p.asked(sip.MESSAGE)
			if via := m.Value(sip.HeaderVia); !strings.HasPrefix(via, "SIP/2.0/TCP 10.99.0.1:5060;") || string(m.Body()) != "hello" {
				t.Errorf("%s: the text is\n%s", nat, m.Bytes())
			}
			p.reply(m, 200)
			if err := <-done; err != nil {
				t.Errorf("%s: %v", nat, err)
			}
		})
	}
}

// TestDisconnected has a phone forgotten when its connection ends, unless it has
// registered by another meanwhile, and not by a stop of ours.
func TestDisconnected(t *testing.T) {
	t.Parallel()
	const conf = "[general]\ntcpenable=yes\n[1001]\ntype=friend\nhost=dynamic\nsecret=1001\ntransport=tcp\n[1002]\ntype=friend\nhost=dynamic\ntransport=tcp\n"
	inHouse(t, conf, nil, func(h *house) {
		first := h.phoneTCP("1001", phoneOne.Addr())
		first.register("1001")
		second := h.phoneTCPOn(first.host, "1001")
		second.register("1001")
		two := *second // a second account by the same connection
		two.name = "1002"
		two.register("")
		first.conn.Close()
		h.pass(time.Second)
		if h.ways("1001") == "" {
			t.Error("the end of the old connection took the new registration away")
		}
		second.conn.Close()
		h.pass(time.Second)
		for _, name := range []string{"1001", "1002"} {
			if got := h.where.Lookup(nil, name, time.Now()); len(got) != 0 {
				t.Errorf("after the end of its connection %s is still registered: %v", name, got)
			}
		}
		third := h.phoneTCPOn(first.host, "1001")
		third.register("1001")
		h.d.Close()
		third.conn.Close()
		h.pass(time.Second)
		if got := h.where.Lookup(nil, "1001", time.Now()); len(got) != 1 {
			t.Errorf("our own stop took %d of 1 registrations away", 1-len(got))
		}
	})
}

// TestIPv6 has phones of both families on one wildcard house register, be shown
// and be told an address of their own family.
func TestIPv6(t *testing.T) {
	t.Parallel()
	const conf = "[general]\n[1001]\ntype=friend\nhost=dynamic\ndeny=0.0.0.0/0\ndeny=::/0\npermit=2001:db8:7::/48\n[1002]\ntype=friend\nhost=dynamic\n" +
		"deny=2001:db8:7::/48\n[trunk]\ntype=peer\nhost=2001:db8::99\n"
	inHouse(t, conf, nil, func(h *house) {
		six := netip.MustParseAddrPort("[2001:db8:7::2]:5070")
		p := h.phone("1001", six)
		p.to = houseSix
		p.register("")
		if got := h.ways("1001"); got != "sip:1001@[2001:db8:7::2]:5070 by udp [2001:db8:7::2]:5070" {
			t.Errorf("it is called at %s", got)
		}
		if m := p.request(sip.REGISTER, "sip:[2001:db8::1]", "", "To: <sip:1002@[2001:db8::1]>", "Contact: <sip:1002@[2001:db8:7::2]>"); m.StatusCode() != 403 && m.StatusCode() != 401 {
			t.Errorf("who is denied by its IPv6 network is answered\n%s", m.Bytes())
		}
		if got := h.ways("trunk"); got != "sip:[2001:db8::99] by udp [2001:db8::99]:5060" {
			t.Errorf("the trunk is called at %s", got)
		}
		var b strings.Builder
		h.d.ShowPeers(&b)
		if !strings.Contains(b.String(), "2001:db8:7::2 ") || !strings.Contains(b.String(), "2001:db8::99 ") {
			t.Errorf("sip show peers says\n%s", b.String())
		}
		f, ok := h.d.tp.UDP(six)
		if got := h.d.where.Contact(&h.d.Settings().General, f, "sip:", "1002"); !ok || got != "<sip:1002@[2001:db8::1]:5060>" {
			t.Errorf("our Contact is %s", got)
		}
		h.phone("1002", phoneTwo).register("")
		if got := h.ways("1002"); got != "sip:1002@10.99.0.3:5070 by udp 10.99.0.3:5070" {
			t.Errorf("the phone of IPv4 is called at %s", got)
		}
		if set := h.d.Settings(); h.d.reach.ByAddr(set, transport.Flow{Transport: transport.UDP, Remote: netip.MustParseAddrPort("[2001:db8::99]:5060")}, "") != set.Peer("trunk") {
			t.Error("the trunk is not known by its address")
		}
	})
}
