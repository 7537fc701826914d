package archtest

import (
	"strings"
	"testing"
)

func TestParseMapErrors(t *testing.T) {
	for _, c := range []struct{ block, want string }{
		{"", "no block"},
		{"```rooms\na -> (nothing)\n", "no block"},
		{"```rooms\na, b\n```\n", "line 2: no arrow"},
		{"```rooms\na ->\n```\n", "line 2: nothing on the right"},
		{"```rooms\na,, b -> *\n```\n", "line 2: a room without a name"},
		{"```rooms\na -> (nothing)\nb, a -> (nothing)\n```\n", "line 3: a is on the map twice"},
		{"```rooms\na -> b\n```\n", "line 2: a may import b, which is not on the map"},
		{"```rooms\na -> (nothing)\nb -> a\n```\n", "line 3: the arrow from b to a does not go down"},
		{"```rooms\na, b -> b\n```\n", "line 2: the arrow from a to b does not go down"},
		{"```rooms\na -> (nothing)\n```\n```rooms\n```\n", "line 4: a second block"},
	} {
		if _, err := ParseMap(c.block); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.block, err, c.want)
		}
	}
}

func TestRoomOf(t *testing.T) {
	m, err := ParseMap("```rooms\ncmd/obelus -> *\nsip -> sip/digest\nsip/digest -> (nothing)\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		"cmd/obelus": "cmd/obelus", "cmd": "", "sip": "sip", "sip/sdp": "sip", "sip/digest": "sip/digest", "sip/digest/x": "sip/digest",
		"siphon": "", "internal/simnet/x": "internal/simnet", "internal": "", "scenario/x": "scenario", "bench": "bench", ".": "",
	} {
		got := ""
		if r := m.roomOf(dir); r != nil {
			got = r.name
		}
		if got != want {
			t.Errorf("%s is in room %q, want %q", dir, got, want)
		}
	}
}

func FuzzParseMap(f *testing.F) {
	f.Add(goodMap)
	f.Add("```rooms\na -> b\n```")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMap(text)
		if err != nil {
			return
		}
		for _, r := range m.rooms {
			if found := m.roomOf(r.name); found == nil || found.name != r.name {
				t.Errorf("%q is in room %v", r.name, found)
			}
		}
	})
}
