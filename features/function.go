package features

import (
	"embed"
	"strings"

	"obelus/pbx"
)

// pages are the manual of the functions.
//
//go:embed *.md
var pages embed.FS

// Functions are FEATURE() and FEATUREMAP(). A nil desk has the original's settings, and changes none.
func Functions(d *Desk) []pbx.Function {
	return pbx.DescribeFunctions(pages, []pbx.Function{
		{Name: "FEATURE", Read: d.readFeature, Write: d.writeFeature},
		{Name: "FEATUREMAP", Read: d.readMap, Write: d.writeMap},
	})
}

func (d *Desk) configOf(x *pbx.Exec) *Config {
	if d == nil {
		return Defaults()
	}
	return d.of(x.Channel())
}

func (d *Desk) readFeature(x *pbx.Exec, args string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(args))
	if name == "inherit" {
		if v, _ := x.Channel().Vars.Get(inheritVar); v == "1" {
			return "yes", nil
		}
		return "no", nil
	}
	it, ok := d.configOf(x).clone().item(name)
	if !ok {
		return "", unknownOption(args)
	}
	return it.get(), nil
}

func (d *Desk) writeFeature(x *pbx.Exec, args, value string) error {
	name := strings.ToLower(strings.TrimSpace(args))
	if name == "inherit" {
		var on bool
		if err := flag(&on).set(value); err != nil {
			return err
		}
		x.Channel().Vars.Set(inheritVar, map[bool]string{true: "1", false: "0"}[on])
		return nil
	}
	if _, ok := Defaults().item(name); !ok {
		return unknownOption(args)
	}
	if d == nil {
		return nil
	}
	return d.change(x.Channel(), func(c *Config) error {
		it, _ := c.item(name)
		return it.set(value)
	})
}

func (d *Desk) readMap(x *pbx.Exec, args string) (string, error) {
	keys, ok := d.configOf(x).Map[strings.ToLower(strings.TrimSpace(args))]
	if !ok {
		return "", unknownOption(args)
	}
	return keys, nil
}

func (d *Desk) writeMap(x *pbx.Exec, args, value string) error {
	name := strings.ToLower(strings.TrimSpace(args))
	if _, ok := Defaults().Map[name]; !ok {
		return unknownOption(args)
	}
	if err := sequence(value); err != nil {
		return err
	}
	if d == nil {
		return nil
	}
	return d.change(x.Channel(), func(c *Config) error {
		c.Map[name] = value
		return nil
	})
}

// unknownOption is an option that there is not.
type unknownOption string

func (u unknownOption) Error() string { return "Invalid argument '" + string(u) + "' to FEATURE()" }
