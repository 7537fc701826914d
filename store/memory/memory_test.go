package memory_test

import (
	"testing"

	"obelus/store"
	"obelus/store/memory"
	"obelus/store/storetest"
)

func TestSuite(t *testing.T) {
	storetest.Location(t, storetest.Engine{Open: func(string) (store.Location, func() error, error) {
		return new(memory.Engine), func() error { return nil }, nil
	}})
}
