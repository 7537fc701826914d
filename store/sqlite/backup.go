package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes everything into a new file, which is whole and on the disk when Backup returns nil; commits go on meanwhile. A file that is there
// already is left alone, and the error is fs.ErrExist.
func (d *database) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // empty, SQLite takes it; and its mode stays
	if err != nil {
		return fmt.Errorf("back up %s: %w", d.path, err)
	}
	_, err = d.read.ExecContext(ctx, "VACUUM INTO ?", path)
	if err == nil {
		err = f.Sync() // VACUUM INTO does not
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return errors.Join(d.failed("back up", err), os.Remove(path))
	}
	return nil
}

// syncDir has a new name in a directory survive a power cut, where directories can be opened.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = dir.Sync() // Windows has no such thing
	return dir.Close()
}

// Optimize has SQLite look again at how its tables are filled; worth it once an hour, and cheap where little has changed.
func (d *database) Optimize(ctx context.Context) error {
	_, err := d.write.ExecContext(ctx, "PRAGMA optimize")
	return d.failed("optimize", err)
}
