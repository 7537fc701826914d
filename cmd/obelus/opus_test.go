package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obelus/cmd/obelus/settings"
	"obelus/media"
	"obelus/media/codec/opus"
)

// A module that is none costs the encoder of Opus and a line in the log.
func TestOpenCodecsWithoutModule(t *testing.T) {
	data := t.TempDir()
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	if err := os.WriteFile(filepath.Join(data, opus.File), []byte("no module"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		conf settings.Opus
		warn bool
	}{{settings.Opus{Off: true}, false}, {settings.Opus{Path: filepath.Join(data, opus.File)}, true}, {settings.Opus{}, true}} {
		said.Reset()
		set, encoders := openCodecs(t.Context(), c.conf.Find(settings.Dirs{Data: data}), log)
		if encoders != nil || set.CanEncode(media.Opus) || !set.CanDecode(media.Opus) {
			t.Errorf("%+v: encoders %v, encodes %v, decodes %v", c.conf, encoders, set.CanEncode(media.Opus), set.CanDecode(media.Opus))
		}
		if got := strings.Contains(said.String(), "Opus is decoded and passed through"); got != c.warn {
			t.Errorf("%+v: the log says %q", c.conf, said.String())
		}
	}
}
