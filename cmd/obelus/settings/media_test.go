package settings

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEngineOptions(t *testing.T) {
	for text, want := range map[string]Engine{
		"[media]\nengine=go":                      {Engine: "go"},
		"[media]\nengine=EPOLL\ncoalesce=0.5":     {Engine: "epoll", Coalesce: 500 * time.Microsecond},
		"[media]\ncoalesce=0":                     {Coalesce: -1},
		"[media]\ncoalesce=no":                    {Coalesce: -1},
		"[media]\nengine=auto\ncoalesce=2\nopus=": {Engine: "auto", Coalesce: 2 * time.Millisecond},
	} {
		c, found := readOwn(parsed(t, "obelus.conf", text))
		if c.Media != want || len(found) != 0 {
			t.Errorf("%q: %+v, %v", text, c.Media, found)
		}
	}
	for text, want := range map[string]string{
		"[media]\nengine=steam":  "engine=steam is not one of auto, go, epoll (auto is used)",
		"[media]\ncoalesce=6":    "coalesce=6 is no number of milliseconds from 0 to 5 (1 is used)",
		"[media]\ncoalesce=nan":  "coalesce=nan is no number of milliseconds from 0 to 5 (1 is used)",
		"[media]\ncoalesce=soon": "coalesce=soon is no number of milliseconds from 0 to 5 (1 is used)",
	} {
		c, found := readOwn(parsed(t, "obelus.conf", text))
		if c.Media != (Engine{}) || len(found) != 1 || !strings.HasSuffix(found[0].String(), want) {
			t.Errorf("%q: %+v, %v", text, c.Media, found)
		}
	}
}

func TestReadOwnOpus(t *testing.T) {
	there := filepath.Join(t.TempDir(), "libopus.wasm")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for text, c := range map[string]struct {
		want Opus
		said []string
	}{
		"[media]\n":                {Opus{}, nil},
		"[media]\nopus=no":         {Opus{Off: true}, nil},
		"[media]\nopus=yes":        {Opus{}, nil},
		"[media]\nopus=" + there:   {Opus{Path: there}, nil},
		"[media]\nopus=/no/x.wasm": {Opus{}, []string{"obelus.conf:2: warning: opus=/no/x.wasm: there is no such file (make opus fetches one) (it is looked for beside the binary, in the data directory and in /usr/share/obelus)"}},
	} {
		got, found := readOwn(parsed(t, "obelus.conf", text))
		if got.Opus != c.want || !slices.Equal(texts(found), c.said) {
			t.Errorf("%q: %+v %q, want %+v %q", text, got.Opus, texts(found), c.want, c.said)
		}
	}
}
