package location_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/event"
	"obelus/location"
	"obelus/store"
	"obelus/store/memory"
)

// slowStore is a store whose commits take time, and may fail.
type slowStore struct {
	memory.Engine
	mu    sync.Mutex
	takes time.Duration
	err   error
	ops   []string
}

func (s *slowStore) Commit(ctx context.Context, ops []store.BindingOp) error {
	s.mu.Lock()
	takes, err := s.takes, s.err
	s.mu.Unlock()
	time.Sleep(takes)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range ops {
		s.ops = append(s.ops, [...]string{"upsert ", "refresh ", "delete "}[o.Kind]+o.Binding.ContactID)
	}
	return s.Engine.Commit(ctx, ops)
}

// seen returns the operations committed since the last call.
func (s *slowStore) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ops := s.ops
	s.ops = nil
	return ops
}

// office is a registrar in a bubble, with everything it tells written down.
type office struct {
	t      *testing.T
	r      *location.Registrar
	events <-chan event.Event
	start  time.Time
	mu     sync.Mutex
	hooks  []string
}

func bubble(t *testing.T, s store.Location, test func(t *testing.T, o *office)) {
	synctest.Test(t, func(t *testing.T) {
		var bus event.Bus
		events, cancel := bus.Subscribe(100)
		defer cancel()
		o := &office{t: t, events: events, start: time.Now()}
		var err error
		o.r, err = location.Open(t.Context(), location.Config{Store: s, Bus: &bus, Node: "n1",
			Back: func(aor string) { o.hook("back " + aor) }, Gone: func(aor string) { o.hook("gone " + aor) }})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := o.r.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		test(t, o)
	})
}

func (o *office) hook(s string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hooks = append(o.hooks, fmt.Sprint(s, " ", time.Since(o.start)))
}

func (o *office) expectHooks(want ...string) {
	o.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.hooks, want) {
		o.t.Errorf("hooks %q, want %q", o.hooks, want)
	}
	o.hooks = nil
}

func (o *office) expectEvents(want ...string) {
	o.t.Helper()
	var got []string
	for {
		select {
		case e := <-o.events:
			got = append(got, fact(e.Fact))
			continue
		default:
		}
		break
	}
	if !slices.Equal(got, want) {
		o.t.Errorf("events\n%q, want\n%q", got, want)
	}
}

func fact(f event.Fact) string {
	switch f := f.(type) {
	case event.PeerRegistered:
		return fmt.Sprintf("registered %s %s %v refresh=%v", f.Peer, f.Contact, f.Expires, f.Refresh)
	case event.PeerUnregistered:
		return fmt.Sprintf("%s %s %s left=%d", f.Reason, f.Peer, f.Contact, f.Left)
	}
	return fmt.Sprintf("%T", f)
}

// at is a contact that lives so long from now.
func at(uri string, life time.Duration) location.Binding {
	return location.Binding{Contact: uri, CallID: "call of " + uri, CSeq: 1, Q: 1000, Expires: time.Now().Add(life)}
}

// bind registers, and returns the contacts as one line.
func (o *office) bind(aor string, limit int, contacts ...location.Binding) string {
	o.t.Helper()
	after, pending, err := o.r.Bind(nil, aor, contacts, limit, time.Now(), nil)
	if err != nil || pending {
		o.t.Errorf("bind %s: pending %v, %v", aor, pending, err)
	}
	return line(after)
}

func (o *office) lookup(aor string) string { return line(o.r.Lookup(nil, aor, time.Now())) }

func line(bs []location.Binding) string {
	var uris []string
	for _, b := range bs {
		uris = append(uris, b.Contact)
	}
	return strings.Join(uris, " ")
}

func (o *office) expect(got, want string) {
	o.t.Helper()
	if got != want {
		o.t.Errorf("contacts %q, want %q", got, want)
	}
}

func TestNewerRegistrationReplacesTheOlder(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		o.expect(o.bind("1001", 1, at("sip:a", time.Hour)), "sip:a")
		o.expect(o.bind("1001", 1, at("sip:b", time.Hour)), "sip:b")
		o.expect(o.lookup("1001"), "sip:b")
		o.expect(o.lookup("1002"), "")
		o.expectEvents("registered 1001 sip:a 1h0m0s refresh=false",
			"registered 1001 sip:b 1h0m0s refresh=false", "replaced 1001 sip:a left=1")
		o.expectHooks("back 1001 0s")
	})
}

