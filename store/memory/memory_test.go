package memory_test

import (
	"testing"

	"obelus/store/memory"
	"obelus/store/storetest"
)

func engine() storetest.Engine {
	return storetest.Engine{Open: func(string) (*storetest.State, error) {
		e := new(memory.Engine)
		return &storetest.State{Location: e, Messages: e, KV: e, Calls: new(memory.Calls), Close: func() error { return nil }}, nil
	}}
}

func TestLocation(t *testing.T) { storetest.Location(t, engine()) }

func TestMessages(t *testing.T) { storetest.Messages(t, engine()) }

func TestKV(t *testing.T) { storetest.KV(t, engine()) }

func TestCalls(t *testing.T) { storetest.Calls(t, engine()) }
