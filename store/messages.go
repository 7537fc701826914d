package store

import (
	"context"
	"time"
)

// Messages keeps texts for phones that are away. What is told apart here is the
// account; which of its phones has been told is written beside each message.
type Messages interface {
	// Append keeps messages, all or none. When it returns nil, they survive a
	// power cut. A message whose ID is kept already changes nothing.
	Append(ctx context.Context, messages []Message) error

	// Claim returns up to c.Max messages of one account, oldest first by ID, and
	// notes that c.Node is about to deliver them. What another node has claimed
	// is left out until its claim ends.
	Claim(ctx context.Context, c Claim) ([]Message, error)

	// Mark carries out operations in their order, all or none; durable on nil.
	// An operation on a message that is not there changes nothing.
	Mark(ctx context.Context, ops []MessageOp) error

	// Accounts calls yield for every account that has messages, in no order. It stops at yield's first error and returns it.
	Accounts(ctx context.Context, yield func(MessageCount) error) error

	// Expired returns up to max messages that have expired by now, the earliest first.
	Expired(ctx context.Context, now time.Time, max int) ([]Message, error)
}

// Message is one text that is kept.
type Message struct {
	ID          string // unique; sorts by the time of arrival
	AOR         string // the account that it is for
	From, To    string // as message.Message has them
	ContentType string
	Body        []byte
	Headers     []Header // sent along
	Peer        string   // the account that sent it, "" for a guest
	At          time.Time
	Expires     time.Time
	NotBefore   time.Time // when to try next
	Tries       int       // so far
	Told        []string  // instances of the account's phones that have taken it, in the order they did
}

// Header is one header that goes along with a message.
type Header struct{ Name, Value string }

// Claim asks for messages of one account.
type Claim struct {
	AOR   string
	After string // only messages with a greater ID; "" for the first
	Max   int
	Node  string
	Now   time.Time
	Until time.Time // when the claim ends by itself; one that ends by Now is none: it is a look, and nothing is noted
}

// MessageOpKind says what happened to a kept message.
type MessageOpKind uint8

// The operations.
const (
	MessageDone  MessageOpKind = iota // delivered to everybody, or given up: remove it
	MessageTold                       // the phone Instance has taken it; it stays for the others
	MessageRetry                      // one more try has failed: Tries is one more, NotBefore is set, and the claim ends
)

// MessageOp is one operation on a kept message.
type MessageOp struct {
	Kind      MessageOpKind
	ID        string
	Instance  string    // of MessageTold
	NotBefore time.Time // of MessageRetry
}

// MessageCount is what one account has waiting.
type MessageCount struct {
	AOR    string
	Count  int
	Bytes  int64     // of the bodies
	Next   time.Time // the earliest NotBefore
	Oldest time.Time // At of the oldest
	Last   string    // the greatest ID: what comes later must sort behind it, whatever the clock says
}