func TestSeveralContacts(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		o.bind("1001", 3, at("sip:a", time.Hour))
		o.bind("1001", 3, at("sip:b", time.Hour))
		o.expect(o.bind("1001", 3, at("sip:c", time.Hour)), "sip:c sip:b sip:a")
		o.expect(o.bind("1001", 3, at("sip:a", time.Hour)), "sip:a sip:c sip:b") // refreshed: the latest now
		o.expect(o.bind("1001", 3, at("sip:d", time.Hour)), "sip:d sip:a sip:c") // b is the oldest
		preferred := at("sip:c", time.Hour)
		preferred.CSeq = 2
		low := at("sip:d", time.Hour)
		low.Q = 100
		o.expect(o.bind("1001", 3, low, preferred), "sip:c sip:a sip:d")
		o.expect(o.bind("1001", 0, at("sip:a", time.Hour)), "sip:a") // the limit was lowered, and is 1 at least
	})
}

// TestFlowsAreOnePhone counts the flows of one instance (RFC 5626) as one phone, and bounds them.
func TestFlowsAreOnePhone(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		flow := func(instance string, id int) location.Binding {
			b := at(fmt.Sprintf("sip:%s-%d", instance, id), time.Hour)
			b.Instance, b.RegID = instance, id
			return b
		}
		o.bind("1001", 1, flow("a", 1))
		o.expect(o.bind("1001", 1, flow("a", 2)), "sip:a-2 sip:a-1")
		o.expect(o.bind("1001", 1, flow("a", 1)), "sip:a-1 sip:a-2")
		o.expect(o.bind("1001", 2, flow("b", 1)), "sip:b-1 sip:a-1 sip:a-2")
		o.expect(o.bind("1001", 2, at("sip:c", time.Hour)), "sip:c sip:b-1")
		o.expect(o.bind("1001", 1, flow("a", 1)), "sip:a-1")
		for id := 2; id < 9; id++ {
			o.bind("1001", 3, flow("a", id))
		}
		o.expect(o.lookup("1001"), "sip:a-8 sip:a-7 sip:a-6 sip:a-5")
		o.bind("1001", 3, flow("b", 1))
		o.expect(o.bind("1001", 1, flow("b", 2)), "sip:b-2 sip:b-1")
	})
}

func TestOneRequestManyContacts(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		gone := at("sip:b", 0)
		o.expect(o.bind("1001", 5, at("sip:a", time.Hour), at("sip:b", time.Hour), gone, at("sip:c", time.Hour)), "sip:c sip:a")
		o.expect(o.bind("1001", 2, at("sip:x", time.Hour), at("sip:y", time.Hour), at("sip:z", time.Hour)), "sip:z sip:y")

		broken := location.Binding{Expires: time.Now().Add(time.Hour)}
		_, _, err := o.r.Bind(nil, "1001", []location.Binding{at("sip:new", time.Hour), broken}, 5, time.Now(), nil)
		if !errors.Is(err, location.ErrNoContact) {
			t.Errorf("a binding without contact: %v, want %v", err, location.ErrNoContact)
		}
		stale := at("sip:y", time.Hour)
		stale.CSeq = 0
		_, _, err = o.r.Bind(nil, "1001", []location.Binding{at("sip:new", time.Hour), stale}, 5, time.Now(), nil)
		if !errors.Is(err, location.ErrStale) {
			t.Errorf("one of two bindings out of order: %v, want %v", err, location.ErrStale)
		}
		o.expect(o.lookup("1001"), "sip:z sip:y") // all or none
	})
}

func TestSameInstanceIsTheSameContact(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		flow := func(uri, instance string, reg int) location.Binding {
			b := at(uri, time.Hour)
			b.Instance, b.RegID = instance, reg
			return b
		}
		o.bind("1001", 5, flow("sip:a@192.168.1.2", "<urn:1>", 1))
		o.expect(o.bind("1001", 5, flow("sip:a@192.168.1.99", "<urn:1>", 1)), "sip:a@192.168.1.99")
		o.expect(o.bind("1001", 5, flow("sip:a@10.0.0.1", "<urn:1>", 2)), "sip:a@10.0.0.1 sip:a@192.168.1.99")
		// Two homes, one private address: two phones.
		o.expect(o.bind("1001", 5, flow("sip:a@10.0.0.1", "<urn:2>", 2)), "sip:a@10.0.0.1 sip:a@10.0.0.1 sip:a@192.168.1.99")
	})
}

