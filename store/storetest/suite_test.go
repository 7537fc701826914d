package storetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"obelus/store"
	"obelus/store/memory"
	"obelus/store/storetest"
)

// liarEnv names the liar that a child process plays.
const liarEnv = "STORETEST_LIAR"

// liar is an engine that breaks one promise. It is written to a file only when it is closed, or after every commit if it is honest about that.
type liar struct {
	memory.Engine
	kind, path string
}

func (l *liar) Commit(ctx context.Context, ops []store.BindingOp) error {
	kept := append([]store.BindingOp(nil), ops...)
	for i := range kept {
		switch l.kind {
		case "refreshes write nothing":
			if kept[i].Kind == store.Refresh {
				return nil
			}
		case "refreshes write all":
			if kept[i].Kind == store.Refresh {
				kept[i].Kind = store.Upsert
			}
		case "any node may write":
			kept[i].Binding.Node = ""
		case "text only":
			kept[i].Binding.Contact = strings.ToValidUTF8(kept[i].Binding.Contact, "?")
		}
	}
	if err := l.Engine.Commit(ctx, kept); err != nil || l.kind == "saves at the end" {
		return err
	}
	return l.save()
}

func (l *liar) save() error {
	all := []store.Binding{}
	if err := l.Load(context.Background(), func(b store.Binding) error { all = append(all, b); return nil }); err != nil {
		return err
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := os.WriteFile(l.path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(l.path+".new", l.path)
}

func engineOf(kind string) storetest.Engine {
	return storetest.Engine{Lasting: true, Open: func(dir string) (*storetest.State, error) {
		l := &liar{kind: kind, path: filepath.Join(dir, "state.json")}
		text, err := os.ReadFile(l.path)
		if errors.Is(err, os.ErrNotExist) {
			return &storetest.State{Location: l, Close: l.save}, nil
		}
		var all []store.Binding
		if err := errors.Join(err, json.Unmarshal(text, &all)); err != nil {
			return nil, err
		}
		for _, b := range all {
			if err := l.Engine.Commit(context.Background(), []store.BindingOp{{Binding: b}}); err != nil {
				return nil, err
			}
		}
		return &storetest.State{Location: l, Close: l.save}, nil
	}}
}

func TestMain(m *testing.M) { os.Exit(storetest.Main(m, engineOf(os.Getenv(liarEnv)))) }

// TestChild is the suite run on a liar, in a child process of TestLiarsAreCaught; by itself it runs the crash test on an honest engine.
func TestChild(t *testing.T) {
	kind := os.Getenv(liarEnv)
	if kind != "" && kind != "saves at the end" {
		storetest.Location(t, engineOf(kind))
		return
	}
	storetest.Crash(t, engineOf(kind))
}

// TestLiarsAreCaught: the suite must fail on engines that break a promise, or it tests nothing.
func TestLiarsAreCaught(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for kind, says := range map[string]string{
		"saves at the end":        "after a kill at location=",
		"refreshes write nothing": "--- FAIL: TestChild/operations",
		"refreshes write all":     "--- FAIL: TestChild/random_operations",
		"any node may write":      "--- FAIL: TestChild/another_node",
		"text only":               "--- FAIL: TestChild/odd_strings",
	} {
		t.Run(kind, func(t *testing.T) {
			child := exec.Command(exe, "-test.run=^TestChild$")
			child.Env = append(os.Environ(), liarEnv+"="+kind)
			out, err := child.CombinedOutput()
			if err == nil || !strings.Contains(string(out), says) {
				t.Errorf("the suite ended with %v and did not say %q:\n%s", err, says, out)
			}
		})
	}
}
