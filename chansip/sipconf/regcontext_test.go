package sipconf

import (
	"slices"
	"testing"
)

// TestRegExtens finds whose registration has an extension exist.
func TestRegExtens(t *testing.T) {
	set, found := read(t, "[general]\nregcontext=phones\nregextenonqualify=yes\n[1001]\ntype=friend\nhost=dynamic\n"+
		"[1002]\ntype=friend\nhost=dynamic\nregexten=71&72@other\n[1003]\ntype=peer\nhost=dynamic\nregexten=71\n[u]\ntype=user\n")
	if len(found) != 0 || !set.General.RegextenOnQualify {
		t.Errorf("found %q", found)
	}
	for _, c := range []struct {
		context, exten string
		want           []string
	}{
		{"phones", "1001", []string{"1001"}}, {"phones", "71", []string{"1002", "1003"}}, {"other", "72", []string{"1002"}},
		{"phones", "72", nil}, {"phones", "1002", nil}, {"phones", "u", nil},
	} {
		var got []string
		for _, p := range set.OfExtension(c.context, c.exten) {
			got = append(got, p.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s@%s: %q, want %q", c.exten, c.context, got, c.want)
		}
	}
	if set, _ := read(t, "[1001]\ntype=friend\nhost=dynamic\n"); set.OfExtension("", "1001") != nil {
		t.Error("without regcontext an extension exists")
	}
}
