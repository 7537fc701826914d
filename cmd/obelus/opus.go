package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"obelus/conf"
	"obelus/media/codec"
	"obelus/media/codec/opus"
)

// opusConf is opus= of [media] in obelus.conf.
type opusConf struct {
	off  bool   // opus=no
	path string // "" to look for it
}

// mediaOptions are those of [media] in obelus.conf.
func mediaOptions() map[string]ownOption {
	return map[string]ownOption{"opus": func(c *ownConf, v string) error {
		switch {
		case conf.False(v):
			c.opus = opusConf{off: true}
			return nil
		case v == "" || conf.True(v):
			c.opus = opusConf{}
			return nil
		}
		if _, err := os.Stat(v); err != nil {
			return wrong{fmt.Sprintf("opus=%s: there is no such file (make opus fetches one)", v), "it is looked for beside the binary, in the data directory and in /usr/share/obelus"}
		}
		c.opus = opusConf{path: v}
		return nil
	}}
}

// find is where the module of Opus is; "" where there is none.
func (c opusConf) find(dirs Dirs) string {
	if c.off || c.path != "" {
		return c.path
	}
	beside := ""
	if exe, err := os.Executable(); err == nil {
		beside = filepath.Dir(exe)
	}
	return opus.Find(beside, dirs.Data, "/usr/share/obelus", "/usr/local/share/obelus")
}

// openCodecs makes the set of codecs. Without the module, or with one that can't
// be used, there is all but an encoder of Opus; the encoders are nil then.
func openCodecs(ctx context.Context, c opusConf, dirs Dirs, log *slog.Logger) (*codec.Set, *opus.Encoders) {
	path := c.find(dirs)
	if path == "" {
		return codec.NewSet(codec.Options{}), nil
	}
	e, err := opus.Open(ctx, path, log)
	if err != nil {
		log.Warn("Opus is decoded and passed through, not made", "why", err)
		return codec.NewSet(codec.Options{}), nil
	}
	log.Debug("Opus is made", "module", path)
	return codec.NewSet(codec.Options{Opus: e}), e
}
