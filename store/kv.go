package store

import "context"

// KV is the database of the dialplan: what the original keeps in astdb. A key is
// a path, "/family/key", as the original's file has it.
type KV interface {
	// LoadKeys calls yield for every key, in the order of the keys. It stops at yield's first error and returns it.
	LoadKeys(ctx context.Context, yield func(key, value string) error) error

	// WriteKeys carries out operations in their order, all or none. When it returns nil, they survive a power cut.
	WriteKeys(ctx context.Context, ops []KVOp) error
}

// KVOpKind says what an operation does to a key.
type KVOpKind uint8

// The operations.
const (
	KVPut    KVOpKind = iota // give Key its Value
	KVDelete                 // remove Key
	KVTree                   // remove Key and every key below it, Key + "/"; the empty Key removes all
)

// KVOp is one operation on the dialplan's database.
type KVOp struct {
	Kind       KVOpKind
	Key, Value string
}