func TestPhoneThatNamesItsInstanceLater(t *testing.T) {
	s := new(slowStore)
	bubble(t, s, func(t *testing.T, o *office) {
		named := at("sip:a", time.Hour)
		named.Instance = "<urn:1>"
		other := at("sip:b", time.Hour)
		other.Instance = "<urn:1>"
		for _, step := range []struct {
			b    location.Binding
			want string
			ops  []string
		}{
			{at("sip:a", time.Hour), "sip:a", []string{"upsert sip:a"}},
			{named, "sip:a", []string{"delete sip:a", "upsert instance <urn:1> 0"}},
			{at("sip:b", time.Hour), "sip:b sip:a", []string{"upsert sip:b"}},
			{other, "sip:b", []string{"delete instance <urn:1> 0", "delete sip:b", "upsert instance <urn:1> 0"}},
		} {
			after, _, err := o.r.Bind(nil, "1001", []location.Binding{step.b}, 5, time.Now(), nil)
			if err != nil {
				t.Fatal(err)
			}
			o.expect(line(after), step.want)
			synctest.Wait()
			got := s.seen()
			slices.Sort(got)
			slices.Sort(step.ops)
			joined := strings.Join(step.ops, ", ")
			if step.want == "sip:b" { // the deletion of what is written again at once is joined with the writing
				joined = "delete sip:b, upsert instance <urn:1> 0"
			}
			if strings.Join(got, ", ") != joined {
				t.Errorf("%s: operations %q, want %q", step.b.Contact, got, joined)
			}
		}
		var stored []string
		if err := s.Load(t.Context(), func(b store.Binding) error { stored = append(stored, b.ContactID); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(stored) != 1 || stored[0] != "instance <urn:1> 0" {
			t.Errorf("stored %q", stored)
		}
	})
}

func TestRequestsOutOfOrder(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		cseq := func(n uint32) location.Binding {
			b := at("sip:a", time.Hour)
			b.CSeq = n
			return b
		}
		try := func(b location.Binding, want error) {
			t.Helper()
			if _, _, err := o.r.Bind(nil, "1001", []location.Binding{b}, 1, time.Now(), nil); !errors.Is(err, want) {
				t.Errorf("CSeq %d: %v, want %v", b.CSeq, err, want)
			}
		}
		try(cseq(7), nil)
		try(cseq(7), nil) // the same again, re-sent
		try(cseq(6), location.ErrStale)
		ended := cseq(6)
		ended.Expires = time.Time{}
		try(ended, location.ErrStale)
		if _, err := o.r.Unbind("1001", location.Everything, "call of sip:a", 6, time.Now(), nil); !errors.Is(err, location.ErrStale) {
			t.Errorf("unbind out of order: %v", err)
		}
		second := cseq(3)
		second.RegID = 2
		try(second, nil) // another flow of the phone has its own order
		second.CallID = "another"
		second.CSeq = 1
		try(second, nil)
		o.expect(o.lookup("1001"), "sip:a")
		time.Sleep(32 * time.Second)
		second.CSeq = 0
		try(second, nil) // no request is under way so long: the phone was switched off and on
	})
}

func TestUnbind(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		o.bind("1001", 5, at("sip:a", time.Hour), at("sip:b", time.Hour), at("sip:c", time.Hour))
		o.expectHooks("back 1001 0s")
		time.Sleep(time.Second)
		unbind := func(aor, id, call string, cseq uint32) {
			t.Helper()
			if pending, err := o.r.Unbind(aor, id, call, cseq, time.Now(), nil); pending || err != nil {
				t.Errorf("unbind %s: pending %v, %v", id, pending, err)
			}
		}
		o.expectEvents("registered 1001 sip:a 1h0m0s refresh=false", "registered 1001 sip:b 1h0m0s refresh=false",
			"registered 1001 sip:c 1h0m0s refresh=false")
		unbind("1001", "sip:b", "", 0)
		unbind("1001", "sip:never", "", 0)
		unbind("1009", location.Everything, "x", 1)
		o.expect(o.lookup("1001"), "sip:c sip:a")
		unbind("1001", location.Everything, "call of sip:a", 2)
		o.expect(o.lookup("1001"), "")
		if o.r.Reachable("1001", time.Now()) {
			t.Error("reachable after the last contact has gone")
		}
		o.expectHooks("gone 1001 1s")
		o.expectEvents("removed 1001 sip:b left=2", "unregistered 1001 sip:a left=1", "unregistered 1001 sip:c left=0")
		o.expect(o.bind("1001", 1, at("sip:a", 0)), "") // unregisters what isn't there
		o.expectHooks()
	})
}

