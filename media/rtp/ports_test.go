package rtp

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/wire"
)

func TestPortsAreEvenAndRest(t *testing.T) {
	inHouse(t, Options{Start: 20001, End: 20009}, func(h *house) {
		var open []*Session
		seen := make(map[int]bool)
		for range 4 {
			s := h.open(SessionConfig{})
			port := s.Audio().Port()
			if port%2 != 0 || port < 20002 || port > 20008 || seen[port] {
				t.Errorf("port %d", port)
			}
			seen[port] = true
			open = append(open, s)
		}
		_, err := h.plane.Open(SessionConfig{Bind: at})
		if !errors.Is(err, ErrNoPort) || !strings.Contains(err.Error(), "20001-20009") {
			t.Errorf("err = %v", err)
		}
		freed := open[2].Audio().Port()
		if err := open[2].Close(); err != nil {
			t.Error(err)
		}
		if err := open[2].Close(); err != nil {
			t.Errorf("closed twice: %v", err)
		}
		if _, err = h.plane.Open(SessionConfig{Bind: at}); !errors.Is(err, ErrNoPort) {
			t.Errorf("a port that was just closed was given out: %v", err)
		}
		time.Sleep(wire.Rest)
		if s := h.open(SessionConfig{}); s.Audio().Port() != freed {
			t.Errorf("port %d, want %d", s.Audio().Port(), freed)
		}
		if n := h.plane.Sessions(); n != 4 {
			t.Errorf("%d sessions", n)
		}
	})
}

// A port that somebody else has is passed over; half a pair is given back.
func TestPortsOfOthers(t *testing.T) {
	inHouse(t, Options{Start: 20000, End: 20005}, func(h *house) {
		host := h.plane.options.Listen
		for _, a := range []string{"192.0.2.1:20000", "192.0.2.1:20003"} {
			c, err := host("udp4", a)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
		}
		if s := h.open(SessionConfig{}); s.Audio().Port() != 20004 {
			t.Errorf("port %d", s.Audio().Port())
		}
		c, err := host("udp4", "192.0.2.1:20002")
		if err != nil {
			t.Errorf("the other half of a pair is still open: %v", err)
		} else {
			c.Close()
		}
	})
}

// Another server that has a long row of ports is gone around: half of the range is
// free, and each of 20 calls finds a pair in it.
func TestPortsOfAnotherServer(t *testing.T) {
	inHouse(t, Options{Start: 20000, End: 20799}, func(h *house) {
		for port := 20000; port < 20400; port += 2 {
			c, err := h.plane.options.Listen("udp4", fmt.Sprintf("192.0.2.1:%d", port))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
		}
		for range 20 {
			if s := h.open(SessionConfig{}); s.Audio().Port() < 20400 {
				t.Errorf("port %d", s.Audio().Port())
			}
		}
	})
}

// A leg of three streams takes three pairs, or none.
func TestOpenAllOrNothing(t *testing.T) {
	inHouse(t, Options{Start: 20000, End: 20003}, func(h *house) {
		if _, err := h.plane.Open(SessionConfig{Bind: at, Video: true, Text: true}); !errors.Is(err, ErrNoPort) {
			t.Errorf("err = %v", err)
		}
		time.Sleep(wire.Rest)
		s := h.open(SessionConfig{Video: true})
		if s.Stream(media.Video) == nil || s.Stream(media.Text) != nil || s.Stream(media.Image) != nil || len(s.Streams()) != 2 {
			t.Error("streams are not those asked for")
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []Options{
		{Start: 10001, End: 10002},
		{Start: 20000, End: 10000},
		{Start: 1, End: 70000},
		{Engine: "steam"},
		{Engine: EngineEpoll, Listen: func(string, string) (net.PacketConn, error) { return nil, nil }},
	} {
		if p, err := New(o); err == nil {
			p.Close()
			t.Errorf("%+v was taken", o)
		}
	}
}

func TestClosedPlane(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		s := h.open(SessionConfig{})
		h.plane.Close()
		if _, err := h.plane.Open(SessionConfig{Bind: at}); !errors.Is(err, ErrClosed) {
			t.Errorf("err = %v", err)
		}
		if err := s.SendDigit('1', 0); !errors.Is(err, ErrClosed) {
			t.Errorf("err = %v", err)
		}
	})
}

func TestSetRemoteRefuses(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		s := h.open(SessionConfig{})
		for _, pt := range []uint8{72, 76, 128, 255} {
			if err := s.Audio().SetRemote(Remote{Payloads: []Payload{{Type: pt, Format: media.Ulaw}}}); !errors.Is(err, ErrPayload) {
				t.Errorf("type %d: %v", pt, err)
			}
		}
	})
}
