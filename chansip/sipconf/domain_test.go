package sipconf

import (
	"slices"
	"strings"
	"testing"
)

// TestDomains reads the domains of ours.
func TestDomains(t *testing.T) {
	set, found := read(t, `[general]
udpbindaddr=10.0.0.1
externaddr=203.0.113.7
externhost=home.example:5080
localnet=10.0.0.0/8
autodomain=yes
domain=example.org
domain=Example.com, public
domain=10.0.0.1
`)
	if len(found) != 0 {
		t.Errorf("found %q", found)
	}
	g := &set.General
	var all []string
	for _, d := range g.Domains {
		word := d.Name + "/" + d.Context
		if d.Auto {
			word += "/auto"
		}
		all = append(all, word)
	}
	if want := strings.Fields("example.org/ Example.com/public 10.0.0.1/ 203.0.113.7//auto home.example//auto"); !slices.Equal(all, want) {
		t.Errorf("domains are %q, want %q", all, want)
	}
	if d, ok := g.Domain("EXAMPLE.COM"); !ok || d.Context != "public" {
		t.Errorf("%+v %v", d, ok)
	}
	if _, ok := g.Domain("example.net"); ok {
		t.Error("example.net is ours")
	}
	if set, _ := read(t, "[general]\n"); set.General.HasDomains() {
		t.Error("there are domains where none is named")
	}
	if _, found := read(t, "[general]\ndomain=,x\n"); len(found) != 1 || !strings.Contains(found[0], "it names no domain") {
		t.Errorf("found %q", found)
	}
}
