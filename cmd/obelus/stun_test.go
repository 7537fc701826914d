package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/stun"
)

func TestReadSTUN(t *testing.T) {
	addr := netip.MustParseAddr
	for text, c := range map[string]struct {
		want stunConf
		said []string
	}{
		"":                   {stunConf{enable: true, port: 3478}, nil},
		"enable=no":          {stunConf{port: 3478}, nil},
		"enable=perhaps":     {stunConf{enable: true, port: 3478}, []string{"obelus.conf:2: warning: enable=perhaps is neither yes nor no (the STUN server is on)"}},
		"Port=5349\nrate=7":  {stunConf{enable: true, port: 5349, rate: 7}, nil},
		"totalrate=9":        {stunConf{enable: true, port: 3478, totalRate: 9}, nil},
		"port=0":             {stunConf{enable: true, port: 3478}, []string{"obelus.conf:2: warning: port=0 is no number from 1 to 65535 (the default is kept)"}},
		"bindaddr=192.0.2.1": {stunConf{enable: true, port: 3478, bind: []netip.Addr{addr("192.0.2.1")}}, nil},
		"bindaddr=192.0.2.1, [::1]": {
			stunConf{enable: true, port: 3478, bind: []netip.Addr{addr("192.0.2.1"), addr("::1")}}, nil,
		},
		"bindaddr=here": {stunConf{enable: true, port: 3478}, []string{"obelus.conf:2: warning: bindaddr=here is no address (it is not used)"}},
		"altport=3479":  {stunConf{enable: true, port: 3478, altPort: 3479}, nil},
		"altport=3478": {stunConf{enable: true, port: 3478}, []string{
			"obelus.conf:2: warning: altport= is the same as port= (there is no second port)",
		}},
		"bindaddr=192.0.2.1\naltaddr=192.0.2.2": {
			stunConf{enable: true, port: 3478, bind: []netip.Addr{addr("192.0.2.1")}, altAddr: addr("192.0.2.2"), altPort: 3479}, nil,
		},
		"altaddr=192.0.2.2": {stunConf{enable: true, port: 3478}, []string{
			"obelus.conf:2: warning: altaddr= needs one bindaddr= of its own kind (write bindaddr=ADDRESS, another address of this machine; until then there is no second address)",
		}},
		"prot=3478": {stunConf{enable: true, port: 3478}, []string{
			"obelus.conf:2: warning: unknown option 'prot' in [stun] (there is altaddr=, altport=, bindaddr=, enable=, port=, rate=, totalrate=)",
		}},
	} {
		got, found := readOwn(parsed(t, "obelus.conf", "[stun]\n"+text+"\n"))
		if fmt.Sprint(got.stun) != fmt.Sprint(c.want) || !slices.Equal(texts(found), c.said) {
			t.Errorf("%q: %+v %q, want %+v %q", text, got.stun, texts(found), c.want, c.said)
		}
	}
}

func TestSTUNAddresses(t *testing.T) {
	sip := []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:5060"), netip.MustParseAddrPort("10.0.0.1:5070"), netip.MustParseAddrPort("[::1]:5060")}
	c := stunDefaults()
	if got := fmt.Sprint(c.addresses(sip)); got != "[10.0.0.1 ::1]" {
		t.Errorf("without bindaddr it listens on %s", got)
	}
	c.bind = []netip.Addr{netip.MustParseAddr("192.0.2.1")}
	if got := fmt.Sprint(c.addresses(sip)); got != "[192.0.2.1]" {
		t.Errorf("with bindaddr it listens on %s", got)
	}
}

// freePorts are ports that nobody has.
func freePorts(t *testing.T, n int) (out []uint16) {
	for range n {
		pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
		out = append(out, netip.MustParseAddrPort(pc.LocalAddr().String()).Port())
	}
	return out
}

// TestListenSTUN has the server wired: it answers, from its second port as well,
// goes on where a port is taken, and shows what it did.
func TestListenSTUN(t *testing.T) {
	ports := freePorts(t, 2)
	var said strings.Builder
	s := &server{log: slog.New(slog.NewTextHandler(&said, nil))}
	s.stun = stun.New(stun.Options{Log: s.log})
	defer s.stun.Close()
	home := netip.MustParseAddr("127.0.0.1")
	c := stunConf{enable: true, port: ports[0], altPort: ports[1]}
	s.listenSTUN(t.Context(), &c, []netip.AddrPort{netip.AddrPortFrom(home, 5060)})
	if said.Len() > 0 || len(s.stun.Addrs()) != 2 {
		t.Fatalf("it listens on %v: %s", s.stun.Addrs(), said.String())
	}
	conn, err := net.Dial("udp", netip.AddrPortFrom(home, ports[0]).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(stun.AppendRequest(nil, stun.NewID())); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1500)
	n, err := conn.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	m, err := stun.Parse(b[:n])
	if at, ok := m.Mapped(); err != nil || !ok || at.String() != conn.LocalAddr().String() {
		t.Errorf("it says that we are %v: %v", at, err)
	}

	s.listenSTUN(t.Context(), &stunConf{port: ports[1]}, []netip.AddrPort{netip.AddrPortFrom(home, 5060)})
	if !strings.Contains(said.String(), "can't listen here") {
		t.Errorf("a taken port: %q", said.String())
	}
	var shown strings.Builder
	s.showSTUNServer(&shown)
	want := fmt.Sprintf("Listening on:    127.0.0.1:%d, 127.0.0.1:%d\nReceived:        1\nAnswered:        1\n", ports[0], ports[1])
	if !strings.HasPrefix(shown.String(), want) {
		t.Errorf("shown is\n%swant\n%s", shown.String(), want)
	}
	s.stun.Close()
	s.stun = nil
	shown.Reset()
	s.showSTUNServer(&shown)
	if !strings.Contains(shown.String(), "off") {
		t.Errorf("without a server %q", shown.String())
	}
}
