package storetest

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"obelus/store"
)

// Messages runs the part of the suite about store.Messages. open opens the state
// kept in a directory; lasting says that it is there when it is opened again.
func Messages(t *testing.T, lasting bool, open func(dir string) (store.Messages, func() error, error)) {
	dir := t.TempDir()
	e, closeIt, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	again := func() {
		t.Helper()
		if !lasting {
			return
		}
		if err := closeIt(); err != nil {
			t.Fatal(err)
		}
		if e, closeIt, err = open(dir); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if err := closeIt(); err != nil {
			t.Error(err)
		}
	}()
	now := time.UnixMilli(1_800_000_000_000)
	append_ := func(id, account string, expires time.Duration) {
		t.Helper()
		m := store.Message{ID: id, AOR: account, Body: []byte(id), At: now, Expires: now.Add(expires)}
		if err := e.Append(t.Context(), []store.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	whole := store.Message{
		ID: "0", AOR: "c", From: `"Änna" <sip:1@x>`, To: "sip:2@x", ContentType: "text/plain;charset=UTF-8", Body: []byte("a\x00b\xff\r\n"),
		Headers: []store.Header{{Name: "Date", Value: "Tue"}, {Name: "X-A", Value: `"\`}}, Peer: "1", At: now, Expires: now.Add(time.Hour),
		NotBefore: now.Add(time.Second), Tries: 2, Told: []string{"z", "a"},
	}
	if err := e.Append(t.Context(), []store.Message{whole}); err != nil {
		t.Fatal(err)
	}
	again()
	back, err := e.Claim(t.Context(), store.Claim{AOR: "c", Max: 1, Node: "x", Now: now, Until: now.Add(time.Minute)})
	if err != nil || len(back) != 1 || !bytes.Equal(back[0].Body, whole.Body) || !reflect.DeepEqual(back[0], whole) {
		t.Fatalf("a text comes back as %+v, %v; it was %+v", back, err, whole)
	}
	if err := e.Mark(t.Context(), []store.MessageOp{{Kind: store.MessageDone, ID: "0"}}); err != nil {
		t.Fatal(err)
	}
	append_("2", "a", time.Hour)
	append_("1", "a", 2*time.Hour)
	append_("1", "a", time.Minute)
	append_("3", "b", time.Minute)
	again()
	claim := func(node, after string, at time.Time) string {
		t.Helper()
		got, err := e.Claim(t.Context(), store.Claim{AOR: "a", After: after, Max: 9, Node: node, Now: at, Until: at.Add(time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
		ids := ""
		for _, m := range got {
			ids += m.ID
		}
		return ids
	}
	look := store.Claim{AOR: "a", Max: 9, Node: "w", Now: now, Until: now}
	if got, err := e.Claim(t.Context(), look); err != nil || len(got) != 2 {
		t.Errorf("a look finds %d texts, %v", len(got), err)
	}
	for _, c := range []struct {
		node, after, want string
		at                time.Time
	}{
		{"x", "", "12", now}, {"y", "", "", now}, {"x", "1", "2", now}, {"y", "", "12", now.Add(time.Hour)},
	} {
		if got := claim(c.node, c.after, c.at); got != c.want {
			t.Errorf("%s claims %s after %q", c.node, got, c.after)
		}
	}
	ops := []store.MessageOp{{Kind: store.MessageTold, ID: "1", Instance: "i"}, {Kind: store.MessageTold, ID: "1", Instance: "i"},
		{Kind: store.MessageRetry, ID: "2", NotBefore: now.Add(time.Second)}, {Kind: store.MessageDone, ID: "3"}, {Kind: store.MessageDone, ID: "9"}}
	if err := e.Mark(t.Context(), ops); err != nil {
		t.Fatal(err)
	}
	again()
	if got := claim("z", "", now); got != "2" {
		t.Errorf("after a try %s is free", got)
	}
	over, err := e.Expired(t.Context(), now.Add(3*time.Hour), 9)
	if err != nil || len(over) != 2 || over[0].ID != "2" || over[0].Tries != 1 || len(over[1].Told) != 1 {
		t.Errorf("expired are %+v, %v", over, err)
	}
	n := 0
	if err := e.Accounts(t.Context(), func(c store.MessageCount) error {
		n++
		if c.AOR != "a" || c.Count != 2 || c.Bytes != 2 || c.Last != "2" || !c.Next.IsZero() || !c.Oldest.Equal(now) {
			t.Errorf("%+v", c)
		}
		return nil
	}); err != nil || n != 1 {
		t.Errorf("%d accounts, %v", n, err)
	}
}
