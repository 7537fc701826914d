package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"obelus/store"
	"obelus/store/storetest"
)

func TestMessages(t *testing.T) {
	storetest.Messages(t, true, func(dir string) (store.Messages, func() error, error) {
		e, err := Open(context.Background(), dir, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, nil, err
		}
		return e, e.Close, nil
	})
}

// TestKeys: what is put, taken and cut off is so after the file was opened again.
func TestKeys(t *testing.T) {
	dir := t.TempDir()
	write := func(ops ...store.KVOp) {
		t.Helper()
		e, err := Open(t.Context(), dir, slog.New(slog.DiscardHandler))
		if err == nil {
			err = errors.Join(e.WriteKeys(t.Context(), ops), e.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put := func(key string) store.KVOp { return store.KVOp{Kind: store.KVPut, Key: key, Value: "v" + key} }
	for _, c := range []struct {
		ops  []store.KVOp
		want string
	}{
		{[]store.KVOp{put("/a/b"), put("/a/b/c"), put("/a/bc"), put("/b/x"), put("/a/b")}, "/a/b /a/b/c /a/bc /b/x "},
		{[]store.KVOp{{Kind: store.KVTree, Key: "/a/b"}}, "/a/bc /b/x "},
		{[]store.KVOp{{Kind: store.KVDelete, Key: "/b/x"}, {Kind: store.KVDelete, Key: "/none"}}, "/a/bc "},
		{[]store.KVOp{{Kind: store.KVTree}, put("/z")}, "/z "},
	} {
		write(c.ops...)
		e, err := Open(t.Context(), dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = e.LoadKeys(t.Context(), func(key, value string) error {
			if got += key + " "; value != "v"+key {
				return fmt.Errorf("%s has %q", key, value)
			}
			return nil
		})
		if err = errors.Join(err, e.Close()); err != nil || got != c.want {
			t.Errorf("%v: %q, %v; want %q", c.ops, got, err, c.want)
		}
	}
}
