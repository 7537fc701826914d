package direct

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/acl"
	"obelus/chansip/sipconf"
	"obelus/chansip/talk"
	"obelus/internal/simnet"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// fakeLeg is a leg that does as it is told when do says so.
type fakeLeg struct {
	view     View
	patience time.Duration
	unasked  bool
	agrees   bool
	aims     int
}

func (l *fakeLeg) Look() View { return l.view }

func (l *fakeLeg) Aim(to *talk.Phone, ask bool, patience time.Duration) {
	l.aims++
	l.view.Want, l.unasked, l.patience = to, !ask, patience
	if l.agrees && ask && patience == 0 {
		l.view.Told = to
	}
}

// at is where the phone was told to send its sound, "us" or an address.
func (l *fakeLeg) at() string {
	if l.view.Told == nil {
		return "us"
	}
	return Audio(l.view.Told).String()
}

// phones makes phones of descriptions.
type phones struct {
	t     testing.TB
	plane *rtp.Plane
	set   *sipconf.Settings
}

func newPhones(t testing.TB) *phones {
	host := simnet.New(1).Host("house", netip.MustParseAddr("10.99.0.1"))
	plane, err := rtp.New(rtp.Options{Listen: host.ListenPacket})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { plane.Close() })
	set, _ := sipconf.ReadSettings(nil, nil, "obelus")
	return &phones{t, plane, set}
}

// leg is the leg of a phone at an address, settled and with nothing against it.
func (p *phones) leg(addr, lines string, incoming bool, change func(peer *sipconf.Peer)) *fakeLeg {
	p.t.Helper()
	peer := p.set.General.Default.Clone()
	if change != nil {
		change(&peer)
	}
	k, err := talk.Open(talk.Config{Plane: p.plane, General: &p.set.General, Peer: &peer, Addr: netip.MustParseAddr("10.99.0.1"), Signal: netip.MustParseAddr(addr)})
	if err != nil {
		p.t.Fatal(err)
	}
	their, err := sdp.Parse([]byte(fmt.Sprintf("v=0\no=- 1 1 IN IP4 %s\ns=-\nc=IN IP4 %[1]s\nt=0 0\n%s", addr, lines)))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := k.TakeOffer(their); err != nil {
		p.t.Fatal(err)
	}
	return &fakeLeg{agrees: true, view: View{
		Name: "SIP/" + addr, Incoming: incoming, Settled: true, Peer: &peer, General: &p.set.General, Phone: k.Phone(),
		From: netip.MustParseAddr(addr), Learned: func(media.Kind) netip.AddrPort { return netip.AddrPort{} },
	}}
}

