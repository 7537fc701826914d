package acl

import (
	"net/netip"
	"os"
	"strings"
	"testing"
)

// rows are the lines of a table under its headline.
func rows(t testing.TB, file string) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		out = append(out, strings.Split(line, "\t"))
	}
	return out
}

// TestFacts decides as Asterisk 20 did.
func TestFacts(t *testing.T) {
	facts := rows(t, "acl.tsv")
	if len(facts) < 80 {
		t.Fatalf("only %d facts", len(facts))
	}
	for _, f := range facts {
		id, lines, addr, want := f[0], f[1], f[2], f[3]
		acl, err := aclOf(lines)
		if strings.HasPrefix(want, "invalid") {
			if err == nil {
				t.Errorf("%s: %s is taken", id, lines)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %s: %v", id, lines, err)
			continue
		}
		got := "deny"
		if acl.Allows(netip.MustParseAddr(addr)) {
			got = "allow"
		}
		if got != want {
			t.Errorf("%s: %s for %s: got %s, want %s", id, lines, addr, got, want)
		}
	}
}

// aclOf reads permit=... ; deny=...
func aclOf(lines string) (l List, err error) {
	for line := range strings.SplitSeq(lines, ";") {
		sense, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		if l, err = l.Add(sense == "permit", v); err != nil {
			return l, err
		}
	}
	return l, nil
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		lines, addr string
		want        bool
	}{
		{"deny=0.0.0.0/0;permit=10.0.0.1", "10.0.0.1", true},
		{"deny=0.0.0.0/0;permit=10.0.0.1", "10.0.0.2", false},
		{"deny=0.0.0.0/0;permit=10.0.0.0/8", "::ffff:10.2.3.4", true},
		{"deny=0.0.0.0/0;permit=10.0.0.0/8", "::ffff:11.2.3.4", false},
		{"deny=::ffff:10.0.0.0/104", "10.9.9.9", false},
		{"deny=fe80::/ffff:ffff::", "fe80::1", false},
		{"deny=[fe80::]/64", "fe80::1%eth0", false},
		{"deny= 10.0.0.0/8 , ! 10.1.0.0/16 ,", "10.1.2.3", true},
		{"permit=", "10.1.2.3", true},
		{"", "10.1.2.3", true},
	} {
		acl, err := aclOf(c.lines)
		if err != nil {
			t.Errorf("%s: %v", c.lines, err)
		} else if got := acl.Allows(netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("%s for %s: got %v, want %v", c.lines, c.addr, got, c.want)
		}
	}
	for _, bad := range []string{"deny=255.0.255.0/255.0.255.0", "deny=10.0.0.0/", "deny=host.example", "deny=10.0.0.0/8/8", "permit=!"} {
		if acl, err := aclOf(bad); err == nil && len(acl) > 0 {
			t.Errorf("%s is taken", bad)
		}
	}
}

// TestAnd has two lists decide that each would pass something else.
func TestAnd(t *testing.T) {
	house, _ := aclOf("deny=0.0.0.0/0;permit=10.0.0.0/8")
	account, _ := aclOf("deny=0.0.0.0/0;permit=10.1.0.0/16,192.168.0.0/16")
	for addr, want := range map[string]bool{"10.1.2.3": true, "10.2.2.3": false, "192.168.0.1": false, "::1": true} {
		for _, both := range []List{house.And(account), account.And(house)} {
			if got := both.Allows(netip.MustParseAddr(addr)); got != want {
				t.Errorf("%s: got %v, want %v", addr, got, want)
			}
		}
	}
	if got := house.And(nil); len(got) != len(house) {
		t.Errorf("with an empty list: %v", got)
	}
}

// FuzzAdd: nothing panics, the list given is not changed, and what is taken
// means the same when it is written as it was read.
func FuzzAdd(f *testing.F) {
	for _, s := range []string{"10.0.0.0/8", "::/0,!fe80::/64", "1.2.3.4/255.255.0.0", "!", "[::1]", "::ffff:1.2.3.4/96", "fe80::1%x/64", "/", "1.3.3.7/-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		before := List{{true, netip.MustParsePrefix("10.0.0.0/8")}}
		acl, err := before.Add(false, s)
		if len(before) != 1 || acl[0] != before[0] {
			t.Fatal("the list that was given has changed")
		}
		if err != nil {
			return
		}
		for _, r := range acl[1:] {
			again, err := ParseNet(r.Net.String())
			if err != nil || again != r.Net {
				t.Errorf("%q gives %s, which reads as %s, %v", s, r.Net, again, err)
			}
		}
	})
}
