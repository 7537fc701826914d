package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"obelus/console"
	"obelus/store/sqlite"
)

// file is a database that is a file of ours.
type file interface {
	Backup(ctx context.Context, path string) error
	Optimize(ctx context.Context) error
}

// files are the databases in the data directory by their names.
func (s *server) files() map[string]file {
	all := make(map[string]file)
	if f, ok := s.engine.(file); ok {
		all[sqlite.FileName] = f
	}
	if s.cdrFile != nil {
		all[sqlite.CallsFileName] = s.cdrFile
	}
	return all
}

// backupCommand copies the databases of the data directory while they are worked on.
func (s *server) backupCommand() console.Command {
	return console.Command{
		Words: "database backup", Args: "<directory>", Summary: "Copies state.db and cdr.db into a directory",
		Help: "The directory is made if it is not there; files in it are not overwritten. To go back, stop obelus and put the files into its data directory.",
		Run: func(ctx context.Context, c *console.Session, args []string) error {
			if len(args) != 1 {
				return console.ErrUsage
			}
			names, err := backup(ctx, s.files(), args[0])
			for _, name := range names {
				c.Printf("%s\n", name)
			}
			if err != nil {
				c.Printf("Not everything was copied: %v\n", err)
			}
			return nil
		},
	}
}

// backup copies databases into a directory, and returns the copies that are whole.
func backup(ctx context.Context, all map[string]file, dir string) (made []string, err error) {
	if len(all) == 0 {
		return nil, errors.New("there is no database in the data directory (obelus.conf, [store])")
	}
	if !filepath.IsAbs(dir) {
		return nil, fmt.Errorf("%s: the server is somewhere else: name the directory from the root on", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for _, name := range []string{sqlite.FileName, sqlite.CallsFileName} {
		if f := all[name]; f != nil {
			path := filepath.Join(dir, name)
			if e := f.Backup(ctx, path); e != nil {
				err = errors.Join(err, e)
			} else {
				made = append(made, path)
			}
		}
	}
	return made, err
}

// optimizeTime is how often the databases look at how they are filled.
const optimizeTime = time.Hour

// optimize does that until ctx ends.
func (s *server) optimize(ctx context.Context) {
	again := time.NewTicker(optimizeTime)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		for name, f := range s.files() {
			if err := f.Optimize(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("store: "+name+" could not be looked through", "err", err)
			}
		}
	}
}
