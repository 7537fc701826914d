package memory

import (
	"testing"

	"obelus/store"
	"obelus/store/storetest"
)

func TestMessages(t *testing.T) {
	storetest.Messages(t, false, func(string) (store.Messages, func() error, error) {
		return &Engine{}, func() error { return nil }, nil
	})
}
