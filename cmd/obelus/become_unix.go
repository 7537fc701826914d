//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// become gives up being root for a user and a group, as -U and -G and runuser
// and rungroup ask. Directories that are missing are made first, and theirs.
func become(name, group string, dirs ...string) error {
	if name == "" && group == "" {
		return nil
	}
	uid, gid, groups, err := identity(name, group)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if err := give(d, uid, gid); err != nil {
			return err
		}
	}
	if os.Geteuid() == uid && os.Getegid() == gid {
		return nil // it is that user already: nothing to give up
	}
	// The groups first: only root may change them.
	if err := syscall.Setgroups(groups); err != nil {
		return fmt.Errorf("take the groups of user %s: %w", name, err)
	}
	if err := syscall.Setgid(gid); err != nil {
		return fmt.Errorf("run as group %s: %w", group, err)
	}
	if err := syscall.Setuid(uid); err != nil {
		return fmt.Errorf("run as user %s: %w", name, err)
	}
	return nil
}

// identity looks a user and a group up; what is not named is as it is now.
func identity(name, group string) (uid, gid int, groups []int, err error) {
	uid, gid = os.Geteuid(), os.Getegid()
	if name != "" {
		u, err := user.Lookup(name)
		if err != nil {
			return 0, 0, nil, fmt.Errorf("run as user %s: %w", name, err)
		}
		ids, err := u.GroupIds()
		if err != nil {
			return 0, 0, nil, fmt.Errorf("list the groups of user %s: %w", name, err)
		}
		if uid, err = strconv.Atoi(u.Uid); err == nil {
			gid, err = strconv.Atoi(u.Gid)
		}
		if err != nil {
			return 0, 0, nil, fmt.Errorf("run as user %s: %w", name, err)
		}
		groups = numbers(ids)
	}
	if group != "" {
		g, err := user.LookupGroup(group)
		if err != nil {
			return 0, 0, nil, fmt.Errorf("run as group %s: %w", group, err)
		}
		if gid, err = strconv.Atoi(g.Gid); err != nil {
			return 0, 0, nil, fmt.Errorf("run as group %s: %w", group, err)
		}
	}
	return uid, gid, append(groups, gid), nil
}

func numbers(ids []string) []int {
	var out []int
	for _, id := range ids {
		if n, err := strconv.Atoi(id); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// give makes a directory that is missing, and hands it over.
func give(dir string, uid, gid int) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil // it has its owner
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return fmt.Errorf("hand a directory over: %w", err)
	}
	return nil
}
