package nat

import (
	"testing"

	"obelus/scenario/netns"
	"obelus/scenario/phones"
)

// TestNAT is the whole laboratory: first that each NAT is of its kind, by what
// it does, for else nothing after it would prove anything; then the phones.
func TestNAT(t *testing.T) {
	mustHaveNamespaces(t)
	w := &work{numbers: new(Numbers), binary: phones.BuildServer(t), table: newTable("linphonec behind, baresip:"),
		lies: newTable("SIPp, lying, behind, baresip:")}
	t.Run("kind", w.kinds)
	if t.Failed() {
		t.Fatal("a NAT of the laboratory is not what its name says: the calls behind it would prove nothing")
	}
	t.Run("phones", func(t *testing.T) {
		for _, g := range w.groups() {
			t.Run(g.name, func(t *testing.T) {
				t.Parallel() // or each would wait for the last test of the one before
				t.Cleanup(func() { w.done.note(g.name, t) })
				g.play(t)
			})
		}
	})
	if left, err := netns.Mine(); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	w.table.print()
	w.lies.print()
	w.done.print(w.groups())
}

// group is tests of one matter, all in parallel.
type group struct {
	name string
	play func(*testing.T)
}

// groups is everything that is played with phones.
func (w *work) groups() []group {
	return []group{
		{"pair", w.pairs},
		{"one NAT for both", w.together},
		{"option", w.options},
		{"liar", w.liars},
		{"change", w.changes},
		{"reach", w.reach},
		{"transport", w.transports},
		{"STUN", w.stun},
		{"discovery", w.discovery},
		{"server behind NAT", w.sites},
		{"direct", w.direct},
	}
}

// work is what the tests share.
type work struct {
	numbers *Numbers
	binary  string
	table   *table // of linphonec and baresip
	lies    *table // of SIPp that says it is elsewhere, and baresip
	done    verdicts
}

// mustHaveNamespaces fails the test where the laboratory can't be built, and
// says why.
func mustHaveNamespaces(t *testing.T) {
	t.Helper()
	name := netns.Name("try")
	if err := netns.Add(name); err != nil {
		t.Fatalf("no network namespace can be made here, so nothing about NAT is proven: "+
			"run as root on Linux, with iproute2, nftables and conntrack (scenario/install-peers.sh): %v", err)
	}
	if err := netns.Delete(name); err != nil {
		t.Error(err)
	}
	if err := netns.Sweep(); err != nil {
		t.Error(err)
	}
}

// kinds finds out by probes whether each NAT is of its kind.
func (w *work) kinds(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			lab := NewLab(t, w.numbers)
			outside := lab.Public("outside", "203.0.113.50", "203.0.113.51")
			box := lab.Behind("phone", kind, "203.0.113.2")
			b, err := Study(box, outside, "203.0.113.50", "203.0.113.51")
			if err != nil {
				t.Fatal(err)
			}
			if b.Kind() != kind || b.SameOwn {
				t.Errorf("behaves as %q (%v), want %q and public ports other than the private ones", b.Kind(), b, kind)
			}
			t.Logf("%v", b)
		})
	}
}

// TestBehaviourKind is the reading of what probes find.
func TestBehaviourKind(t *testing.T) {
	same, other := []int{7, 7, 7, 7}, []int{7, 8, 9, 10}
	for _, tt := range []struct {
		b    Behaviour
		want Kind
	}{
		{Behaviour{Ports: same, Strangers: true, OtherPorts: true}, FullCone},
		{Behaviour{Ports: same, OtherPorts: true}, Restricted},
		{Behaviour{Ports: same}, PortRestricted},
		{Behaviour{Ports: other}, Symmetric},
		{Behaviour{Ports: other, OtherPorts: true}, ""},
		{Behaviour{Ports: other, Strangers: true, OtherPorts: true}, ""},
		{Behaviour{Ports: same, Strangers: true}, ""},
		{Behaviour{Ports: same, Unasked: true}, ""},
	} {
		if got := tt.b.Kind(); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.b, got, tt.want)
		}
	}
}
