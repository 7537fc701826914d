package database

import (
	"slices"
	"strings"
	"sync"

	"obelus/function/argument"
	"obelus/pbx"
)

// blacklist is BLACKLIST(): whether the caller's number, or his name, is in the family blacklist.
func (f database) blacklist(x *pbx.Exec, _ string) (string, error) {
	id := x.Channel().Identity()
	for _, key := range []string{id.Caller.Number, id.Caller.Name} {
		if key == "" {
			continue
		}
		if _, ok := f.db.Get("blacklist", key); ok {
			return "1", nil
		}
	}
	return "0", nil
}

// dialGroups are the lists that DIALGROUP() keeps in the database.
type dialGroups struct {
	db Database
	mu sync.Mutex // of reading a list, changing it and writing it back
}

// groups is the family that the members of dial groups are in, as the original has it.
const groups = "dialgroup"

// members of a dial group, in the order they came.
func (f *dialGroups) members(group string) []string {
	v, _ := f.db.Get(groups, group)
	if v == "" {
		return nil
	}
	return strings.Split(v, "&")
}

func (f *dialGroups) read(_ *pbx.Exec, args string) (string, error) {
	group, _, _ := argument.Two(args)
	return strings.Join(f.members(group), "&"), nil
}

// write is Set(DIALGROUP(group[,op])=interfaces): op add and del change one, without it the group is what is given.
func (f *dialGroups) write(_ *pbx.Exec, args, value string) error {
	group, op, _ := argument.Two(args)
	if group == "" {
		return argument.Complain("DIALGROUP requires the name of a group: DIALGROUP(<group>[,<op>])")
	}
	if value != "" && !strings.Contains(value, "/") {
		return argument.Complain("'%s' is no interface: Technology/Resource", value)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.members(group)
	switch strings.ToLower(op) {
	case "add":
		if !slices.Contains(all, value) {
			all = append(all, value)
		}
	case "del", "remove":
		all = slices.DeleteFunc(all, func(m string) bool { return m == value })
	case "":
		all = nil
		for m := range strings.SplitSeq(value, "&") {
			if m != "" && !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	default:
		return argument.Complain("Unrecognized operation to DIALGROUP: %s", op)
	}
	if len(all) == 0 {
		_, err := f.db.Delete(groups, group)
		return err
	}
	return f.db.Put(groups, group, strings.Join(all, "&"))
}
