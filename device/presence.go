package device

import (
	"encoding/base64"
	"strings"
)

// Presence is what somebody says of himself: that he is away, and a word about it.
// The zero Presence is one that was never said.
type Presence struct {
	State            PresenceState
	Subtype, Message string
}

// PresenceState is its first word, with the names of the original.
type PresenceState uint8

// The states of presence.
const (
	NotSet PresenceState = iota
	PresenceUnavailable
	PresenceAvailable
	PresenceAway
	PresenceExtendedAway
	PresenceChat
	PresenceDND
	PresenceInvalid // nobody knows
)

// presenceNames are what PRESENCE_STATE gives, and what the console says.
var presenceNames = [...][2]string{
	NotSet: {"not_set", "Not Set"}, PresenceUnavailable: {"unavailable", "Unavailable"}, PresenceAvailable: {"available", "Available"},
	PresenceAway: {"away", "Away"}, PresenceExtendedAway: {"xa", "Extended Away"}, PresenceChat: {"chat", "Chat Ready"}, PresenceDND: {"dnd", "Do Not Disturb"},
	PresenceInvalid: {"invalid", "Invalid"},
}

// String is the name that PRESENCE_STATE gives.
func (s PresenceState) String() string { return presenceNames[min(s, PresenceInvalid)][0] }

// Words is what a person reads.
func (s PresenceState) Words() string { return presenceNames[min(s, PresenceInvalid)][1] }

// ParsePresenceState reads a name of PRESENCE_STATE, in any case of letters.
func ParsePresenceState(name string) PresenceState {
	for s, n := range presenceNames {
		if strings.EqualFold(n[0], name) {
			return PresenceState(s)
		}
	}
	return PresenceInvalid
}

// PresenceNames lists the names that PRESENCE_STATE takes, for completion.
func PresenceNames() []string {
	var out []string
	for s := NotSet; s < PresenceInvalid; s++ {
		out = append(out, s.String())
	}
	return out
}

// ParsePresence reads what PRESENCE_STATE is set to, and what the database keeps:
// state,subtype,message,options. With the option e subtype and message are in
// base64. ok says whether it can be.
func ParsePresence(value string) (p Presence, ok bool) {
	parts := strings.SplitN(value, ",", 4)
	parts = append(parts, "", "", "")
	p = Presence{State: ParsePresenceState(parts[0]), Subtype: parts[1], Message: parts[2]}
	if strings.Contains(parts[3], "e") {
		for _, text := range []*string{&p.Subtype, &p.Message} {
			b, err := base64.StdEncoding.DecodeString(*text)
			if err != nil {
				return Presence{State: PresenceInvalid}, false
			}
			*text = string(b)
		}
	}
	return p, p.State != PresenceInvalid
}
