package rtp

import (
	"net/netip"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/srtp"
)

// matrix is the security class 19: who is heard, and who hears, before,
// during and after learning.
type matrix struct {
	name      string
	symmetric bool
	lenient   bool
	offer     string // of the description
	signal    string
	phone     string // where the phone's packets come from
	phoneIn   int    // of 20 packets of the phone, how many pass
	strangeIn int    // of 20 packets of a stranger, sent after the phone's
	target    string // where sound goes in the end
}

// TestSecurity19LearningMatrix is RTP bleed and injection.
func TestSecurity19LearningMatrix(t *testing.T) {
	const (
		named   = "198.51.100.1:4000"
		private = "10.0.0.9:4000"
		nat     = "203.0.113.7:61000"
	)
	for _, m := range []matrix{
		{"named source", false, false, named, "", named, 20, 0, named},
		{"named address, other port", false, false, named, "", "198.51.100.1:4444", 17, 0, named},
		{"other address, not symmetric", false, false, named, "", nat, 0, 0, named},
		{"behind NAT", true, false, private, "", nat, 17, 0, nat},
		{"behind NAT, where signalling came from", true, false, private, "203.0.113.7", nat, 17, 0, nat},
		{"symmetric, yet as named", true, false, named, "", named, 20, 0, named},
		{"strictrtp=no", false, true, named, "", named, 20, 20, named},
		{"strictrtp=no behind NAT", true, true, private, "", nat, 20, 20, nat},
	} {
		t.Run(m.name, func(t *testing.T) { m.run(t, nil) })
		t.Run(m.name+", SRTP", func(t *testing.T) {
			m.strangeIn = 0 // whatever strictrtp says: he has no key
			m.run(t, keysFor(srtp.AES128SHA80, 1))
		})
	}
}

// run plays a row, with SRTP where there are keys.
func (m matrix) run(t *testing.T, c *srtp.Crypto) {
	inHouse(t, Options{Lenient: m.lenient}, func(h *house) {
		var foreign []netip.AddrPort
		s := h.open(SessionConfig{Hooks: Hooks{Foreign: func(_ media.Kind, from netip.AddrPort) { foreign = append(foreign, from) }}})
		far := h.leg("198.51.100.99:9000", 9, ulaw)
		check(t, Connect(s, far.s))
		phone, stranger := h.phone(m.phone), h.phone("203.0.113.66:6666")
		v, w := phone.voice(s.Audio(), 0, 1), stranger.voice(s.Audio(), 0, 2)

		w.say(20) // before the description is there nobody may send
		if n := len(far.e.take()); n != 0 {
			t.Errorf("before: %d packets passed", n)
		}
		r := Remote{Addr: netip.MustParseAddrPort(m.offer), Payloads: []Payload{ulaw}, Symmetric: m.symmetric, Crypto: c}
		if m.signal != "" {
			r.Signal = netip.MustParseAddr(m.signal)
		}
		set(t, s.Audio(), r)
		if c != nil {
			v.saySecure(phoneKeys(t, c), 20)
		} else {
			v.say(20)
		}
		if n := len(far.e.take()); n != m.phoneIn {
			t.Errorf("phone: %d of 20 packets passed, want %d", n, m.phoneIn)
		}
		w.say(20)
		if n := len(far.e.take()); n != m.strangeIn {
			t.Errorf("stranger: %d of 20 packets passed, want %d", n, m.strangeIn)
		}
		if m.strangeIn == 0 && len(foreign) != 1 && !m.lenient {
			t.Errorf("foreign sources named %v, want one once", foreign)
		}
		far.v.say(5)
		if n := len(stranger.take()); n != 0 {
			t.Errorf("the stranger hears %d packets: bleed", n)
		}
		if m.target == m.phone {
			if n := len(phone.take()); n != 5 {
				t.Errorf("the phone hears %d of 5 packets", n)
			}
		}
	})
}

