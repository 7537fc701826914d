package settings

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"obelus/conf"
	"obelus/store/postgres"
)

// The engines of [store] in obelus.conf.
const (
	SQLite   = "sqlite"   // what is acknowledged survives a restart: the default
	Postgres = "postgres" // the same, in a database elsewhere
	Memory   = "memory"   // it does not
)

// Store is [store] of obelus.conf: where state is kept.
type Store struct {
	Engine    string        // SQLite, Postgres or Memory
	DSN       string        // of Postgres, with its password
	Node      string        // this server's name among those on one database
	Strict    bool          // a registration that the store does not have in time is refused
	Flush     time.Duration // refresh_flush: how long refreshes that change nothing but the expiry may wait to be written; 0: none does
	KeepCalls time.Duration // how long call records are kept that went wherever they go; 0: for ever
}

// Lasting says whether anything outlives the process.
func (s *Store) Lasting() bool { return s.Engine != Memory }

// maxNode is how long the name of a server may be.
const maxNode = 64

// NodeName is this server's name among those on one database; "" where the state is its own.
func (s *Store) NodeName() (string, error) {
	if s.Engine != Postgres || s.Node != "" {
		return s.Node, nil
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "", fmt.Errorf("this host has no name: say node= in [store] of obelus.conf: %w", err)
	}
	return name, nil
}

// settle says what does not go together.
func (s *Store) settle(f *conf.File) []conf.Diagnostic {
	if s.Engine != Postgres || s.DSN != "" || os.Getenv("PGHOST") != "" || os.Getenv("PGSERVICE") != "" {
		return nil
	}
	at := conf.Pos{File: f.Path}
	if section := f.Section("store"); section != nil {
		at = section.Pos
	}
	return []conf.Diagnostic{{Pos: at, Severity: conf.Warning, Message: "engine=postgres has no dsn=, and PGHOST is not set either",
		Hint: "write dsn=postgres://user:password@host/database; without it a server of this machine is asked, as whoever runs obelus"}}
}

// storeOptions are the options of [store].
func storeOptions() map[string]ownOption {
	return map[string]ownOption{
		"engine": func(c *Own, v string) error {
			v = strings.ToLower(v)
			if v != SQLite && v != Postgres && v != Memory {
				return wrong{fmt.Sprintf("engine=%s is not one of sqlite, postgres, memory", v), "sqlite is used"}
			}
			c.Store.Engine = v
			return nil
		},
		"dsn": func(c *Own, v string) error {
			c.Store.DSN = v
			if err := postgres.CheckDSN(v); err != nil {
				return wrong{err.Error(), "with engine=postgres the server does not start"}
			}
			return nil
		},
		"node": func(c *Own, v string) error {
			if v == "" || len(v) > maxNode || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
				return wrong{fmt.Sprintf("node=%s is no name of at most %d characters without spaces", v, maxNode), "the name of the host is used"}
			}
			c.Store.Node = v
			return nil
		},
		"strict": func(c *Own, v string) error {
			if !conf.True(v) && !conf.False(v) {
				return wrong{"strict=" + v + " is neither yes nor no", "no is used"}
			}
			c.Store.Strict = conf.True(v)
			return nil
		},
		"refresh_flush": func(c *Own, v string) error {
			d, err := time.ParseDuration(v)
			if seconds, plain := strconv.Atoi(v); plain == nil {
				d, err = time.Duration(seconds)*time.Second, nil
			}
			if err != nil || d != 0 && (d < time.Second || d > 10*time.Second) {
				return wrong{fmt.Sprintf("refresh_flush=%s is neither 0 nor from 1s to 10s", v), "each refresh is written before it is answered"}
			}
			c.Store.Flush = d
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
