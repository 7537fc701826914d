package store_test

import (
	"testing"

	"obelus/store"
)

// TestMerge: one operation does what the two would.
func TestMerge(t *testing.T) {
	tests := []struct{ first, next, want store.OpKind }{
		{store.Upsert, store.Upsert, store.Upsert},
		{store.Upsert, store.Refresh, store.Upsert},
		{store.Upsert, store.Delete, store.Delete},
		{store.Refresh, store.Upsert, store.Upsert},
		{store.Refresh, store.Refresh, store.Refresh},
		{store.Refresh, store.Delete, store.Delete},
		{store.Delete, store.Upsert, store.Upsert},
		{store.Delete, store.Refresh, store.Upsert},
		{store.Delete, store.Delete, store.Delete},
	}
	for _, tt := range tests {
		first := store.BindingOp{Kind: tt.first, Binding: store.Binding{AOR: "1001", ContactID: "a", CSeq: 1}}
		next := store.BindingOp{Kind: tt.next, Binding: store.Binding{AOR: "1001", ContactID: "a", CSeq: 2}}
		if got := first.Merge(next); got.Kind != tt.want || got.Binding != next.Binding {
			t.Errorf("%d then %d: %+v, want kind %d", tt.first, tt.next, got, tt.want)
		}
		if first.Key() != next.Key() {
			t.Error("two operations on one contact have different keys")
		}
	}
}
