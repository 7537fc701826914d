package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The engines of [store] in obelus.conf.
const (
	SQLite = "sqlite" // what is acknowledged survives a restart: the default
	Memory = "memory" // it does not
)

// Store is [store] of obelus.conf: where state is kept.
type Store struct {
	Engine    string        // SQLite or Memory
	KeepCalls time.Duration // how long call records are kept that went wherever they go; 0: for ever
}

// Lasting says whether anything outlives the process.
func (s *Store) Lasting() bool { return s.Engine != Memory }

// storeOptions are the options of [store].
func storeOptions() map[string]ownOption {
	return map[string]ownOption{
		"engine": func(c *Own, v string) error {
			v = strings.ToLower(v)
			if v != SQLite && v != Memory {
				return wrong{fmt.Sprintf("engine=%s is not one of sqlite, memory", v), "sqlite is used"}
			}
			c.Store.Engine = v
			return nil
		},
		"keep_calls": func(c *Own, v string) error {
			days, err := strconv.Atoi(v)
			if err != nil || days < 0 || days > 36500 {
				return wrong{fmt.Sprintf("keep_calls=%s is no number of days from 0 to 36500", v), "call records are kept for ever"}
			}
			c.Store.KeepCalls = time.Duration(days) * 24 * time.Hour
			return nil
		},
	}
}
