package message

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOrderIsKeptForEachSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		got := make(map[string][]string)
		q := NewQueue(func(m *Message) {
			// The first of each sender takes longest: without order it would be overtaken.
			if string(m.Body) == "0" {
				time.Sleep(time.Second)
			}
			mu.Lock()
			got[m.From] = append(got[m.From], string(m.Body))
			mu.Unlock()
		})
		var want []string
		for i := range 50 {
			want = append(want, fmt.Sprint(i))
			for s := range 40 {
				from := fmt.Sprint("s", s)
				if err := q.Put(from, &Message{From: from, Body: []byte(fmt.Sprint(i))}); err != nil {
					t.Fatal(err)
				}
			}
		}
		q.Drain(t.Context())
		for from, bodies := range got {
			if !slices.Equal(bodies, want) {
				t.Errorf("%s: %v", from, bodies)
			}
		}
		if len(got) != 40 || q.Waiting() != 0 {
			t.Errorf("%d senders served, %d left", len(got), q.Waiting())
		}
	})
}

func TestOneSenderCannotFillTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		q := NewQueue(func(*Message) { <-gate })
		for i := range MaxWaitingFrom {
			if err := q.Put("a", &Message{}); err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
		}
		if err := q.Put("a", &Message{}); !errors.Is(err, ErrFull) {
			t.Errorf("one more: %v", err)
		}
		if err := q.Put("b", &Message{}); err != nil {
			t.Errorf("another sender: %v", err)
		}
		close(gate)
		q.Drain(t.Context())
	})
}

func TestStatusWords(t *testing.T) {
	senders := Senders{}
	for to, want := range map[string]string{"1002": "INVALID_PROTOCOL", "xmpp:a@b": "INVALID_PROTOCOL"} {
		if got := Status(senders.Send(t.Context(), &Message{To: to})); got != want {
			t.Errorf("%s: %s", to, got)
		}
	}
}

func TestDataNamesIgnoreCase(t *testing.T) {
	var m Message
	m.SetData("Subject", "a", false)
	m.SetData("SUBJECT", "b", true)
	if v, ok := m.Data("subject"); !ok || v != "b" || len(m.AllData()) != 1 || !m.AllData()[0].Outgoing {
		t.Errorf("%q %v %v", v, ok, m.AllData())
	}
}

// TestHeld has no message begun while they are held; one that runs ends.
func TestHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ran atomic.Int32
		q := NewQueue(func(*Message) { time.Sleep(time.Second); ran.Add(1) })
		for i := range 3 {
			if err := q.Put("1001", &Message{}); err != nil {
				t.Fatal(i, err)
			}
		}
		synctest.Wait()
		q.Hold()
		q.Drain(t.Context())
		q.Again("1002", &Message{})
		synctest.Wait()
		if ran.Load() != 1 || q.Waiting() != 3 {
			t.Errorf("%d ran, %d wait", ran.Load(), q.Waiting())
		}
		q.Resume()
		q.Drain(t.Context())
		if ran.Load() != 4 || q.Waiting() != 0 {
			t.Errorf("%d ran, %d wait", ran.Load(), q.Waiting())
		}
	})
}

// TestDrainIsNotEndless ends with its context.
func TestDrainIsNotEndless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		q := NewQueue(func(*Message) { <-gate })
		if err := q.Put("1001", &Message{}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		q.Drain(ctx)
		if q.Waiting() != 1 {
			t.Error("nothing waits")
		}
		close(gate)
		q.Drain(t.Context())
	})
}

// TestPlaces has what is still to come count.
func TestPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ran atomic.Int32
		q := NewQueue(func(*Message) { ran.Add(1) })
		for i := range MaxWaitingFrom {
			if err := q.Reserve("a"); err != nil {
				t.Fatal(i, err)
			}
		}
		if err := q.Put("a", &Message{}); !errors.Is(err, ErrFull) {
			t.Errorf("one more: %v", err)
		}
		q.Release("a")
		if err := q.Put("a", &Message{}); err != nil {
			t.Error(err)
		}
		for range MaxWaitingFrom - 1 {
			q.Add("a", &Message{})
		}
		q.Drain(t.Context())
		if ran.Load() != MaxWaitingFrom || q.Waiting() != 0 || len(q.byFrom) != 0 {
			t.Errorf("%d ran, %d wait, %d senders are kept", ran.Load(), q.Waiting(), len(q.byFrom))
		}
	})
}