const (
	one   = "10.99.0.2"
	two   = "10.99.0.3"
	sound = "m=audio 4000 RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000\n"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// TestPair has two legs told of each other, the called one first, and told of us
// again.
func TestPair(t *testing.T) {
	p := newPhones(t)
	a, b := p.leg(one, sound, true, nil), p.leg(two, sound, false, nil)
	pair := NewPair(a, b, quiet())
	if !pair.Joins(b, a) || pair.Joins(a, a) || pair.Over() {
		t.Error("it is a pair of these two")
	}
	b.agrees = false
	pair.Review()
	if b.view.Want == nil || a.aims != 0 {
		t.Fatalf("the called phone is asked first: %d, %d", b.aims, a.aims)
	}
	pair.Review()
	if b.aims != 1 {
		t.Error("it is asked once")
	}
	b.view.Told, b.agrees = b.view.Want, true
	pair.Review()
	pair.Review()
	if a.at() != two || b.at() != one || !strings.HasPrefix(pair.String(), "direct media between") {
		t.Errorf("%s %s: %s", a.at(), b.at(), pair)
	}
	pair.Anchor("it is recorded")
	if a.at() != "us" || b.at() != "us" || !strings.HasSuffix(pair.String(), "it is recorded") {
		t.Errorf("%s %s: %s", a.at(), b.at(), pair)
	}
}

// TestPairEnds has both given a little time when the bridge is over.
func TestPairEnds(t *testing.T) {
	p := newPhones(t)
	a, b := p.leg(one, sound, true, nil), p.leg(two, sound, false, nil)
	pair := NewPair(a, b, quiet())
	pair.Review()
	pair.Review()
	pair.End()
	if a.patience == 0 || b.patience == 0 || a.view.Want != nil || b.view.Want != nil || !pair.Over() {
		t.Errorf("%+v %+v", a, b)
	}
	aims := a.aims
	pair.End()
	pair.Review()
	if a.aims != aims {
		t.Error("what is over is over")
	}
}

// TestPairWaits has nobody told while one is not ready, or gone.
func TestPairWaits(t *testing.T) {
	for name, change := range map[string]func(v *View){
		"not answered":   func(v *View) { v.Settled = false },
		"not known":      func(v *View) { v.Phone = nil },
		"gone meanwhile": func(v *View) { v.Gone = true },
	} {
		p := newPhones(t)
		a, b := p.leg(one, sound, true, nil), p.leg(two, sound, false, nil)
		change(&a.view)
		pair := NewPair(a, b, quiet())
		pair.Review()
		if a.aims+b.aims != 0 {
			t.Errorf("%s: %d, %d", name, a.aims, b.aims)
		}
	}
}

// TestPairRefused has the other phone come back.
func TestPairRefused(t *testing.T) {
	p := newPhones(t)
	a, b := p.leg(one, sound, true, nil), p.leg(two, sound, false, nil)
	a.agrees = false
	pair := NewPair(a, b, quiet())
	pair.Review()
	pair.Review()
	a.agrees = true
	a.view.Refused = "it would not"
	pair.Review()
	if b.at() != "us" || a.at() != "us" || !strings.HasSuffix(pair.String(), ": it would not") {
		t.Errorf("%s %s: %s", a.at(), b.at(), pair)
	}
	pair.Moved()
	if b.at() != "us" {
		t.Error("it is asked again")
	}
}

// TestPairOutgoing has who called told only when it asks.
func TestPairOutgoing(t *testing.T) {
	p := newPhones(t)
	outgoing := func(peer *sipconf.Peer) { peer.Direct.Outgoing = true }
	a, b := p.leg(one, sound, true, outgoing), p.leg(two, sound, false, outgoing)
	pair := NewPair(b, a, quiet()) // in whatever order they come
	pair.Review()
	pair.Review()
	if b.at() != one || a.at() != "us" || !a.unasked || a.view.Want == nil {
		t.Errorf("%s %s", a.at(), b.at())
	}
}

// TestWhyNot has each reason said.
func TestWhyNot(t *testing.T) {
	learned := func(s string) func(v *View) {
		return func(v *View) { v.Learned = func(media.Kind) netip.AddrPort { return netip.MustParseAddrPort(s) } }
	}
	for _, c := range []struct {
		name, why string
		peer      func(p *sipconf.Peer)
		view      func(v *View)
		lines     string
	}{
		{name: "nothing"},
		{name: "no", why: "directmedia=no", peer: func(p *sipconf.Peer) { p.Direct.Allowed = false }},
		{name: "nat=yes", why: "nat=", peer: func(p *sipconf.Peer) { p.NAT = sipconf.NAT{ForceRport: true, Comedia: true} }},
		{name: "hold", why: "on hold", view: func(v *View) { v.Held = true }},
		{name: "fax", why: "a fax", view: func(v *View) { v.Fax = true }},
		{name: "music", why: "talks to", view: func(v *View) { v.Users = 1 }},
		{name: "it sends as it says", view: learned("10.99.0.3:4000")},
		{name: "another port", why: "behind NAT", view: learned("10.99.0.3:4002")},
		{name: "another address", why: "behind NAT", view: learned("198.51.100.3:4000")},
		{name: "another Contact", why: "behind NAT", view: func(v *View) { v.Elsewhere = true }},
		{name: "another Contact, and yes", peer: func(p *sipconf.Peer) { p.Direct.NoNAT = false }, view: func(v *View) { v.Elsewhere = true }},
		{name: "from outside", why: "behind NAT", view: func(v *View) { v.From = netip.MustParseAddr("198.51.100.3") }},
		{name: "keys", why: "sends keys", peer: func(p *sipconf.Peer) { p.DTMF = sipconf.DTMFInfo }},
		{name: "codecs", why: "codecs differ", lines: strings.Replace(sound, " 0 101", " 8 101", 1)},
		{name: "denied", why: "directmediadeny", peer: func(p *sipconf.Peer) {
			p.DirectACL = acl.List{{Permit: false, Net: netip.MustParsePrefix("10.99.0.0/30")}}
		}},
	} {
		p := newPhones(t)
		lines := c.lines
		if lines == "" {
			lines = sound
		}
		a, b := p.leg(one, sound, true, nil), p.leg(two, lines, false, c.peer)
		if c.view != nil {
			c.view(&b.view)
		}
		pair := NewPair(a, b, quiet())
		for range 3 {
			pair.Review()
		}
		if direct := b.at() == one && a.at() == two; direct != (c.why == "") || !strings.Contains(pair.String(), c.why) {
			t.Errorf("%s: %s and %s, %q", c.name, a.at(), b.at(), pair)
		}
	}
}

// TestApart has which addresses reach each other.
func TestApart(t *testing.T) {
	inside := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		x, y  string
		local []netip.Prefix
		yes   bool // both say directmedia=yes
		apart bool
	}{
		{x: "10.0.0.1", y: "10.9.9.9"},
		{x: "10.0.0.1", y: "192.168.1.1"},
		{x: "198.51.100.1", y: "203.0.113.1"},
		{x: "10.0.0.1", y: "203.0.113.1", apart: true},
		{x: "10.0.0.1", y: "203.0.113.1", yes: true},
		{x: "10.0.0.1", y: "203.0.113.1", yes: true, local: inside, apart: true},
		{x: "10.0.0.1", y: "10.0.0.2", local: inside},
		{x: "198.51.100.1", y: "203.0.113.1", local: inside},
		{x: "127.0.0.1", y: "10.0.0.1", yes: true, apart: true},
		{x: "127.0.0.1", y: "127.0.0.2"},
		{x: "::ffff:10.0.0.1", y: "10.0.0.2", local: inside},
	} {
		g := &sipconf.General{LocalNets: c.local}
		peer := &sipconf.Peer{Common: &sipconf.Common{Direct: sipconf.DirectMedia{Allowed: true, NoNAT: !c.yes}}}
		if why := Apart(g, peer, peer, netip.MustParseAddr(c.x), netip.MustParseAddr(c.y)); (why != "") != c.apart {
			t.Errorf("%s and %s: %q", c.x, c.y, why)
		}
	}
}

