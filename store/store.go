// Package store says what obelus remembers across a restart, as narrow interfaces, one for each kind of state. The folders below hold
// an engine each; package storetest is the suite that every engine passes.
//
// No engine's types show here, no transaction crosses two interfaces, and time comes from the caller.
package store

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// Why an engine refuses to open.
var (
	// ErrNewer says that the file was written by a newer obelus, whose tables this one doesn't know.
	ErrNewer = errors.New("written by a newer version of obelus")
	// ErrForeign says that the file is not obelus's, or no database at all.
	ErrForeign = errors.New("not a database of obelus")
	// ErrDamaged says that the file is ours but broken.
	ErrDamaged = errors.New("database damaged")
	// ErrHeld says that another process uses the data directory.
	ErrHeld = errors.New("data directory in use")
)

// ErrUnavailable says that an engine can't be reached now: nothing is wrong with what was asked, and it may be asked again later.
var ErrUnavailable = errors.New("the store can't be reached")

// ErrFull says that there is no room left where the engine keeps its state: nothing was written, and what was kept is still there. It may be
// asked again when there is room.
var ErrFull = errors.New("no space left for the store")

// Location remembers where phones can be reached.
type Location interface {
	// Load calls yield for every binding that was committed and not deleted, expired ones included, in no order.
	// It stops at yield's first error and returns it. The strings handed to yield may be kept.
	Load(ctx context.Context, yield func(Binding) error) error

	// Commit carries out the operations in their order, all or none. When it returns nil, they survive a power cut. An operation
	// of a node other than the one that holds the binding, and older than what is stored by RegisteredAt, changes nothing. One
	// node's operations count in the order they are committed, whatever its clock does.
	Commit(ctx context.Context, ops []BindingOp) error
}

// Binding is one contact of an address of record (RFC 3261 §10): a phone that registered, and how to reach it.
type Binding struct {
	AOR       string // the account, as the driver names it
	ContactID string // what makes it the same contact again: the instance, or the contact URI in comparable form

	Contact   string         // the URI of the Contact header, as it came
	Path      string         // Path headers (RFC 3327), "" for none
	Received  netip.AddrPort // where the request came from
	Transport string         // "udp", "tcp", "tls", "ws", "wss"
	Local     netip.AddrPort // our address that was asked
	Flow      string         // names the connection it came by; "" for UDP, where Local and Received say all
	UserAgent string
	Instance  string // +sip.instance (RFC 5626), "" for none
	RegID     int    // reg-id (RFC 5626), 0 for none
	Q         int    // preference in thousandths: 1000 is q=1.0

	CallID       string // orders requests with CSeq (RFC 3261 §10.3)
	CSeq         uint32
	RegisteredAt time.Time // when this registration, or its latest refresh, came
	Expires      time.Time
	Node         string // the node that took it
}

// OpKind says how much of a binding an operation may have to write.
type OpKind uint8

// The operations.
const (
	Upsert  OpKind = iota // write all of the binding
	Refresh               // CSeq, RegisteredAt and Expires alone have changed; write all if it isn't there
	Delete                // remove the binding named by AOR and ContactID
)

// BindingOp is one operation on a binding.
type BindingOp struct {
	Kind    OpKind
	Binding Binding
}

// BindingKey is what makes an operation concern the same binding as another.
type BindingKey struct{ AOR, ContactID string }

// Key names the binding the operation concerns.
func (o BindingOp) Key() BindingKey {
	return BindingKey{AOR: o.Binding.AOR, ContactID: o.Binding.ContactID}
}

// Merge is the one operation that does what o and then next would do.
func (o BindingOp) Merge(next BindingOp) BindingOp {
	if next.Kind == Refresh && o.Kind != Refresh {
		next.Kind = Upsert // all of it has yet to be written, or was to be deleted
	}
	return next
}
