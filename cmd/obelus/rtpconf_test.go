package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestEngineOptions(t *testing.T) {
	for text, want := range map[string]engineConf{
		"[media]\nengine=go":                      {engine: "go"},
		"[media]\nengine=EPOLL\ncoalesce=0.5":     {engine: "epoll", coalesce: 500 * time.Microsecond},
		"[media]\ncoalesce=0":                     {coalesce: -1},
		"[media]\ncoalesce=no":                    {coalesce: -1},
		"[media]\nengine=auto\ncoalesce=2\nopus=": {engine: "auto", coalesce: 2 * time.Millisecond},
	} {
		c, found := readOwn(parsed(t, "obelus.conf", text))
		if c.engine != want || len(found) != 0 {
			t.Errorf("%q: %+v, %v", text, c.engine, found)
		}
	}
	for text, want := range map[string]string{
		"[media]\nengine=steam":  "engine=steam is not one of auto, go, epoll (auto is used)",
		"[media]\ncoalesce=6":    "coalesce=6 is no number of milliseconds from 0 to 5 (1 is used)",
		"[media]\ncoalesce=nan":  "coalesce=nan is no number of milliseconds from 0 to 5 (1 is used)",
		"[media]\ncoalesce=soon": "coalesce=soon is no number of milliseconds from 0 to 5 (1 is used)",
	} {
		c, found := readOwn(parsed(t, "obelus.conf", text))
		if c.engine != (engineConf{}) || len(found) != 1 || !strings.HasSuffix(found[0].String(), want) {
			t.Errorf("%q: %+v, %v", text, c.engine, found)
		}
	}
}

func TestShowRTP(t *testing.T) {
	s := &server{}
	c := &configuration{rtp: rtpConf{Start: 10000, End: 20000, Strict: true, Probation: 4}}
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
	c.rtp.Strict, c.rtp.Interval = false, 2*time.Second
	if err := s.media.Set(c.rtp.options()); err != nil {
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
