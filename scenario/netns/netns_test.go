package netns

import "testing"

func TestOwner(t *testing.T) {
	for _, tt := range []struct {
		name string
		want int
	}{
		{"obelus-lab-123-a", 123},
		{"obelus-lab-7-nat-b-1", 7},
		{"obelus-lab-x-a", 0},
		{"obelus-lab--5-a", 0},
		{"obelus-lab-0-a", 0},
		{"other-123-a", 0},
		{"", 0},
	} {
		if got := owner(tt.name); got != tt.want {
			t.Errorf("owner of %q is %d, want %d", tt.name, got, tt.want)
		}
	}
	if owner(Name("a")) == 0 {
		t.Errorf("%q has no owner", Name("a"))
	}
}