func TestExpiry(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		o.bind("1001", 2, at("sip:short", 60*time.Second), at("sip:long", 90*time.Second))
		o.bind("1002", 1, at("sip:x", 30*time.Second))
		time.Sleep(20 * time.Second)
		o.bind("1002", 1, at("sip:x", 30*time.Second)) // until 50 s
		o.expectHooks("back 1001 0s", "back 1002 0s")
		time.Sleep(29*time.Second + 999*time.Millisecond)
		o.expect(o.lookup("1002"), "sip:x")
		time.Sleep(time.Millisecond)
		o.expect(o.lookup("1002"), "")
		synctest.Wait()
		o.expectHooks("gone 1002 50s")
		time.Sleep(30 * time.Second)
		o.expect(o.lookup("1001"), "sip:long")
		if s := o.r.Stats(); s.Peers != 1 || s.Contacts != 1 {
			t.Errorf("at 80 s: %+v, want one peer with one contact", s)
		}
		o.bind("1001", 2, at("sip:long", 2*time.Second)) // a shorter life than it had
		time.Sleep(3 * time.Second)
		o.expectHooks("gone 1001 1m22s")
		o.expectEvents("registered 1001 sip:short 1m0s refresh=false", "registered 1001 sip:long 1m30s refresh=false",
			"registered 1002 sip:x 30s refresh=false", "registered 1002 sip:x 30s refresh=true",
			"expired 1002 sip:x left=0", "expired 1001 sip:short left=1",
			"registered 1001 sip:long 2s refresh=true", "expired 1001 sip:long left=0")
		if s := o.r.Stats(); s.Peers != 0 || s.Contacts != 0 {
			t.Errorf("at the end: %+v, want nothing", s)
		}
	})
}

// TestManyExpireTogether: every one of a crowd is met, whatever shard it is in, and nobody too early.
func TestManyExpireTogether(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		for i := range 3000 {
			o.bind(fmt.Sprint(i), 1, at(fmt.Sprint("sip:", i), time.Duration(1+i)*time.Millisecond))
		}
		time.Sleep(1500*time.Millisecond + 10*time.Millisecond)
		if s := o.r.Stats(); s.Peers > 1500 || s.Peers < 1490 {
			t.Errorf("%d peers after half the time, want 1490 to 1500", s.Peers)
		}
		time.Sleep(2 * time.Second)
		if s := o.r.Stats(); s.Peers != 0 || s.Contacts != 0 {
			t.Errorf("left over: %+v", s)
		}
	})
}

func TestAnswerWaitsForTheStore(t *testing.T) {
	s := &slowStore{takes: 10 * time.Millisecond}
	bubble(t, s, func(t *testing.T, o *office) {
		done := func(err error) { o.hook(fmt.Sprint("done ", err)) }
		after, pending, err := o.r.Bind(nil, "1001", []location.Binding{at("sip:a", time.Hour)}, 1, time.Now(), done)
		if err != nil || !pending {
			t.Fatalf("pending %v, %v", pending, err)
		}
		o.expect(line(after), "sip:a")
		o.expect(o.lookup("1001"), "sip:a") // calls need not wait
		o.expectHooks()
		time.Sleep(time.Second)
		o.expectHooks("done <nil> 10ms", "back 1001 10ms")

		refresh := at("sip:a", time.Hour)
		refresh.CSeq = 2
		if _, pending, _ := o.r.Bind(nil, "1001", []location.Binding{refresh}, 1, time.Now(), done); !pending {
			t.Error("a refresh is not pending")
		}
		time.Sleep(time.Second)
		moved := refresh
		moved.UserAgent = "new firmware"
		if _, pending, _ := o.r.Bind(nil, "1001", []location.Binding{moved}, 1, time.Now(), done); !pending {
			t.Error("a changed contact is not pending")
		}
		time.Sleep(time.Second)
		if pending, _ := o.r.Unbind("1001", location.Everything, "another call", 1, time.Now(), done); !pending {
			t.Error("unbind is not pending")
		}
		if pending, _ := o.r.Unbind("1001", location.Everything, "another call", 1, time.Now(), done); pending {
			t.Error("unbind of nothing is pending")
		}
		time.Sleep(time.Second)
		o.expectHooks("done <nil> 1.01s", "done <nil> 2.01s", "gone 1001 3s", "done <nil> 3.01s")
		if got, want := s.seen(), []string{"upsert sip:a", "refresh sip:a", "upsert sip:a", "delete sip:a"}; !slices.Equal(got, want) {
			t.Errorf("operations %q, want %q", got, want)
		}
	})
}

