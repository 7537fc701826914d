//go:build !unix

package postgres_test

import "obelus/internal/pgtest"

// suspend is not to be had here.
func suspend(*pgtest.Server) func(stop bool) { return nil }
