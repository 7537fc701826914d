package simulate

import (
	"context"
	"errors"
	"net"
)

var errAsksNobody = errors.New("a simulation asks nobody")

// nobody is the domain name system of a simulation: what would be asked is printed.
type nobody struct{ say func(string, ...any) }

// LookupTXT answers nothing.
func (n nobody) LookupTXT(_ context.Context, name string) ([]string, error) {
	n.say("  (the domain name system would be asked: %s TXT)", name)
	return nil, errAsksNobody
}

// LookupSRV answers nothing.
func (n nobody) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	n.say("  (the domain name system would be asked: %s SRV)", name)
	return "", nil, errAsksNobody
}
