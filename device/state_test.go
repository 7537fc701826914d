package device

import "testing"

func TestAggregate(t *testing.T) {
	for _, c := range []struct {
		states []State
		want   State
		exten  string
	}{
		{nil, Invalid, "Unavailable"},
		{[]State{Unknown}, Unknown, "Idle"},
		{[]State{NotInUse, NotInUse}, NotInUse, "Idle"},
		{[]State{NotInUse, Unavailable}, NotInUse, "Idle"},
		{[]State{Invalid, Unknown}, Unknown, "Idle"},
		{[]State{Unknown, Unavailable}, Unavailable, "Unavailable"},
		{[]State{NotInUse, InUse}, InUse, "InUse"},
		{[]State{NotInUse, OnHold}, OnHold, "Hold"},
		{[]State{OnHold, InUse}, InUse, "InUse"},
		{[]State{InUse, Busy}, Busy, "Busy"},
		{[]State{Busy, NotInUse}, Busy, "Busy"},
		{[]State{Ringing, NotInUse}, Ringing, "Ringing"},
		{[]State{Ringing, InUse}, RingInUse, "InUse&Ringing"},
		{[]State{OnHold, Ringing}, RingInUse, "InUse&Ringing"},
		{[]State{Busy, Ringing}, RingInUse, "InUse&Ringing"},
		{[]State{RingInUse, Busy}, RingInUse, "InUse&Ringing"},
		{[]State{State(99), InUse}, InUse, "InUse"},
	} {
		if got := Aggregate(c.states...); got != c.want || Of(got).String() != c.exten {
			t.Errorf("%v: %s, %s; want %s, %s", c.states, got, Of(got), c.want, c.exten)
		}
	}
}

func TestStateNames(t *testing.T) {
	for s := Unknown; s <= OnHold; s++ {
		if got := ParseState(s.String()); got != s {
			t.Errorf("%s is read as %s", s, got)
		}
		if s.Words() == "" {
			t.Errorf("%s has no words", s)
		}
	}
	if ParseState("ringinuse") != RingInUse || ParseState("nothing") != Unknown || State(77).String() != "UNKNOWN" || State(77).Words() != "Unknown" {
		t.Error("names")
	}
	words := map[Extension][2]string{
		ExtensionIdle: {"Idle", "NOT_INUSE"}, ExtensionInUse: {"InUse", "INUSE"}, ExtensionBusy: {"Busy", "BUSY"},
		ExtensionUnavailable: {"Unavailable", "UNAVAILABLE"}, ExtensionRinging: {"Ringing", "RINGING"},
		ExtensionInUse | ExtensionRinging: {"InUse&Ringing", "RINGINUSE"}, ExtensionHold: {"Hold", "ONHOLD"},
		ExtensionInUse | ExtensionHold: {"InUse&Hold", "HOLDINUSE"}, ExtensionRemoved: {"Unknown", "UNKNOWN"},
	}
	for e, w := range words {
		if e.String() != w[0] || e.Word() != w[1] {
			t.Errorf("%d: %s, %s", e, e, e.Word())
		}
	}
}

func TestParsePresence(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Presence
		ok   bool
	}{
		{"away", Presence{State: PresenceAway}, true},
		{"DND,a,b", Presence{PresenceDND, "a", "b"}, true},
		{"xa,YQ==,Yg==,e", Presence{PresenceExtendedAway, "a", "b"}, true},
		{"xa,a b,c,e", Presence{State: PresenceInvalid}, false},
		{"", Presence{State: PresenceInvalid}, false},
		{"invalid,a,b", Presence{PresenceInvalid, "a", "b"}, false},
	} {
		if got, ok := ParsePresence(c.in); got != c.want || ok != c.ok {
			t.Errorf("%q: %+v %v", c.in, got, ok)
		}
	}
}

// FuzzParsePresence reads whatever the database holds.
func FuzzParsePresence(f *testing.F) {
	for _, s := range []string{"away,lunch,back,e", "dnd,YQ==,,e", ",,,,", "not_set"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := ParsePresence(s); ok == (p.State == PresenceInvalid) {
			t.Errorf("%q: %+v %v", s, p, ok)
		}
	})
}
