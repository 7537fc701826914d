//go:build unix && !linux

package transport

// setPriority does nothing: only Linux hands a priority down to a VLAN.
func setPriority(uintptr, int) error { return nil }