// A stranger who floods while the phone is being learned: he may not be
// learned in its place, nor keep it from being learned, nor take over.
func TestSecurity19RaceWhileLearning(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		s := h.open(SessionConfig{})
		far := h.leg("198.51.100.99:9000", 9, ulaw)
		check(t, Connect(s, far.s))
		phone := h.phone("203.0.113.7:61000")
		set(t, s.Audio(), Remote{
			Addr: netip.MustParseAddrPort("10.0.0.9:4000"), Signal: phone.addr.Addr(), Payloads: []Payload{ulaw}, Symmetric: true,
		})
		v := phone.voice(s.Audio(), 0, 1)
		var strangers []*voiceOf
		for _, a := range []string{"203.0.113.66:1", "203.0.113.66:2", "203.0.113.67:1", "203.0.113.68:1", "203.0.113.69:1"} {
			strangers = append(strangers, h.phone(a).voice(s.Audio(), 0, 77))
		}
		strangers[0].say(10) // quicker than the phone: he is learned for now
		far.e.take()
		for range 6 {
			for _, w := range strangers {
				w.say(1)
			}
			v.say(1)
		}
		if got := s.Audio().Stats().Learned; got != phone.addr {
			t.Errorf("learned %v, want the phone %v", got, phone.addr)
		}
		far.e.take()
		for _, w := range strangers {
			w.say(20)
		}
		if n := len(far.e.take()); n != 0 {
			t.Errorf("%d packets of strangers passed once the phone was learned", n)
		}
	})
}

// A run that is not consistent is no run: sequence numbers must follow and the
// SSRC stay.
func TestSecurity19RunsMustBeConsistent(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		s := h.open(SessionConfig{})
		e := h.phone("203.0.113.7:61000")
		set(t, s.Audio(), Remote{Addr: netip.MustParseAddrPort("10.0.0.9:4000"), Payloads: []Payload{ulaw}, Symmetric: true})
		v := e.voice(s.Audio(), 0, 1)
		for range 20 {
			v.seq += 3
			v.say(1)
		}
		for range 20 {
			v.ssrc++
			v.say(1)
		}
		if got := s.Audio().Stats().Learned; got.IsValid() {
			t.Errorf("learned %v from packets at random", got)
		}
	})
}

// Learning again: only after a new description with another address, silence,
// or, after any new description, silence of a moment.
func TestLearnAgain(t *testing.T) {
	offer := netip.MustParseAddrPort("10.0.0.9:4000")
	for _, c := range []struct {
		name  string
		quiet time.Duration
		offer netip.AddrPort // of a new description, if any
		moves bool
	}{
		{"nothing happened", 40 * time.Millisecond, netip.AddrPort{}, false},
		{"three seconds of silence", 3 * time.Second, netip.AddrPort{}, false},
		{"six seconds of silence", 6 * time.Second, netip.AddrPort{}, true},
		{"a new description, no silence", 40 * time.Millisecond, offer, false},
		{"a new description and silence", 300 * time.Millisecond, offer, true},
		{"a description of another address", 40 * time.Millisecond, netip.MustParseAddrPort("10.0.0.9:4002"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				s := h.open(SessionConfig{})
				r := Remote{Addr: offer, Payloads: []Payload{ulaw}, Symmetric: true}
				set(t, s.Audio(), r)
				before, after := h.phone("203.0.113.7:61000"), h.phone("203.0.113.8:62000")
				v, w := before.voice(s.Audio(), 0, 1), after.voice(s.Audio(), 0, 2)
				v.say(200)
				if c.offer.IsValid() {
					r.Addr = c.offer
					set(t, s.Audio(), r)
				}
				time.Sleep(c.quiet)
				w.say(6)
				want := before.addr
				if c.moves {
					want = after.addr
				}
				if got := s.Audio().Stats().Learned; got != want {
					t.Errorf("learned %v, want %v", got, want)
				}
			})
		})
	}
}

