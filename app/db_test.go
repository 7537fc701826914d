package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
)

// removals is a database that notes what it is asked to remove. Nothing of the family bad can be.
type removals struct{ asked []string }

func (r *removals) Delete(family, key string) (bool, error) {
	r.asked = append(r.asked, family+"|"+key)
	if family == "bad" {
		return false, errors.New("the disk is full")
	}
	return true, nil
}

func (r *removals) DeleteTree(family, keytree string) (int, error) {
	_, err := r.Delete(family, keytree)
	return 1, err
}

func TestDBdel(t *testing.T) {
	for data, want := range map[string][]string{
		"DBdel(fam/key)": {"fam|key"}, "DBdel(fam/key/more)": {"fam|key/more"}, "DBdel(fam)": nil, "DBdel()": nil,
		"DBdeltree(fam)": {"fam|"}, "DBdeltree(fam/a/b)": {"fam|a/b"}, "DBdeltree()": nil, "DBdeltree(/x)": nil,
		"DBdel(bad/key)": {"bad|key"}, "DBdeltree(bad)": {"bad|"},
	} {
		name, args, _ := strings.Cut(strings.TrimSuffix(data, ")"), "(")
		for _, db := range []*removals{{}, nil} {
			d := &Deps{}
			if db != nil {
				d.DB = db
			}
			var log strings.Builder
			p := pbx.New(pbx.Config{Applications: Table(d), Registry: call.NewRegistry(slog.New(slog.DiscardHandler), nil), Log: slog.New(slog.NewTextHandler(&log, nil))})
			reg := call.NewRegistry(slog.New(slog.NewTextHandler(io.MultiWriter(&log), nil)), nil)
			x := p.NewExec(reg.New(call.Spec{Name: "SIP/a-0", Leg: apptest.NewPhone()}), call.Place{Context: "c", Exten: "s", Priority: 1})
			if err := x.Application(context.Background(), name, args); err != nil {
				t.Errorf("%s ends the call: %v", data, err)
			}
			warned := log.Len() > 0
			if db != nil && !slices.Equal(db.asked, want) {
				t.Errorf("%s: %q, want %q", data, db.asked, want)
			}
			if bad := want == nil || db != nil && strings.Contains(data, "bad"); warned != bad {
				t.Errorf("%s warned %q", data, log.String())
			}
		}
	}
}