func TestLateStoreIsNotWaitedFor(t *testing.T) {
	s := &slowStore{err: errors.New("disk full")}
	bubble(t, s, func(t *testing.T, o *office) {
		done := func(err error) { o.hook(fmt.Sprint("late=", errors.Is(err, location.ErrLate))) }
		_, pending, err := o.r.Bind(nil, "1001", []location.Binding{at("sip:a", time.Hour)}, 1, time.Now(), done)
		if err != nil || !pending {
			t.Fatalf("pending %v, %v", pending, err)
		}
		time.Sleep(401 * time.Millisecond)
		o.expectHooks("late=true 400ms", "back 1001 400ms")
		if st := o.r.Stats(); st.Late != 1 || st.Waiting != 1 || st.Failures == 0 {
			t.Errorf("stats %+v, want one late and one waiting, and failures", st)
		}
		s.mu.Lock()
		s.err = nil
		s.mu.Unlock()
		time.Sleep(10 * time.Second)
		if st := o.r.Stats(); st.Waiting != 0 {
			t.Errorf("%d changes wait although the store is well", st.Waiting)
		}
		if got := s.seen(); !slices.Equal(got, []string{"upsert sip:a"}) {
			t.Errorf("operations %q", got)
		}
	})
}

func TestRestart(t *testing.T) {
	s := new(slowStore)
	bubble(t, s, func(t *testing.T, o *office) {
		for _, b := range []location.Binding{at("sip:short", time.Minute), at("sip:long", time.Hour), at("sip:latest", time.Hour)} {
			if _, _, err := o.r.Bind(nil, "1001", []location.Binding{b}, 5, time.Now(), nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		before := o.r.Snapshot(time.Now())
		if err := o.r.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute) // sip:short ends while nobody looks

		again, err := location.Open(t.Context(), location.Config{Store: s})
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close(context.Background())
		after := again.Snapshot(time.Now())
		o.expect(line(after), "sip:latest sip:long")
		if len(after) == 2 && (!after[0].Expires.Equal(before[0].Expires) || after[0].Node != "n1" || after[1] != before[1]) {
			t.Errorf("before\n%+v, after\n%+v", before, after)
		}
		synctest.Wait()
		if err := s.Load(t.Context(), func(b store.Binding) error {
			if b.Contact == "sip:short" {
				t.Error("the contact that ended is still stored")
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		time.Sleep(50*time.Minute + time.Second)
		if st := again.Stats(); st.Contacts != 0 {
			t.Errorf("%d contacts when their life is over", st.Contacts)
		}
	})
}

// TestOrderHoldsAfterARestart: a request that was overtaken is as late after a restart, and a connection that was is none.
func TestOrderHoldsAfterARestart(t *testing.T) {
	s := new(slowStore)
	bubble(t, s, func(t *testing.T, o *office) {
		b := at("sip:a", time.Hour)
		b.CSeq, b.Flow = 7, "tcp 192.0.2.1:5060 192.0.2.2:5060 #1"
		if _, _, err := o.r.Bind(nil, "1001", []location.Binding{b}, 1, time.Now(), nil); err != nil {
			t.Fatal(err)
		}
		if err := o.r.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		again, err := location.Open(t.Context(), location.Config{Store: s})
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close(context.Background())
		if got := again.Lookup(nil, "1001", time.Now()); len(got) != 1 || got[0].Flow != location.GoneFlow {
			t.Errorf("brought back %+v", got)
		}
		if n := again.Lost("1001", b.Flow, time.Now()); n != 0 {
			t.Error("a connection of this run is taken for one of the last")
		}
		b.CSeq = 6
		if _, _, err := again.Bind(nil, "1001", []location.Binding{b}, 1, time.Now(), nil); !errors.Is(err, location.ErrStale) {
			t.Errorf("one that was overtaken: %v", err)
		}
		b.CSeq = 8
		if after, _, err := again.Bind(nil, "1001", []location.Binding{b}, 1, time.Now(), nil); err != nil || after[0].Flow != b.Flow {
			t.Errorf("the next: %+v, %v", after, err)
		}
	})
}

// TestRestartWithoutAClock: a board without a battery starts in the past; nobody lives longer for it, and phones that count CSeq from 1 again
// are taken.
func TestRestartWithoutAClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		future := time.Now().AddDate(20, 0, 0)
		b := at("sip:a", 0)
		b.AOR, b.ContactID, b.RegisteredAt, b.Expires, b.CSeq = "1001", "sip:a", future, future.Add(time.Hour), 9
		s := new(memory.Engine)
		if err := s.Commit(t.Context(), []store.BindingOp{{Binding: b}}); err != nil {
			t.Fatal(err)
		}
		r, err := location.Open(t.Context(), location.Config{Store: s})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close(context.Background())
		time.Sleep(33 * time.Second)
		b = at("sip:a", time.Minute)
		if _, _, err := r.Bind(nil, "1001", []location.Binding{b}, 1, time.Now(), nil); err != nil {
			t.Error("a lower CSeq, long after:", err)
		}
		time.Sleep(59 * time.Minute)
		if r.Reachable("1001", time.Now()) {
			t.Error("a contact outlives what it was given")
		}
	})
}

type brokenStore struct{ memory.Engine }

func (*brokenStore) Load(context.Context, func(store.Binding) error) error { return store.ErrDamaged }

func TestStoreThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if _, err := location.Open(t.Context(), location.Config{Store: new(brokenStore)}); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("open: %v, want %v", err, store.ErrDamaged)
		}
	})
}

