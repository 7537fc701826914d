package sound

import (
	"testing"

	"obelus/conf"
)

func TestReadPrivacy(t *testing.T) {
	for text, c := range map[string]struct {
		want  Privacy
		found int
	}{
		"[general]\nmaxretries=2\nminlength = 7\n":      {Privacy{2, 7}, 0},
		"[general]\nmaxretries=x\nminlength=0\nfoo=1\n": {Privacy{}, 3},
		"[other]\nmaxretries=2\n":                       {Privacy{}, 0},
	} {
		f, _, err := new(conf.Loader).Parse("privacy.conf", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, found := ReadPrivacy(f); got != c.want || len(found) != c.found {
			t.Errorf("%q: %+v, %v", text, got, found)
		}
	}
	if p, found := ReadPrivacy(nil); p != (Privacy{}) || found != nil {
		t.Errorf("without a file: %+v, %v", p, found)
	}
}