// TestEarly has who may be named in the first INVITE.
func TestEarly(t *testing.T) {
	p := newPhones(t)
	to := netip.MustParseAddr(two)
	for _, c := range []struct {
		name   string
		caller func(v *View)
		called func(p *sipconf.Peer)
		at     netip.Addr
		may    bool
	}{
		{name: "nothing against it", may: true},
		{name: "the caller holds", caller: func(v *View) { v.Held = true }},
		{name: "not known", caller: func(v *View) { v.Phone = nil }},
		{name: "the called says no", called: func(p *sipconf.Peer) { p.Direct.Allowed = false }},
		{name: "the called is behind NAT", called: func(p *sipconf.Peer) { p.NAT.Comedia = true }},
		{name: "IPv6", at: netip.MustParseAddr("2001:db8::3")},
		{name: "far away", at: netip.MustParseAddr("198.51.100.3")},
		{name: "denied", called: func(p *sipconf.Peer) {
			p.DirectACL = acl.List{{Net: netip.MustParsePrefix("0.0.0.0/0")}}
		}},
	} {
		caller, called := p.leg(one, sound, true, nil), p.set.General.Default.Clone()
		if c.caller != nil {
			c.caller(&caller.view)
		}
		if c.called != nil {
			c.called(&called)
		}
		at := c.at
		if !at.IsValid() {
			at = to
		}
		if got := Early(caller.view, &called, at); got != c.may {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
