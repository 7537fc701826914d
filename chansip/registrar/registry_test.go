package registrar

import (
	"net/netip"
	"testing"
	"time"

	"obelus/location"
)

func TestFromRegistry(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	want := func(received, contact, transport, flow string, life time.Duration) location.Binding {
		return location.Binding{AOR: "1001", Contact: contact, ContactID: contact, Received: netip.MustParseAddrPort(received), Transport: transport,
			Flow: flow, RegisteredAt: now, Expires: now.Add(life)}
	}
	for value, want := range map[string]location.Binding{
		"192.0.2.7:5062:3600:1001:sip:1001@192.168.1.2:5060":      want("192.0.2.7:5062", "sip:1001@192.168.1.2:5060", "udp", "", time.Hour),
		"[2001:db8::7]:5060:120:1001:sip:1001@[2001:db8::7]:5060": want("[2001:db8::7]:5060", "sip:1001@[2001:db8::7]:5060", "udp", "", 2*time.Minute),
		"192.0.2.7:5062:60::sip:1001@192.0.2.7;transport=TCP":     want("192.0.2.7:5062", "sip:1001@192.0.2.7;transport=TCP", "tcp", location.GoneFlow, time.Minute),
		"192.0.2.7:5062:60:1001:sips:1001@192.0.2.7":              want("192.0.2.7:5062", "sips:1001@192.0.2.7", "tls", location.GoneFlow, time.Minute),
		"192.0.2.7:5062:2000000000:1001:sip:1001@192.0.2.7":       want("192.0.2.7:5062", "sip:1001@192.0.2.7", "udp", "", maxLife),
	} {
		if got, ok := FromRegistry("1001", value, now); !ok || got != want {
			t.Errorf("%s:\n%+v, %v, want\n%+v", value, got, ok, want)
		}
	}
	for _, value := range []string{"", ":", "192.0.2.7", "192.0.2.7:5060", "192.0.2.7:5060:3600:1001", "192.0.2.7:5060:3600:1001:", "192.0.2.7:5060:0:1001:sip:a@b",
		"192.0.2.7:0:3600:1001:sip:a@b", "192.0.2.7:5060:-1:1001:sip:a@b", "192.0.2.7:5060:x:1001:sip:a@b", "192.0.2.7:66000:3600:1001:sip:a@b", "host:5060:3600:1001:sip:a@b",
		"0.0.0.0:5060:3600:1001:sip:a@b", "[::1:5060:3600:1001:sip:a@b", "[::1]5060:3600:1001:sip:a@b", "192.0.2.7:5060:3600:1001:tel:1"} {
		if got, ok := FromRegistry("1001", value, now); ok {
			t.Errorf("%q is taken for %+v", value, got)
		}
	}
}

func FuzzFromRegistry(f *testing.F) {
	for _, s := range []string{"192.0.2.7:5062:3600:1001:sip:1001@192.168.1.2:5060", "[2001:db8::7]:5060:120:1001:sip:1001@[2001:db8::7]:5060", "[]:::", ""} {
		f.Add(s)
	}
	now := time.UnixMilli(1_800_000_000_000)
	f.Fuzz(func(t *testing.T, value string) {
		b, ok := FromRegistry("1001", value, now)
		if ok && (!b.Received.IsValid() || b.Contact == "" || !b.Expires.After(now)) {
			t.Errorf("%q: %+v", value, b)
		}
	})
}