// A NAT that gives the phone another port in mid-call tells nobody: the stream
// goes on from elsewhere. Who can't see the stream can't go on with it.
func TestStreamGoesOn(t *testing.T) {
	for _, c := range []struct {
		name      string
		symmetric bool
		from      string
		quiet     time.Duration
		change    func(*voiceOf)
		moves     bool
	}{
		{"from another port", true, "203.0.113.7:62000", 400 * time.Millisecond, func(*voiceOf) {}, true},
		{"from another port, at once", true, "203.0.113.7:62000", 110 * time.Millisecond, func(*voiceOf) {}, true},
		{"from another address, at once", true, "203.0.113.8:62000", 110 * time.Millisecond, func(*voiceOf) {}, false},
		{"from another address", true, "203.0.113.8:62000", 400 * time.Millisecond, func(*voiceOf) {}, true},
		{"some packets lost", true, "203.0.113.7:62000", 400 * time.Millisecond, func(w *voiceOf) { w.seq += 50 }, true},
		{"around the clock", true, "203.0.113.7:62000", 400 * time.Millisecond, func(w *voiceOf) { w.seq += 2900 }, true},
		{"from another address, not symmetric", false, "203.0.113.8:62000", 400 * time.Millisecond, func(*voiceOf) {}, false},
		{"while the phone is heard", true, "203.0.113.7:62000", 0, func(*voiceOf) {}, false},
		{"another stream", true, "203.0.113.7:62000", 400 * time.Millisecond, func(w *voiceOf) { w.ssrc++ }, false},
		{"packets heard already", true, "203.0.113.7:62000", 400 * time.Millisecond, func(w *voiceOf) { w.seq -= 8 }, false},
		{"another place in the stream", true, "203.0.113.7:62000", 400 * time.Millisecond, func(w *voiceOf) { w.seq += 20000 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				s := h.open(SessionConfig{})
				offer := "10.0.0.9:4000"
				if !c.symmetric {
					offer = "203.0.113.7:61000"
				}
				set(t, s.Audio(), Remote{Addr: netip.MustParseAddrPort(offer), Payloads: []Payload{ulaw}, Symmetric: c.symmetric})
				before, after := h.phone("203.0.113.7:61000"), h.phone(c.from)
				v, w := before.voice(s.Audio(), 0, 1), after.voice(s.Audio(), 0, 1)
				v.seq = 65400 // the clock of sequence numbers goes round in the test
				v.say(200)
				w.seq, w.ts = v.seq, v.ts
				c.change(w)
				time.Sleep(c.quiet)
				w.say(6)
				want := before.addr
				if c.moves {
					want = after.addr
				}
				if got := s.Audio().Stats().Learned; got != want {
					t.Errorf("learned %v, want %v", got, want)
				}
			})
		})
	}
}

// Security class 23: a description that names a victim must not turn the plane
// into a hose.
func TestSecurity23NothingToTheUnproven(t *testing.T) {
	victim := netip.MustParseAddrPort("198.51.100.50:7000")
	for _, c := range []struct {
		name   string
		signal netip.Addr
		sends  bool // the address sends to us
		want   int
	}{
		{"nobody there", netip.Addr{}, false, 100},
		{"it sends too", netip.Addr{}, true, 500},
		{"signalling came from there", victim.Addr(), false, 500},
	} {
		for _, symmetric := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				inHouse(t, Options{Unproven: 100}, func(h *house) {
					s := h.open(SessionConfig{})
					e := h.phone(victim.String())
					set(t, s.Audio(), Remote{Addr: victim, Payloads: []Payload{ulaw}, Symmetric: symmetric, Signal: c.signal})
					far := h.leg("198.51.100.99:9000", 9, ulaw)
					check(t, Connect(s, far.s))
					if c.sends {
						e.voice(s.Audio(), 0, 1).say(6)
					}
					far.v.say(250)
					// A new description with the same address buys nothing.
					set(t, s.Audio(), Remote{Addr: victim, Payloads: []Payload{ulaw}, Symmetric: symmetric, Signal: c.signal})
					far.v.say(250)
					n := len(e.take())
					if n < c.want-10 || n > c.want {
						t.Errorf("%d packets went there, want %d less a few reports", n, c.want)
					}
					if c.want < 500 && s.Audio().Stats().Withheld < 390 {
						t.Errorf("withheld %d", s.Audio().Stats().Withheld)
					}
				})
			})
		}
	}
}
