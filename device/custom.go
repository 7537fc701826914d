package device

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Database keeps what the dialplan sets, in the families of the original.
type Database interface {
	Get(family, key string) (string, bool)
	Put(family, key, value string) error
	// Names lists the parts that follow a prefix, in order.
	Names(prefix string) []string
}

// The families, and the kinds of what is in them.
const (
	customFamily   = "CustomDevstate"
	presenceFamily = "CustomPresence"
	customKind     = "Custom:"
	presenceKind   = "CustomPresence:"
)

// Why something can't be set.
var (
	// ErrKind says that something is not the dialplan's to set.
	ErrKind = errors.New("only a custom state can be set")
	// ErrState says that a word is no state.
	ErrState = errors.New("that is no state")
)

// noDatabase is the database where there is none.
type noDatabase struct{}

func (noDatabase) Get(string, string) (string, bool) { return "", false }
func (noDatabase) Put(string, string, string) error  { return errors.New("there is no database") }
func (noDatabase) Names(string) []string             { return nil }

// custom is the devices that the dialplan sets.
type custom struct{ db Database }

// DeviceState is what was set, UNKNOWN where nothing was.
func (c custom) DeviceState(name string) State {
	v, _ := c.db.Get(customFamily, name)
	return ParseState(v)
}

// cutKind takes a kind off a name, in any case of letters.
func cutKind(name, kind string) (string, bool) {
	if len(name) <= len(kind) || !strings.EqualFold(name[:len(kind)], kind) {
		return "", false
	}
	return name[len(kind):], true
}

// Set sets the state of Custom:name, which must be one that ParseState knows.
func (b *Board) Set(device, state string) error {
	name, ok := cutKind(device, customKind)
	if !ok {
		return fmt.Errorf("%w: %s is no Custom:name", ErrKind, device)
	}
	if ParseState(state) == Unknown {
		return fmt.Errorf("%w: '%s'", ErrState, state)
	}
	if err := b.c.DB.Put(customFamily, name, state); err != nil {
		return fmt.Errorf("keep the state of %s: %w", device, err)
	}
	b.Changed(device)
	return nil
}

// Customs lists the devices that the dialplan has set, without their kind.
func (b *Board) Customs() []string { return slices.Clone(b.c.DB.Names(customFamily)) }

// Presence is what somebody has said of himself: provider is CustomPresence:name.
// It is invalid where nothing knows such presence.
func (b *Board) Presence(provider string) Presence {
	name, ok := cutKind(provider, presenceKind)
	if !ok {
		return Presence{State: PresenceInvalid}
	}
	v, ok := b.c.DB.Get(presenceFamily, name)
	if !ok {
		return Presence{}
	}
	p, _ := ParsePresence(v)
	return p
}

// SetPresence sets what CustomPresence:name says: see [ParsePresence].
func (b *Board) SetPresence(provider, value string) error {
	name, ok := cutKind(provider, presenceKind)
	if !ok {
		return fmt.Errorf("%w: %s is no CustomPresence:name", ErrKind, provider)
	}
	if _, ok := ParsePresence(value); !ok {
		return fmt.Errorf("%w: '%s'", ErrState, value)
	}
	if err := b.c.DB.Put(presenceFamily, name, value); err != nil {
		return fmt.Errorf("keep the presence of %s: %w", provider, err)
	}
	b.Changed(provider)
	return nil
}

// Presences lists those whose presence the dialplan has set, without their kind.
func (b *Board) Presences() []string { return slices.Clone(b.c.DB.Names(presenceFamily)) }
