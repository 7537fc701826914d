package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obelus/media"
	"obelus/media/codec/opus"
)

func TestReadOwnOpus(t *testing.T) {
	there := filepath.Join(t.TempDir(), "libopus.wasm")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for text, c := range map[string]struct {
		want opusConf
		said []string
	}{
		"[media]\n":                {opusConf{}, nil},
		"[media]\nopus=no":         {opusConf{off: true}, nil},
		"[media]\nopus=yes":        {opusConf{}, nil},
		"[media]\nopus=" + there:   {opusConf{path: there}, nil},
		"[media]\nopus=/no/x.wasm": {opusConf{}, []string{"obelus.conf:2: warning: opus=/no/x.wasm: there is no such file (make opus fetches one) (it is looked for beside the binary, in the data directory and in /usr/share/obelus)"}},
	} {
		got, found := readOwn(parsed(t, "obelus.conf", text))
		if got.opus != c.want || !slices.Equal(texts(found), c.said) {
			t.Errorf("%q: %+v %q, want %+v %q", text, got.opus, texts(found), c.want, c.said)
		}
	}
}

// A module that is none costs the encoder of Opus and a line in the log.
func TestOpenCodecsWithoutModule(t *testing.T) {
	data := t.TempDir()
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	if err := os.WriteFile(filepath.Join(data, opus.File), []byte("no module"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		conf opusConf
		warn bool
	}{{opusConf{off: true}, false}, {opusConf{path: filepath.Join(data, opus.File)}, true}, {opusConf{}, true}} {
		said.Reset()
		set, encoders := openCodecs(t.Context(), c.conf, Dirs{Data: data}, log)
		if encoders != nil || set.CanEncode(media.Opus) || !set.CanDecode(media.Opus) {
			t.Errorf("%+v: encoders %v, encodes %v, decodes %v", c.conf, encoders, set.CanEncode(media.Opus), set.CanDecode(media.Opus))
		}
		if got := strings.Contains(said.String(), "Opus is decoded and passed through"); got != c.warn {
			t.Errorf("%+v: the log says %q", c.conf, said.String())
		}
	}
}
