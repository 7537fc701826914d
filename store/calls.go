package store

import (
	"context"
	"time"
)

// Calls keeps call records. It is always a local file, also where everything else is in PostgreSQL: a record never waits for a network.
// From here records are shipped to wherever cdr.conf and its kin say; each such place is a sink, with a cursor of its own.
//
// Times are kept to the microsecond; a zero time stays one.
type Calls interface {
	// WriteCalls carries out operations in their order, all or none. When it returns nil, they survive a power cut.
	WriteCalls(ctx context.Context, ops []CallOp) error

	// Begun calls yield for every record that was begun and has neither ended nor been dropped, in the order they were first begun: after
	// a crash, the calls that were up. It stops at yield's first error and returns it.
	Begun(ctx context.Context, yield func(CallRecord) error) error

	Outbox
	Life
}

// CallOpKind says what an operation does with a record.
type CallOpKind uint8

// The operations.
const (
	CallBegin CallOpKind = iota // a call is up. Replaces what was begun under the same key; a record that has ended is left as it is
	CallEnd                     // a call is over: its record gets the next Number and is begun no longer. One that has ended already changes nothing
	CallDrop                    // forget a record that was begun and is not to be kept (NoCDR); one that has ended stays. The key alone counts
)

// CallOp is one operation on a record.
type CallOp struct {
	Kind   CallOpKind
	Record CallRecord
}

// Key names the record the operation concerns.
func (o CallOp) Key() CallKey { return o.Record.CallKey }

// Merge is the one operation that does what o and then next would do, where neither has been carried out.
func (o CallOp) Merge(next CallOp) CallOp {
	if o.Kind == CallEnd {
		return o
	}
	return next
}

// Outbox hands ended records to sinks, in the order of their numbers.
type Outbox interface {
	// Ended returns up to max records with a greater Number than after, in order.
	Ended(ctx context.Context, after int64, max int) ([]CallRecord, error)

	// Shipped returns how far a sink has come: the Number of the last record it has, and a note of its own (a place in a file).
	// A sink that is new begins after the last record there has been, and that is durable when Shipped returns.
	Shipped(ctx context.Context, sink string) (upTo int64, note string, err error)

	// Ship says how far a sink has come; durable on nil.
	Ship(ctx context.Context, sink string, upTo int64, note string) error

	// Waiting returns how many records have a greater Number than after.
	Waiting(ctx context.Context, after int64) (int, error)

	// Prune forgets ended records, the oldest first: those with a Number up to upTo of calls that ended before before. It looks at the max
	// oldest ones and says how many it has forgotten. Numbers are never given again.
	Prune(ctx context.Context, before time.Time, upTo int64, max int) (int, error)
}

// Life tells after a crash until when the server lived.
type Life interface {
	// Alive notes that the server lives; durable on nil.
	Alive(ctx context.Context, at time.Time) error

	// LastAlive is the last sign of life: the latest of what Alive was told and of the times in the records. The zero time: there is none.
	LastAlive(ctx context.Context) (time.Time, error)

	// LastSequence is the greatest Sequence of the records that were begun and of the last thousand that ended; -1: there are none. A
	// run of the server counts on from it: two that start within a second may give their channels the same unique ids.
	LastSequence(ctx context.Context) (int64, error)
}

// CallKey names a call record.
type CallKey struct {
	UniqueID string // of the channel
	Sequence int64  // unique, and rising as records are made
}

// CallRecord is one call record, with the names of the original's columns.
type CallRecord struct {
	CallKey
	Number int64 // place in the order of the ended records; 0 until it has ended

	CallerID    string // clid: "Name" <number>
	Src, Dst    string
	DContext    string
	Channel     string
	DstChannel  string
	LastApp     string
	LastData    string
	Start       time.Time
	Answer      time.Time // zero: nobody answered
	End         time.Time // zero: has not ended
	Duration    int       // whole seconds from Start to End
	BillSec     int       // whole seconds from Answer to End
	Disposition string    // "ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"
	AMAFlags    int       // 1 OMIT, 2 BILLING, 3 DOCUMENTATION
	AccountCode string
	PeerAccount string
	LinkedID    string
	UserField   string
	Cause       int        // Q.850, ours: why it ended
	Variables   []Variable // what the dialplan set by CDR(name)=, in the order set
}

// Variable is a value of the dialplan's own in a call record.
type Variable struct{ Name, Value string }
