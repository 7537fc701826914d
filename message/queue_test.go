package message

import (
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
		q.Drain()
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
		q.Drain()
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

// TestQueueWaitsForTheAnswer has a message not run before its sender was told
// that it was taken.
func TestQueueWaitsForTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ran atomic.Bool
		q := NewQueue(func(*Message) { ran.Store(true) })
		answered := make(chan struct{})
		if err := q.Put("1001", &Message{Answered: answered}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if ran.Load() {
			t.Error("it ran before its sender was answered")
		}
		close(answered)
		q.Drain()
		if !ran.Load() {
			t.Error("it never ran")
		}
	})
}
