package main

import (
	"context"
	"os"
	"strings"
	"testing"
)

func TestRegistrations(t *testing.T) {
	f := newFake(t)
	g, err := newRegistrations(f.addr, accounts(300), 16)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	for range 2 {
		got, err := g.run(context.Background())
		if err != nil || got.done != 300 || got.failed != 0 || got.took <= 0 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.contacts) != 300 {
		t.Errorf("%d accounts registered", len(f.contacts))
	}
}

func TestRegistrationsFail(t *testing.T) {
	f := newFake(t, func(f *fake) { f.refuse = "10002" })
	g, err := newRegistrations(f.addr, accounts(5), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	got, err := g.run(context.Background())
	if err != nil || got.done != 4 || got.failed != 1 || got.why != "10002: SIP/2.0 403 Forbidden" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRegistrationsAreSentAgain(t *testing.T) {
	f := newFake(t, func(f *fake) { f.deaf = 1 })
	g, err := newRegistrations(f.addr, accounts(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	got, err := g.run(context.Background())
	if err != nil || got.done != 2 || got.resent != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRegistrationsStop(t *testing.T) {
	f := newFake(t)
	g, err := newRegistrations(f.addr, accounts(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := g.run(ctx); err == nil {
		t.Error("a run that was stopped ended well")
	}
}

// callThrough makes the phones of the benchmark and a server between them.
func callThrough(t *testing.T) (*caller, *callee) {
	t.Helper()
	f := newFake(t)
	pair := accounts(2)
	line, err := newRegistrations(f.addr, pair[1:], 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(line.close)
	if _, err := line.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	from, err := newCaller(f.addr, pair[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(from.close)
	phone, err := newCallee(line.conn)
	if err != nil {
		t.Fatal(err)
	}
	return from, phone
}

func TestCalls(t *testing.T) {
	from, phone := callThrough(t)
	if err := from.round(context.Background(), talkExten, 50, 1000, 200); err != nil {
		t.Fatal(err)
	}
	if err := phone.wait(context.Background(), 50); err != nil {
		t.Fatal(err)
	}
	if n := phone.hungUp.Load(); n != 50 {
		t.Errorf("the callee heard %d calls hang up", n)
	}
	from.mu.Lock()
	defer from.mu.Unlock()
	if len(from.calls) != 0 {
		t.Errorf("%d calls left", len(from.calls))
	}
}

func TestCallThatEndsOtherwise(t *testing.T) {
	from, _ := callThrough(t)
	if err := from.round(context.Background(), stepsExten, 1, 100, stepsStatus); err != nil {
		t.Error(err)
	}
	err := from.round(context.Background(), stepsExten, 1, 100, 200)
	if err == nil || !strings.Contains(err.Error(), "486 Busy Here") {
		t.Errorf("%v", err)
	}
}

func TestConfiguration(t *testing.T) {
	f := newFake(t)
	sip := string(sipConf(f.addr, maxAccounts, ""))
	if n := strings.Count(sip, "\ntype=friend\n"); n != maxAccounts || !strings.Contains(sip, "\n[19999]\ntype=friend\nsecret=pw19999\n") {
		t.Errorf("%d peers in sip.conf", n)
	}
	plan := string(extensionsConf(2200))
	if n := strings.Count(plan, "NoOp("); n != 20 || !strings.Contains(plan, "$[${i} < 100]?top") {
		t.Errorf("%d NoOp in\n%s", n, plan)
	}
}

func TestRunRefusesNonsense(t *testing.T) {
	good := options{accounts: 10, window: 1, rounds: 1, calls: 1, rate: 1, steps: 100, bindings: storeBatch, only: "nothing"}
	for name, change := range map[string]func(*options){
		"part":     func(*options) {},
		"accounts": func(o *options) { o.accounts = maxAccounts + 1 },
		"rounds":   func(o *options) { o.rounds = 0 },
		"rate":     func(o *options) { o.rate = 0 },
	} {
		o := good
		change(&o)
		if err := run(context.Background(), o, discard{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func TestReport(t *testing.T) {
	if got := (spread{3, 1, 20}).String(); got != "3.00 (1.00 to 20.0)" {
		t.Error(got)
	}
	if got := (spread{1, 2}).median(); got != 1.5 {
		t.Error(got)
	}
	var b strings.Builder
	if err := table(&b, "title", []string{"a", "b"}, []string{"long", "c"}); err != nil || b.String() != "\ntitle\na      b\nlong   c\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestKamailioConfigurationHasTheAccounts(t *testing.T) {
	text, err := os.ReadFile("kamailio.cfg")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"$var(i) = 10000;", "$var(i) < 20000", "$_s($var(i):asterisk:pw$var(i))"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in kamailio.cfg", want)
		}
	}
}
