package cdr

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"obelus/conf"
)

// Config is what the section [general] of cdr.conf says; other sections belong to the places that records go to.
type Config struct {
	Enable                bool
	Unanswered            bool // also those of a channel that called nobody and was not answered
	Congestion            bool // CONGESTION is a disposition of its own, not FAILED
	EndBeforeHExten       bool // h changes nothing
	InitiatedSeconds      bool // each second begun is billed
	ChannelDefaultEnabled bool // without CDR_PROP(disable)=0
	IgnoreBridges         bool // ignorestatechanges
	IgnoreDials           bool // ignoredialchanges
	Batch                 Batch
}

// Batch is when complete records go on to files and databases: with On, when there are Size of them or Time has passed, else at once. They
// are safe in the store before that either way.
type Batch struct {
	On           bool
	Size         int
	Time         time.Duration
	SafeShutdown bool // what waits goes on before the server stops
}

// Defaults are the original's settings where there is no cdr.conf.
func Defaults() Config {
	return Config{
		Enable: true, EndBeforeHExten: true, ChannelDefaultEnabled: true,
		Batch: Batch{Size: 100, Time: 300 * time.Second, SafeShutdown: true},
	}
}

// option reads one option.
type option func(c *Config, value string) error

// yes is an option that is on or off; as in the original, what is not yes is no.
func yes(set func(c *Config, on bool)) option {
	return func(c *Config, v string) error {
		set(c, conf.True(v))
		if !conf.True(v) && !conf.False(v) {
			return fmt.Errorf("%q is neither yes nor no: it counts as no", v)
		}
		return nil
	}
}

// number is an option with a number.
func number(high int, set func(c *Config, n int)) option {
	return func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > high {
			return fmt.Errorf("%q is no number from 0 to %d: the default is kept", v, high)
		}
		set(c, n)
		return nil
	}
}

// options are those that are carried out.
func options() map[string]option {
	return map[string]option{
		"enable":                yes(func(c *Config, on bool) { c.Enable = on }),
		"unanswered":            yes(func(c *Config, on bool) { c.Unanswered = on }),
		"congestion":            yes(func(c *Config, on bool) { c.Congestion = on }),
		"endbeforehexten":       yes(func(c *Config, on bool) { c.EndBeforeHExten = on }),
		"initiatedseconds":      yes(func(c *Config, on bool) { c.InitiatedSeconds = on }),
		"channeldefaultenabled": yes(func(c *Config, on bool) { c.ChannelDefaultEnabled = on }),
		"ignorestatechanges":    yes(func(c *Config, on bool) { c.IgnoreBridges = on }),
		"ignoredialchanges":     yes(func(c *Config, on bool) { c.IgnoreDials = on }),
		"batch":                 yes(func(c *Config, on bool) { c.Batch.On = on }),
		"safeshutdown":          yes(func(c *Config, on bool) { c.Batch.SafeShutdown = on }),
		"size":                  number(1000, func(c *Config, n int) { c.Batch.Size = n }),
		"time":                  number(86400, func(c *Config, n int) { c.Batch.Time = time.Duration(n) * time.Second }),
	}
}

// named are options that are known and change nothing here, and why.
func named() map[string]string {
	return map[string]string{
		"scheduleronly":            "records are written by a goroutine of their own, which no call waits for",
		"initiateddatetime":        "there is no such option in the original: initiatedseconds=yes bills each second that has begun",
		"debug":                    "cdr set debug is not supported",
		"canceldispositionenabled": "an option of later releases: a call that the caller gives up is NO ANSWER",
	}
}

// Read reads [general] of cdr.conf. f is nil where there is no such file.
func Read(f *conf.File) (Config, []conf.Diagnostic) {
	c := Defaults()
	if f == nil {
		return c, nil
	}
	var entries []conf.Entry
	for _, s := range f.Sections {
		if !s.Template && strings.EqualFold(s.Name, "general") {
			entries = append(entries, s.Entries...)
		}
	}
	var found []conf.Diagnostic
	all := options()
	for _, e := range entries {
		read, ok := all[strings.ToLower(e.Key)]
		if !ok {
			found = append(found, other(e, all))
			continue
		}
		if err := read(&c, e.Value); err != nil {
			found = append(found, conf.Diagnostic{Pos: e.Pos, Severity: conf.Warning, Message: fmt.Sprintf("%s: %v", e.Key, err)})
		}
	}
	return c, found
}

// other says what is to be said of an option that is not carried out.
func other(e conf.Entry, all map[string]option) conf.Diagnostic {
	if why, ok := named()[strings.ToLower(e.Key)]; ok {
		return conf.Diagnostic{Pos: e.Pos, Severity: conf.Note, Message: fmt.Sprintf("%s does nothing", e.Key), Hint: why}
	}
	hint := "it is ignored"
	if near := conf.Nearest(e.Key, slices.Sorted(maps.Keys(all))); near != "" {
		hint += "; did you mean " + near + "?"
	}
	return conf.Diagnostic{Pos: e.Pos, Severity: conf.Warning, Message: fmt.Sprintf("unknown option '%s'", e.Key), Hint: hint}
}
