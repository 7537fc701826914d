package reach

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"obelus/location"
)

// TestConnectionGone has phones called whose connections ended with the process:
// those that can be connected to, and no others; nobody waits twice for one that
// can't.
func TestConnectionGone(t *testing.T) {
	const from = "10.99.0.2:40000"
	for _, c := range []struct {
		name    string
		b       location.Binding
		listens bool
		want    string
		gone    bool
		waits   bool
	}{
		{name: "it listens", b: location.Binding{Contact: "sip:a@10.99.0.2:5070;transport=tcp"}, listens: true,
			want: "sip:a@10.99.0.2:5070;transport=tcp by tcp 10.99.0.2:5070", waits: true},
		{name: "it is off", b: location.Binding{Contact: "sip:a@10.99.0.2:5070;transport=tcp"}, waits: true},
		{name: "behind NAT", b: location.Binding{Contact: "sip:a@192.168.1.2:5070;transport=tcp"}, listens: true, gone: true},
		{name: "its end of the connection", b: location.Binding{Contact: "sip:a@10.99.0.2:40000;transport=tcp"}, listens: true, gone: true},
		{name: "it opens flows itself", b: location.Binding{Contact: "sip:a@10.99.0.2:5070;transport=tcp", Instance: "<urn:a>", RegID: 1}, listens: true, gone: true},
		{name: "behind a proxy", b: location.Binding{Contact: "sip:a@10.99.0.2:5070;transport=tcp", Path: "<sip:edge;lr>"}, listens: true, gone: true},
		{name: "a name", b: location.Binding{Contact: "sip:a@phone.example:5070;transport=tcp"}, listens: true, gone: true},
		{name: "WebSocket", b: location.Binding{Contact: "sip:a@10.99.0.2:5070", Transport: "ws"}, listens: true, gone: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, "[1001]\ntype=friend\nhost=dynamic\n", func(h *house) {
				box := h.net.Host("phone", netip.MustParseAddr("10.99.0.2"))
				if c.listens {
					ln, err := box.Listen("tcp", "10.99.0.2:5070")
					if err != nil {
						t.Fatal(err)
					}
					defer ln.Close()
				}
				b := c.b
				if b.Transport == "" {
					b.Transport = "tcp"
				}
				b.Flow, b.CallID, b.Received, b.Expires = location.GoneFlow, "a", netip.MustParseAddrPort(from), time.Now().Add(time.Hour)
				if _, _, err := h.where.Bind(nil, "1001", []location.Binding{b}, 1, time.Now(), nil); err != nil {
					t.Fatal(err)
				}
				p := h.set.Load().Peer("1001")
				if got := h.d.Waits(p); got != c.waits {
					t.Errorf("a call waits: %v", got)
				}
				began := time.Now()
				if got := h.ways("1001"); got != c.want {
					t.Errorf("it can be called at %q, want %q", got, c.want)
				}
				if took := time.Since(began); took > phoneTime {
					t.Errorf("a call waited %v", took)
				}
				if h.d.Waits(p) {
					t.Error("the next call waits again")
				}
				if got, want := h.d.Gone(&b), c.want == ""; got != want {
					t.Errorf("it is gone: %v, want %v", got, want)
				}
				time.Sleep(deaf + time.Second)
				if got, want := h.d.Gone(&b), c.gone; got != want {
					t.Errorf("later it is gone: %v, want %v", got, want)
				}
			})
		})
	}
}

// TestFlowsOfOnePhone has each phone called once, by its latest flow, the others at
// hand.
func TestFlowsOfOnePhone(t *testing.T) {
	inHouse(t, "[1001]\ntype=friend\nhost=dynamic\n", func(h *house) {
		for i, b := range []location.Binding{
			{Contact: "sip:a@10.99.0.2:5070", Instance: "<urn:a>", RegID: 1, Received: netip.MustParseAddrPort("10.99.0.2:5070")},
			{Contact: "sip:b@10.99.0.3:5070", Received: netip.MustParseAddrPort("10.99.0.3:5070"), Path: "<sip:10.99.0.9;lr>, <sip:10.99.0.8;lr>"},
			{Contact: "sip:c@10.99.0.4:5070", Received: netip.MustParseAddrPort("10.99.0.4:5070")},
			{Contact: "sip:a@10.99.0.2:5071", Instance: "<urn:a>", RegID: 2, Received: netip.MustParseAddrPort("10.99.0.2:5071")},
		} {
			b.Transport, b.CallID, b.CSeq, b.Local, b.Expires = "udp", "a", uint32(i), houseAddr, time.Now().Add(time.Hour)
			if _, _, err := h.where.Bind(nil, "1001", []location.Binding{b}, 5, time.Now(), nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if got, want := h.ways("1001"), "sip:a@10.99.0.2:5071 by udp 10.99.0.2:5071; sip:c@10.99.0.4:5070 by udp 10.99.0.4:5070; sip:b@10.99.0.3:5070 by udp 10.99.0.3:5070"; got != want {
			t.Errorf("called are %q, want %q", got, want)
		}
		p := h.set.Load().Peer("1001")
		ways := h.d.Ways(p, every)
		if o := ways[0].Others; len(o) != 1 || o[0].URI != "sip:a@10.99.0.2:5070" || len(ways[1].Others) != 0 {
			t.Errorf("other flows are %+v", o)
		}
		if r := ways[2].Routes; len(r) != 2 || r[0] != "<sip:10.99.0.9;lr>" || r[1] != "<sip:10.99.0.8;lr>" {
			t.Errorf("it goes by %q", r)
		}
		if n := len(h.d.Flows(p)); n != 4 {
			t.Errorf("%d flows", n)
		}
	})
}
