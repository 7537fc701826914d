package store

import (
	"context"
	"time"
)

// Calls keeps call records. It is always a local file, also where everything else is in PostgreSQL: a record never waits for a network.
// From here records are shipped to wherever cdr.conf and its kin say; each such place is a sink, with a cursor of its own.
type Calls interface {
	// Begin notes calls that are up, all or none; durable on nil. A record of the same key that is begun already is replaced;
	// one that has ended is left as it is.
	Begin(ctx context.Context, records []CallRecord) error

	// End keeps records of calls that are over, all or none; durable on nil. Each gets the next Number. A record of the same
	// key that has ended already changes nothing.
	End(ctx context.Context, records []CallRecord) error

	// Drop forgets records that were begun and are not to be kept (NoCDR). Those that have ended stay.
	Drop(ctx context.Context, keys []CallKey) error

	// Begun calls yield for every record that was begun and has not ended: after a crash, the calls that were up.
	Begun(ctx context.Context, yield func(CallRecord) error) error

	// Outbox is the way of the ended records to a sink.
	Outbox
}

// Outbox hands ended records to sinks, in the order of their numbers.
type Outbox interface {
	// Ended returns up to max records with a greater Number than after, in order.
	Ended(ctx context.Context, after int64, max int) ([]CallRecord, error)

	// Shipped returns how far a sink has come: the Number of the last record it has, and a note of its own (a place in a file).
	// A sink that is new begins after the last record there is now.
	Shipped(ctx context.Context, sink string) (upTo int64, note string, err error)

	// Ship says how far a sink has come; durable on nil.
	Ship(ctx context.Context, sink string, upTo int64, note string) error
}

// CallKey names a call record.
type CallKey struct {
	UniqueID string // of the channel
	Sequence int64  // unique among the records of a run of the server, and rising
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
