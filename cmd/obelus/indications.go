package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"obelus/console"
	"obelus/media"
	"obelus/media/sound"
	"obelus/tones"
)

// countries are the tones that indications.conf has now.
type countries struct{ now *atomic.Pointer[tones.Zones] }

// Tone returns a tone of a country as indications.conf writes it.
func (c countries) Tone(country, name string) (string, bool) { return c.now.Load().Tone(country, name) }

// toneOf makes a tone of a country, nil where there is none.
func (s *server) toneOf(country, name string) media.Source {
	spec, ok := s.tones.Load().Tone(country, name)
	if !ok {
		return nil
	}
	src, err := sound.NewTone(spec)
	if err != nil {
		return nil // the file's findings have said so
	}
	return src
}

// indicationCommand shows the tones of the countries in the original's layout.
func (s *server) indicationCommand() console.Command {
	return console.Command{
		Words: "indication show", Args: "[country ...]", Summary: "Display a list of all countries/indications",
		Run: func(_ context.Context, c *console.Session, args []string) error {
			z := s.tones.Load()
			if len(args) == 0 {
				c.Printf("Country   Description\n===========================\n")
				for _, name := range z.Names() {
					c.Printf("%-7.7s   %s\n", name, described(z, name))
				}
				return nil
			}
			for _, name := range args {
				c.Printf("%s", country(z, name))
			}
			return nil
		},
		Complete: func([]string) []string { return s.tones.Load().Names() },
	}
}

func described(z *tones.Zones, name string) string {
	if l := z.Listed(name); l.Alias != "" {
		return "alias of " + l.Alias
	}
	return z.Listed(name).Description
}

// country writes what is known of one.
func country(z *tones.Zones, name string) string {
	zone := z.Zone(name)
	if zone == nil {
		return fmt.Sprintf("No indications data for '%s'\n", name)
	}
	var b strings.Builder
	var ring []string
	for _, n := range zone.Ring {
		ring = append(ring, fmt.Sprint(n))
	}
	fmt.Fprintf(&b, "Country Indication   PlayList\n=====================================\n%-7.7s %-15.15s %s\n", zone.Name, "<ring cadence>", strings.Join(ring, ","))
	var names []string
	for tone := range zone.Tones {
		names = append(names, tone)
	}
	slices.Sort(names)
	for _, tone := range names {
		fmt.Fprintf(&b, "%-7.7s %-15.15s %s\n", zone.Name, tone, zone.Tones[tone])
	}
	return b.String()
}
