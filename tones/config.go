package tones

import (
	"fmt"
	"strings"

	"obelus/conf"
	"obelus/media/sound"
)

// Read reads indications.conf: its countries replace those that are built in by the
// same name. f is nil where there is no file.
func Read(f *conf.File) (*Zones, []conf.Diagnostic) {
	z := Builtin()
	if f == nil {
		return z, nil
	}
	r := reader{zones: z}
	country := conf.Pos{File: f.Path}
	for _, s := range f.Sections {
		if !strings.EqualFold(s.Name, "general") {
			r.zone(s)
			continue
		}
		for _, e := range s.Entries {
			if strings.EqualFold(e.Key, "country") {
				z.Country, country = strings.ToLower(e.Value), e.Pos
			} else {
				r.warn(e.Pos, "", "indications.conf has no option %s in [general]", e.Key)
			}
		}
	}
	if z.Zone("") == nil {
		r.warn(country, "the tones are those of the United States", "there is no country '%s' in indications.conf, nor is it built in", z.Country)
		z.Country = "us"
	}
	return z, r.found
}

type reader struct {
	zones *Zones
	found []conf.Diagnostic
}

func (r *reader) warn(at conf.Pos, hint, format string, args ...any) {
	r.found = append(r.found, conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// zone reads a country.
func (r *reader) zone(s *conf.Section) {
	zone := &Zone{Name: strings.ToLower(s.Name), Tones: make(map[string]string)}
	for _, e := range s.Entries {
		switch key := strings.ToLower(e.Key); key {
		case "description":
			zone.Description = e.Value
		case "alias":
			zone.Alias = strings.ToLower(e.Value)
		case "ringcadence", "ringcadance":
			zone.Ring = ints(e.Value)
		default:
			if _, err := sound.NewTone(e.Value); err != nil && e.Value != "" {
				r.warn(e.Pos, "it is not heard", "tone %s of country %s: %v", key, zone.Name, err)
				continue
			}
			zone.Tones[key] = e.Value
		}
	}
	r.zones.zones[zone.Name] = zone
}
