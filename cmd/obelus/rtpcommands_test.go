package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"obelus/cmd/obelus/settings"
)

func TestShowRTP(t *testing.T) {
	s := &server{}
	c := &settings.Files{RTP: settings.RTP{Start: 10000, End: 20000, Strict: true, Probation: 4}}
	s.log = slog.New(slog.DiscardHandler)
	var err error
	if s.media, err = s.newPlane(c, nil); err != nil {
		t.Fatal(err)
	}
	defer s.media.Close()
	var b strings.Builder
	s.showRTP(&b)
	want := "\n\nGeneral Settings:\n----------------\n  Port start:      10000\n  Port end:        20000\n  Checksums:       Yes\n" +
		"  DTMF Timeout:    3000\n  Strict RTP:      Yes\n  Probation:       4 frames\n  Replay Protect:  Yes\n  ICE support:     No\n"
	if !strings.HasPrefix(b.String(), want) {
		t.Errorf("%s", b.String())
	}
	c.RTP.Strict, c.RTP.Interval = false, 2*time.Second
	if err := s.media.Set(c.RTP.Options()); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if s.showRTP(&b); strings.Contains(b.String(), "Probation") || !strings.Contains(b.String(), "RTCP interval:   2000 ms") {
		t.Errorf("%s", b.String())
	}
}

func TestPeerOf(t *testing.T) {
	for text, want := range map[string]string{"192.0.2.1": "192.0.2.1:0", "192.0.2.1:4000": "192.0.2.1:4000", "::1": "[::1]:0", "[::1]:9": "[::1]:9"} {
		if got, err := peerOf(text); err != nil || got.String() != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	if _, err := peerOf("phone.example"); err == nil {
		t.Error("a name is taken")
	}
}
