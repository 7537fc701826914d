package memory_test

import (
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
