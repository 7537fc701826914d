package sip

import "strings"

// Leniency is a set of liberties that a message took and that we accept, as
// Asterisk's chan_sip did, because telephones in service take them.
type Leniency uint8

// The liberties, by name.
const (
	LenientLineEnd         Leniency = 1 << iota // LF alone ends a line
	LenientNoContentLength                      // no Content-Length: the rest of the datagram is the body
	LenientNoEmptyLine                          // the datagram ends without the empty line after the headers
	LenientNoMaxForwards                        // a request without Max-Forwards: 70 is taken
	FoldedHeader                                // a header over several lines: allowed by RFC 3261, refused by nobody
)

var leniencyNames = [...]string{
	"line ends with LF alone",
	"no Content-Length",
	"no empty line after the headers",
	"no Max-Forwards",
	"folded header",
}

// String lists the liberties in plain words.
func (l Leniency) String() string {
	var names []string
	for i, name := range leniencyNames {
		if l&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Leniencies returns the liberties that the message took.
func (m *Message) Leniencies() Leniency {
	l := m.leniency
	if m.IsRequest() && !m.Has(HeaderMaxForwards) {
		l |= LenientNoMaxForwards
	}
	return l
}
