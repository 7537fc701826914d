package memory_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"obelus/store"
	"obelus/store/memory"
	"obelus/store/storetest"
)

func engine() storetest.Engine {
	return storetest.Engine{Open: func(string) (*storetest.State, error) {
		e := new(memory.Engine)
		return &storetest.State{Location: e, Messages: e, KV: e, Calls: new(memory.Calls), Close: func() error { return nil }}, nil
	}}
}

func TestLocation(t *testing.T) { storetest.Location(t, engine()) }

func TestMessages(t *testing.T) { storetest.Messages(t, engine()) }

func TestKV(t *testing.T) { storetest.KV(t, engine()) }

func TestCalls(t *testing.T) { storetest.Calls(t, engine()) }

// TestPruneWithoutSinks: where records go nowhere, there is no last one that must stay.
func TestPruneWithoutSinks(t *testing.T) {
	var c memory.Calls
	op := store.CallOp{Kind: store.CallEnd, Record: store.CallRecord{CallKey: store.CallKey{UniqueID: "1.0"}, End: time.Unix(1000, 0)}}
	if err := c.WriteCalls(t.Context(), []store.CallOp{op}); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Prune(t.Context(), time.Unix(2000, 0), math.MaxInt64, 500); n != 1 || err != nil {
		t.Errorf("%d records were forgotten, want 1 (%v)", n, err)
	}
}

// TestCallsAreBounded: a place that is away for days must not fill the memory with what waits for it.
func TestCallsAreBounded(t *testing.T) {
	c := memory.Calls{Most: 2}
	op := func(kind store.CallOpKind, n int64) store.CallOp {
		return store.CallOp{Kind: kind, Record: store.CallRecord{CallKey: store.CallKey{UniqueID: "1.0", Sequence: n}, End: time.Unix(1000, 0)}}
	}
	write := func(ops ...store.CallOp) error { return c.WriteCalls(t.Context(), ops) }
	if err := write(op(store.CallEnd, 1), op(store.CallEnd, 2), op(store.CallBegin, 3)); err != nil {
		t.Fatal(err)
	}
	if err := write(op(store.CallEnd, 3)); !errors.Is(err, memory.ErrFull) {
		t.Errorf("error %v", err)
	}
	if _, err := c.Prune(t.Context(), time.Unix(2000, 0), 1, 500); err != nil {
		t.Fatal(err)
	}
	if err := write(op(store.CallEnd, 3)); err != nil {
		t.Error(err)
	}
	if n, err := c.Waiting(t.Context(), 0); n != 2 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
}
