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
	Store       bool   // to be kept for phones that are away, whatever sip.conf says
	Silent      bool   // what becomes of it is told to nobody: it is such a notice itself

	mu   sync.Mutex
	data []Datum
}

// Datum is one named value that travels with a message: what MESSAGE_DATA()
// reads and writes. Names that come from a driver are its headers.
type Datum struct {
	Name, Value string
	Outgoing    bool // sent along as a header
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
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.data {
		if strings.EqualFold(m.data[i].Name, name) {
			m.data[i].Value = value
			m.data[i].Outgoing = m.data[i].Outgoing || outgoing
			return
		}
	}
	m.data = append(m.data, Datum{name, value, outgoing})
}

// AllData returns every named value, in the order set.
func (m *Message) AllData() []Datum {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Datum(nil), m.data...)
}

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

// Send sends m by the protocol that its To begins with: sip:1002, SIP/1002.
func (s Senders) Send(ctx context.Context, m *Message) error {
	i := strings.IndexAny(m.To, ":/")
	if i < 0 {
		return fmt.Errorf("%q names no protocol: %w", m.To, ErrProtocol)
	}
	sender, ok := s[strings.ToLower(m.To[:i])]
	if !ok {
		return fmt.Errorf("%q: %w", m.To[:i], ErrProtocol)
	}
	return sender.Send(ctx, m)
}
