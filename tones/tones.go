// Package tones knows what the telephones of each country sound like: the tones of
// dial, busy, ring and congestion, and how a bell rings. A set is built in (ITU-T
// E.180, supplement 2); indications.conf replaces and adds to it.
package tones

import (
	"slices"
	"strings"
)

// Zone is the tones of a country.
type Zone struct {
	Name        string // de
	Description string
	Alias       string // the zone whose tones it has; "" for its own
	Ring        []int  // milliseconds: the bell rings, is silent, rings ...
	Tones       map[string]string
}

// Zones are the countries.
type Zones struct {
	Country string // the one of the house
	zones   map[string]*Zone
}

// Builtin is the countries without a file; the house is in the United States, as in
// the original's example file.
func Builtin() *Zones {
	z := &Zones{Country: "us", zones: make(map[string]*Zone)}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		z.add(line)
	}
	for _, pair := range [][2]string{{"gb", "uk"}, {"en", "uk"}, {"ca", "us"}, {"pr", "us"}, {"vi", "us"}, {"lu", "de"}} {
		z.zones[pair[0]] = &Zone{Name: pair[0], Alias: pair[1]}
	}
	return z
}

// add takes a line of the built-in table: zone, country, and the tones with their
// names.
func (z *Zones) add(line string) {
	words := strings.Split(line, ";")
	zone := &Zone{Name: words[0], Description: words[1], Ring: ints(words[2]), Tones: make(map[string]string)}
	for _, w := range words[3:] {
		name, spec, _ := strings.Cut(w, "=")
		zone.Tones[name] = spec
	}
	z.zones[zone.Name] = zone
}

// ints reads numbers with commas between; what is none is left out.
func ints(s string) (out []int) {
	for _, word := range strings.Split(s, ",") {
		n := 0
		for _, c := range strings.TrimSpace(word) {
			if c < '0' || c > '9' || n > 1_000_000 {
				n = 0
				break
			}
			n = 10*n + int(c-'0')
		}
		if n > 0 {
			out = append(out, n)
		}
	}
	return out
}

// Zone returns a country by its name, "" for that of the house; where the name is an
// alias, the one it stands for. nil where there is none.
func (z *Zones) Zone(name string) *Zone {
	if name == "" {
		name = z.Country
	}
	zone := z.zones[strings.ToLower(name)]
	for range 10 { // an alias may stand for another, but not for itself
		if zone == nil || zone.Alias == "" {
			return zone
		}
		zone = z.zones[strings.ToLower(zone.Alias)]
	}
	return nil
}

// Tone returns a tone of a country, "" for that of the house. A country that there
// is not has the tones of the house.
func (z *Zones) Tone(country, name string) (spec string, ok bool) {
	zone := z.Zone(country)
	if zone == nil {
		zone = z.Zone("")
	}
	if zone == nil {
		return "", false
	}
	spec, ok = zone.Tones[strings.ToLower(name)]
	if !ok && strings.EqualFold(name, "ringing") {
		spec, ok = zone.Tones["ring"]
	}
	return spec, ok && spec != ""
}

// Names lists the countries.
func (z *Zones) Names() []string {
	out := make([]string, 0, len(z.zones))
	for name := range z.zones {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Listed is the zone of a name as it is written, alias or not.
func (z *Zones) Listed(name string) *Zone { return z.zones[strings.ToLower(name)] }
