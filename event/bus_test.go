package event_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/event"
)

func TestSubscriberIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bus event.Bus
		events, cancel := bus.Subscribe(4)
		defer cancel()
		start := time.Now()
		event.Publish(&bus, event.ChannelState{Channel: event.Channel{Name: "SIP/1001-00000001"}, State: "Up"})
		time.Sleep(time.Second)
		event.Publish(&bus, event.Notice{Text: "late"})

		first, second := <-events, <-events
		state, ok := first.Fact.(event.ChannelState)
		if !ok || state.State != "Up" || state.Name != "SIP/1001-00000001" || !first.At.Equal(start) {
			t.Errorf("first event is %+v", first)
		}
		if n, ok := second.Fact.(event.Notice); !ok || n.Text != "late" || second.At.Sub(start) != time.Second {
			t.Errorf("second event is %+v", second)
		}
	})
}

func TestSlowSubscriberLosesAndKnows(t *testing.T) {
	var bus event.Bus
	slow, cancelSlow := bus.Subscribe(2)
	defer cancelSlow()
	fast, cancelFast := bus.Subscribe(10)
	defer cancelFast()
	for i := range 7 {
		event.Publish(&bus, event.Step{Priority: i})
	}
	if p := (<-slow).Fact.(event.Step).Priority; p != 0 {
		t.Errorf("slow subscriber first saw step %d", p)
	}
	event.Publish(&bus, event.Step{Priority: 7})
	<-slow
	if e := <-slow; e.Lost != 5 || e.Fact.(event.Step).Priority != 7 {
		t.Errorf("after the gap: %+v, want step 7 with 5 lost", e)
	}
	for i := range 8 {
		if e := <-fast; e.Lost != 0 || e.Fact.(event.Step).Priority != i {
			t.Errorf("fast subscriber: %+v, want step %d", e, i)
		}
	}
}

func TestCancelClosesTheChannel(t *testing.T) {
	var bus event.Bus
	events, cancel := bus.Subscribe(1)
	other, cancelOther := bus.Subscribe(1)
	if !bus.Watched() {
		t.Error("nobody watches after Subscribe")
	}
	cancel()
	cancel()
	if _, open := <-events; open {
		t.Error("channel open after cancel")
	}
	event.Publish(&bus, event.Notice{})
	if e := <-other; e.Fact == nil {
		t.Error("other subscriber got nothing after the first left")
	}
	cancelOther()
	if bus.Watched() {
		t.Error("watched after the last has left")
	}
	event.Publish(&bus, event.Notice{})
}

func TestNilBusTellsNobody(t *testing.T) {
	var bus *event.Bus
	event.Publish(bus, event.Notice{Text: "to the wind"})
	if bus.Watched() {
		t.Error("a nil bus is watched")
	}
}

func TestPublishUnwatchedAllocatesNothing(t *testing.T) {
	var bus event.Bus
	data := "SIP/1002"
	n := testing.AllocsPerRun(1000, func() {
		event.Publish(&bus, event.Step{Channel: event.Channel{Name: "SIP/1001-00000001"}, App: "Dial", Data: data})
	})
	if n != 0 {
		t.Errorf("%v allocations with no subscriber, want 0", n)
	}
}

func TestPublishAndCancelTogether(t *testing.T) {
	var bus event.Bus
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				event.Publish(&bus, event.Notice{Text: "x"})
			}
		})
		wg.Go(func() {
			for range 100 {
				events, cancel := bus.Subscribe(1)
				select {
				case <-events:
				default:
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if bus.Watched() {
		t.Error("subscribers left over")
	}
}

func BenchmarkPublishUnwatched(b *testing.B) {
	var bus event.Bus
	b.ReportAllocs()
	for b.Loop() {
		event.Publish(&bus, event.Step{Context: "phones", Exten: "1002", Priority: 1, App: "Dial", Data: "SIP/1002"})
	}
}
