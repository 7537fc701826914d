package main

// accounts are the accounts of sip.conf as functions ask for them. The driver is made after the functions, and before any call.
type accounts struct{ s *server }

// PeerItem is an item of an account.
func (a accounts) PeerItem(name, item string) (string, bool) { return a.s.sip.PeerItem(name, item) }

// IsDomain says whether sip.conf has a domain for ours.
func (a accounts) IsDomain(name string) bool { return a.s.sip.IsDomain(name) }
