// Package message carries text messages that belong to no call: in from a
// driver, through the dialplan, out by a driver.
//
// A [Queue] takes what arrives and hands it on in order for each sender, with
// bounds on what waits. [Senders] are the ways out, by the protocol that a
// destination names. Bodies are bytes: nothing here changes them. Room waiting
// below keeps what must outlive the process, or wait for a phone.
package message

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Message is one text message, of any content type.
type Message struct {
	To          string // where it goes: a URI, sip:1002@example.org
	From        string // who wrote it: a URI, or "Name" <uri>
	ContentType string // text/plain;charset=UTF-8
	Body        []byte
	Context     string // where it enters the dialplan
	Exten       string
	Peer        string // the account it came from, "" for a guest
	At          time.Time
	ID          string // under which it is kept until the dialplan is done with it, "" where it is not
	Request     string // names the request that it came in: the same that comes again has the same; "" for none
	Store       bool   // to be kept for phones that are away, whatever sip.conf says
	Of          string // the ID of the message that this one was made of
	Again       bool   // it may have been through the dialplan in part, before the process began
	Silent      bool   // what becomes of it is told to nobody: it is such a notice itself

	mu   sync.Mutex
	data []Datum
}

// Datum is one named value that travels with a message: what MESSAGE_DATA()
// reads and writes. Names that come from a driver are its headers.
type Datum struct {
	Name, Value string
	Outgoing    bool // sent along as a header
	Written     bool // by the dialplan
}

// Data returns the value of that name and whether there is one. Names are
// compared without regard to case, as header names are.
func (m *Message) Data(name string) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.data {
		if strings.EqualFold(d.Name, name) {
			return d.Value, true
		}
	}
	return "", false
}

// SetData gives a name its value. With outgoing it is sent along.
func (m *Message) SetData(name, value string, outgoing bool) {
	m.set(Datum{Name: name, Value: value, Outgoing: outgoing})
}

func (m *Message) set(d Datum) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, old := range m.data {
		if strings.EqualFold(old.Name, d.Name) {
			d.Name, d.Outgoing, d.Written = old.Name, d.Outgoing || old.Outgoing, d.Written || old.Written
			m.data[i] = d
			return
		}
	}
	m.data = append(m.data, d)
}

// AllData returns every named value, in the order set.
func (m *Message) AllData() []Datum {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Datum(nil), m.data...)
}

// Key is under what a call's run of the dialplan remembers the message that it is
// about to send.
type Key struct{}

// Holder is a leg that stands for a message in the dialplan: MESSAGE() works
// on what it holds.
type Holder interface{ Message() *Message }

// Errors of sending, each with the word that MESSAGE_SEND_STATUS shows.
var (
	ErrProtocol = errors.New("no way to send to that kind of address") // INVALID_PROTOCOL
	ErrURI      = errors.New("the address can't be read")              // INVALID_URI
	ErrFailed   = errors.New("the message could not be sent")          // FAILURE
	// ErrRefused is beside ErrFailed where a phone would refuse the message however often it came.
	ErrRefused = errors.New("the message is refused") // FAILURE
	// ErrStored says that no phone has taken the message yet: it is kept, and delivered later.
	ErrStored = errors.New("the message waits for a phone") // STORED
)

// Status is the word of MESSAGE_SEND_STATUS for the result of a Send.
func Status(err error) string {
	switch {
	case err == nil:
		return "SUCCESS"
	case errors.Is(err, ErrProtocol):
		return "INVALID_PROTOCOL"
	case errors.Is(err, ErrURI):
		return "INVALID_URI"
	case errors.Is(err, ErrStored):
		return "STORED"
	}
	return "FAILURE"
}

// Sender is a driver that can send messages.
type Sender interface {
	// Send hands m to the phone or server that m.To names. It returns when
	// the message is on its way, or can't be.
	Send(ctx context.Context, m *Message) error
}

// Senders are the ways out by protocol ("sip"). It is filled at start and not
// changed then.
type Senders map[string]Sender

// Send sends m by the protocol that its To begins with: sip:1002, SIP/1002. One that
// names none is for the sender that is there under no name.
func (s Senders) Send(ctx context.Context, m *Message) error {
	to := m.To
	if i := strings.IndexByte(to, '<'); i >= 0 {
		to = to[i+1:] // "Name" <sip:1002@host>
	}
	protocol := ""
	if i := strings.IndexAny(to, ":/"); i >= 0 {
		protocol = strings.ToLower(to[:i])
	}
	sender, ok := s[protocol]
	if !ok {
		return fmt.Errorf("%q: %w", m.To, ErrProtocol)
	}
	return sender.Send(ctx, m)
}

// AnswerError is a phone's answer that it does not take a message.
type AnswerError struct {
	Answer string // 415 Unsupported Media Type
	Firm   bool   // it would not take it another time either
}

func (e *AnswerError) Error() string { return "answered " + e.Answer }

// Unwrap has it be ErrFailed, and ErrRefused where it is firm.
func (e *AnswerError) Unwrap() []error {
	if e.Firm {
		return []error{ErrFailed, ErrRefused}
	}
	return []error{ErrFailed}
}