// TestRegisteringAfterClose: the store has been closed, the phone is still answered.
func TestRegisteringAfterClose(t *testing.T) {
	bubble(t, new(slowStore), func(t *testing.T, o *office) {
		if err := o.r.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		o.expect(o.bind("1001", 1, at("sip:a", time.Hour)), "sip:a")
		o.expectHooks("back 1001 0s")
		if st := o.r.Stats(); st.Unsaved != 1 {
			t.Errorf("%d changes counted as unsaved, want 1", st.Unsaved)
		}
	})
}

// TestNothingOfTheCallerIsKept: the driver's strings may lie in a packet's buffer.
func TestNothingOfTheCallerIsKept(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		b := at("sip:a", time.Hour)
		b.Path, b.UserAgent, b.Transport, b.Flow = "<sip:edge;lr>", "ua", "tcp", "tcp #1"
		contacts := []location.Binding{b}
		after, _, err := o.r.Bind(nil, "1001", contacts, 1, time.Now(), nil)
		if err != nil {
			t.Fatal(err)
		}
		contacts[0] = location.Binding{}
		after[0].Contact = "changed"
		got := o.r.Lookup(nil, "1001", time.Now())
		if len(got) != 1 {
			t.Fatalf("%d contacts", len(got))
		}
		b.AOR, b.Node, b.ContactID, b.RegisteredAt = "1001", "n1", "sip:a", o.start
		if got[0] != b {
			t.Errorf("kept\n%+v, want\n%+v", got[0], b)
		}
	})
}

func TestSnapshotIsOrdered(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		for _, aor := range []string{"1003", "1001", "1002"} {
			o.bind(aor, 2, at("sip:"+aor+"-a", time.Hour), at("sip:"+aor+"-b", time.Hour))
		}
		o.expect(line(o.r.Snapshot(time.Now())), "sip:1001-b sip:1001-a sip:1002-b sip:1002-a sip:1003-b sip:1003-a")
	})
}

// TestLost has the contacts of one connection removed and no others: not those
// that have registered again by another.
func TestLost(t *testing.T) {
	bubble(t, nil, func(t *testing.T, o *office) {
		by := func(uri, flow string) location.Binding {
			b := at(uri, time.Hour)
			b.Flow = flow
			return b
		}
		o.bind("1001", 5, by("sip:a", "tcp 1"), by("sip:b", "tcp 2"), at("sip:c", time.Hour))
		o.bind("1001", 5, by("sip:a", "tcp 3"))
		for flow, want := range map[string]int{"tcp 1": 0, "tcp 2": 1, "": 0} {
			if n := o.r.Lost("1001", flow, time.Now()); n != want {
				t.Errorf("%q: %d contacts were lost, want %d", flow, n, want)
			}
		}
		if n := o.r.Lost("1009", "tcp 1", time.Now()); n != 0 {
			t.Errorf("of nobody %d", n)
		}
		if got := o.lookup("1001"); strings.Contains(got, "sip:b") || !strings.Contains(got, "sip:a") || !strings.Contains(got, "sip:c") {
			t.Errorf("left are %s", got)
		}
	})
}
