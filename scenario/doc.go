// Package scenario tells whole calls: the server as cmd/obelus wires it, on a
// network in memory and with time that does not pass by itself, and phones that
// say byte for byte what they are told to. It is all tests. Real phones are in
// scenario/phones.
package scenario
