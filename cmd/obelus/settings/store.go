package settings

import (
	"fmt"
	"strings"
)

// The engines of [store] in obelus.conf.
const (
	SQLite = "sqlite" // what is acknowledged survives a restart: the default
	Memory = "memory" // it does not
)

// Store is [store] of obelus.conf: where state is kept.
type Store struct {
	Engine string // SQLite or Memory
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
	}
}
