package tones

import (
	"slices"
	"strings"
	"testing"

	"obelus/conf"
	"obelus/media/sound"
)

// TestBuiltin: every country that is built in has the tones that count, and each is
// one that can be played.
func TestBuiltin(t *testing.T) {
	z := Builtin()
	if n := len(z.Names()); n < 40 {
		t.Errorf("%d countries", n)
	}
	for _, name := range z.Names() {
		zone := z.Zone(name)
		if zone == nil || zone.Description == "" || len(zone.Ring) == 0 || len(zone.Ring)%2 != 0 {
			t.Fatalf("%s lacks something: %+v", name, zone)
		}
		for _, tone := range []string{"dial", "busy", "ring", "congestion", "callwaiting", "dialrecall", "record", "info", "stutter"} {
			if zone.Tones[tone] == "" {
				t.Errorf("%s has no tone %s", name, tone)
			}
		}
		for tone, spec := range zone.Tones {
			if _, err := sound.NewTone(spec); err != nil {
				t.Errorf("%s, %s: %v", name, tone, err)
			}
		}
	}
}

func read(t *testing.T, text string) (*Zones, string) {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("indications.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	z, found := Read(f)
	var out []string
	for _, d := range found {
		out = append(out, d.String())
	}
	return z, strings.Join(out, "\n")
}

func TestRead(t *testing.T) {
	z, said := read(t, `[general]
country=de
[xx]
description = Nowhere
ringcadence = 500,1500,x
dial = 400
busy = !400/100|!0/100
[yy]
alias = xx
[de]
dial = 433
`)
	if said != "" {
		t.Errorf("found %s", said)
	}
	for _, c := range []struct{ country, tone, want string }{
		{"", "dial", "433"}, {"", "busy", ""}, {"fr", "dial", "440"}, {"XX", "DIAL", "400"}, {"yy", "busy", "!400/100|!0/100"}, {"zz", "dial", "433"},
		{"uk", "ringing", "400+450/400,0/200,400+450/400,0/2000"}, {"uk", "nothing", ""},
	} {
		got, ok := z.Tone(c.country, c.tone)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s of %q: %q, %v; want %q", c.tone, c.country, got, ok, c.want)
		}
	}
	if ring := z.Zone("yy").Ring; !slices.Equal(ring, []int{500, 1500}) {
		t.Errorf("ring cadence %v", ring)
	}
	if l := z.Listed("yy"); l == nil || l.Alias != "xx" {
		t.Errorf("listed %+v", l)
	}
}

func TestFindings(t *testing.T) {
	for text, want := range map[string]string{
		"[general]\ncountry=zz\n":            "indications.conf:2: warning: there is no country 'zz' in indications.conf, nor is it built in (the tones are those of the United States)",
		"[xx]\ndial=loud\n":                  `tone dial of country xx: not a tone: "loud": part 1`,
		"[general]\nspeed=1\n":               "indications.conf has no option speed in [general]",
		"[a]\nalias=b\n[b]\nalias=a\n":       "",
		"[general]\ncountry=a\n[a]\nalias=a": "there is no country 'a'",
	} {
		_, said := read(t, text)
		if !strings.Contains(said, want) || want == "" && said != "" {
			t.Errorf("%q: %q, want %q", text, said, want)
		}
	}
	if z, found := Read(nil); z.Country != "us" || found != nil {
		t.Errorf("without a file: %s, %v", z.Country, found)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("[general]\ncountry=de\n[de]\nalias=de\nringcadence=1,2,3\ndial=425/100,!0")
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := new(conf.Loader).Parse("indications.conf", []byte(text))
		if err != nil {
			return
		}
		z, _ := Read(file)
		if z.Zone("") == nil {
			t.Errorf("no country %s", z.Country)
		}
		for _, name := range z.Names() {
			z.Tone(name, "dial")
		}
	})
}
