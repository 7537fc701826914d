package settings

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
)

func TestReadSTUN(t *testing.T) {
	addr := netip.MustParseAddr
	for text, c := range map[string]struct {
		want STUN
		said []string
	}{
		"":                   {STUN{Enable: true, Port: 3478}, nil},
		"enable=no":          {STUN{Port: 3478}, nil},
		"enable=perhaps":     {STUN{Enable: true, Port: 3478}, []string{"obelus.conf:2: warning: enable=perhaps is neither yes nor no (the STUN server is on)"}},
		"Port=5349\nrate=7":  {STUN{Enable: true, Port: 5349, Rate: 7}, nil},
		"totalrate=9":        {STUN{Enable: true, Port: 3478, TotalRate: 9}, nil},
		"port=0":             {STUN{Enable: true, Port: 3478}, []string{"obelus.conf:2: warning: port=0 is no number from 1 to 65535 (the default is kept)"}},
		"bindaddr=192.0.2.1": {STUN{Enable: true, Port: 3478, Bind: []netip.Addr{addr("192.0.2.1")}}, nil},
		"bindaddr=192.0.2.1, [::1]": {
			STUN{Enable: true, Port: 3478, Bind: []netip.Addr{addr("192.0.2.1"), addr("::1")}}, nil,
		},
		"bindaddr=here": {STUN{Enable: true, Port: 3478}, []string{"obelus.conf:2: warning: bindaddr=here is no address (it is not used)"}},
		"altport=3479":  {STUN{Enable: true, Port: 3478, AltPort: 3479}, nil},
		"altport=3478": {STUN{Enable: true, Port: 3478}, []string{
			"obelus.conf:2: warning: altport= is the same as port= (there is no second port)",
		}},
		"bindaddr=192.0.2.1\naltaddr=192.0.2.2": {
			STUN{Enable: true, Port: 3478, Bind: []netip.Addr{addr("192.0.2.1")}, AltAddr: addr("192.0.2.2"), AltPort: 3479}, nil,
		},
		"altaddr=192.0.2.2": {STUN{Enable: true, Port: 3478}, []string{
			"obelus.conf:2: warning: altaddr= needs one bindaddr= of its own kind (write bindaddr=ADDRESS, another address of this machine; until then there is no second address)",
		}},
		"prot=3478": {STUN{Enable: true, Port: 3478}, []string{
			"obelus.conf:2: warning: unknown option 'prot' in [stun] (there is altaddr=, altport=, bindaddr=, enable=, port=, rate=, totalrate=)",
		}},
	} {
		got, found := readOwn(parsed(t, "obelus.conf", "[stun]\n"+text+"\n"))
		if fmt.Sprint(got.STUN) != fmt.Sprint(c.want) || !slices.Equal(texts(found), c.said) {
			t.Errorf("%q: %+v %q, want %+v %q", text, got.STUN, texts(found), c.want, c.said)
		}
	}
}

func TestSTUNAddresses(t *testing.T) {
	sip := []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:5060"), netip.MustParseAddrPort("10.0.0.1:5070"), netip.MustParseAddrPort("[::1]:5060")}
	c := stunDefaults()
	if got := fmt.Sprint(c.Addresses(sip)); got != "[10.0.0.1 ::1]" {
		t.Errorf("without bindaddr it listens on %s", got)
	}
	c.Bind = []netip.Addr{netip.MustParseAddr("192.0.2.1")}
	if got := fmt.Sprint(c.Addresses(sip)); got != "[192.0.2.1]" {
		t.Errorf("with bindaddr it listens on %s", got)
	}
}
