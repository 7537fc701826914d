//go:build !linux

package channel

// look knows nothing: the system is not asked.
func look() machine { return machine{} }
