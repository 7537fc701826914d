package device

import "strings"

// State is a device's state, with the numbers and names of the original.
type State uint8

// The states.
const (
	Unknown State = iota
	NotInUse
	InUse
	Busy
	Invalid // there is no such device
	Unavailable
	Ringing
	RingInUse
	OnHold
)

// stateNames are those of DEVICE_STATE, and what the console says.
var stateNames = [...][2]string{
	Unknown: {"UNKNOWN", "Unknown"}, NotInUse: {"NOT_INUSE", "Not in use"}, InUse: {"INUSE", "In use"}, Busy: {"BUSY", "Busy"},
	Invalid: {"INVALID", "Invalid"}, Unavailable: {"UNAVAILABLE", "Unavailable"}, Ringing: {"RINGING", "Ringing"},
	RingInUse: {"RINGINUSE", "Ring+Inuse"}, OnHold: {"ONHOLD", "On Hold"},
}

// String is the name that DEVICE_STATE gives.
func (s State) String() string {
	if int(s) >= len(stateNames) {
		return stateNames[Unknown][0]
	}
	return stateNames[s][0]
}

// Words is what a person reads.
func (s State) Words() string {
	if int(s) >= len(stateNames) {
		return stateNames[Unknown][1]
	}
	return stateNames[s][1]
}

// ParseState reads a name of DEVICE_STATE, in any case of letters; Unknown for any
// other.
func ParseState(name string) State {
	for s, n := range stateNames {
		if strings.EqualFold(n[0], name) {
			return State(s)
		}
	}
	return Unknown
}

// StateNames lists the names that DEVICE_STATE takes, for completion.
func StateNames() []string {
	var out []string
	for s, n := range stateNames {
		if State(s) != Unknown {
			out = append(out, n[0])
		}
	}
	return out
}

// Aggregate is the state of several devices together, by the original's order: one
// that rings and one that is in use ring while in use; else the state that says
// most.
func Aggregate(states ...State) State {
	order := [...]uint8{Unknown: 1, NotInUse: 3, InUse: 6, Busy: 7, Invalid: 0, Unavailable: 2, Ringing: 5, RingInUse: 8, OnHold: 4}
	sum, ringing, used := Invalid, false, false
	for _, s := range states {
		switch s {
		case Ringing:
			ringing = true
		case InUse, OnHold, Busy:
			used = true
		}
		if ringing && used {
			sum = RingInUse
		} else if int(s) < len(order) && order[s] > order[sum] {
			sum = s
		}
	}
	return sum
}

// Extension is the state of an extension, with the original's numbers: bits, of
// which InUse may stand with Ringing or Hold.
type Extension int

// The states of extensions. The first two are of a hint that has gone with a reload.
const (
	ExtensionRemoved     Extension = -2
	ExtensionDeactivated Extension = -1
	ExtensionIdle        Extension = 0
	ExtensionInUse       Extension = 1 << 0
	ExtensionBusy        Extension = 1 << 1
	ExtensionUnavailable Extension = 1 << 2
	ExtensionRinging     Extension = 1 << 3
	ExtensionHold        Extension = 1 << 4
)

// Of is the state of an extension whose devices are together in s.
func Of(s State) Extension {
	switch s {
	case InUse:
		return ExtensionInUse
	case Busy:
		return ExtensionBusy
	case Invalid, Unavailable:
		return ExtensionUnavailable
	case Ringing:
		return ExtensionRinging
	case RingInUse:
		return ExtensionInUse | ExtensionRinging
	case OnHold:
		return ExtensionHold
	}
	return ExtensionIdle
}

// String is what the console says.
func (e Extension) String() string {
	switch e {
	case ExtensionIdle:
		return "Idle"
	case ExtensionInUse:
		return "InUse"
	case ExtensionBusy:
		return "Busy"
	case ExtensionUnavailable:
		return "Unavailable"
	case ExtensionRinging:
		return "Ringing"
	case ExtensionInUse | ExtensionRinging:
		return "InUse&Ringing"
	case ExtensionHold:
		return "Hold"
	case ExtensionInUse | ExtensionHold:
		return "InUse&Hold"
	}
	return "Unknown"
}

// Word is what EXTENSION_STATE gives.
func (e Extension) Word() string {
	switch e {
	case ExtensionIdle:
		return "NOT_INUSE"
	case ExtensionInUse:
		return "INUSE"
	case ExtensionBusy:
		return "BUSY"
	case ExtensionUnavailable:
		return "UNAVAILABLE"
	case ExtensionRinging:
		return "RINGING"
	case ExtensionInUse | ExtensionRinging:
		return "RINGINUSE"
	case ExtensionHold:
		return "ONHOLD"
	case ExtensionInUse | ExtensionHold:
		return "HOLDINUSE"
	}
	return "UNKNOWN"
}
