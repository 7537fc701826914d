package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"obelus/conf"
	"obelus/media/codec/opus"
	"obelus/media/rtp"
)

// Opus is opus= of [media] in obelus.conf.
type Opus struct {
	Off  bool   // opus=no
	Path string // "" to look for it
}

// mediaOptions are those of [media] in obelus.conf.
func mediaOptions() map[string]ownOption {
	return map[string]ownOption{"opus": func(c *Own, v string) error {
		switch {
		case conf.False(v):
			c.Opus = Opus{Off: true}
			return nil
		case v == "" || conf.True(v):
			c.Opus = Opus{}
			return nil
		}
		if _, err := os.Stat(v); err != nil {
			return wrong{fmt.Sprintf("opus=%s: there is no such file (make opus fetches one)", v), "it is looked for beside the binary, in the data directory and in /usr/share/obelus"}
		}
		c.Opus = Opus{Path: v}
		return nil
	}}
}

// Find is where the module of Opus is; "" where there is none.
func (c Opus) Find(dirs Dirs) string {
	if c.Off || c.Path != "" {
		return c.Path
	}
	beside := ""
	if exe, err := os.Executable(); err == nil {
		beside = filepath.Dir(exe)
	}
	return opus.Find(beside, dirs.Data, "/usr/share/obelus", "/usr/local/share/obelus")
}

// Engine is engine= and coalesce= of [media] in obelus.conf.
type Engine struct {
	Engine   string
	Coalesce time.Duration // 0 for the default, below for never
}

// engineOptions are its options.
func engineOptions(at map[string]ownOption) map[string]ownOption {
	at["engine"] = func(c *Own, v string) error {
		v = strings.ToLower(v)
		switch v {
		case rtp.EngineAuto, rtp.EngineGo, rtp.EngineEpoll:
			c.Media.Engine = v
			return nil
		}
		return wrong{fmt.Sprintf("engine=%s is not one of auto, go, epoll", v), "auto is used"}
	}
	at["coalesce"] = func(c *Own, v string) error {
		ms, err := strconv.ParseFloat(v, 64)
		if conf.False(v) {
			ms, err = 0, nil
		}
		if err != nil || !(ms >= 0 && ms <= 5) {
			return wrong{fmt.Sprintf("coalesce=%s is no number of milliseconds from 0 to 5", v), "1 is used"}
		}
		if c.Media.Coalesce = time.Duration(ms * float64(time.Millisecond)); c.Media.Coalesce == 0 {
			c.Media.Coalesce = -1
		}
		return nil
	}
	return at
}
