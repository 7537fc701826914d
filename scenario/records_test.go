package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/cdr"
	"obelus/cmd/obelus/switchboard"
	"obelus/dialplan/syntax"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/store"
)

// book is where the records of a test go.
type book struct {
	mu      sync.Mutex
	ended   []store.CallRecord
	begun   map[store.CallKey]store.CallRecord
	dropped int
}

func newBook() *book { return &book{begun: make(map[store.CallKey]store.CallRecord)} }

func (b *book) Begin(r store.CallRecord) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun[r.CallKey] = r
}

func (b *book) End(rs ...store.CallRecord) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = append(b.ended, rs...)
	for _, r := range rs {
		delete(b.begun, r.CallKey)
	}
}

func (b *book) Drop(k store.CallKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropped++
	delete(b.begun, k)
}

// lines are the records in the order of their sequence: channel, dstchannel, dst, lastapp, disposition, duration/billsec.
func (b *book) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.ended)
	slices.SortFunc(all, func(x, y store.CallRecord) int { return int(x.Sequence - y.Sequence) })
	var out []string
	for _, r := range all {
		peer := r.DstChannel
		if peer == "" {
			peer = "-"
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %s %d/%d", r.Channel, peer, r.Dst, r.LastApp, r.Disposition, r.Duration, r.BillSec))
	}
	return out
}

// office is a switchboard with the real applications, functions and call records, and phones that do as they are told.
type office struct {
	*pbx.PBX
	t       *testing.T
	phones  phoneBook
	book    *book
	records *cdr.Engine
	serial  int
}

// phoneBook is what a phone does that is dialled, by name.
type phoneBook map[string][]deed

// deed is something a phone does some seconds after it was called: ring, answer, busy, full, forward=TO, hangup, noanswer.
type deed struct {
	at   float64
	does string
}

func does(deeds ...any) (out []deed) {
	for i := 0; i < len(deeds); i += 2 {
		var at float64
		switch v := deeds[i].(type) {
		case int:
			at = float64(v)
		case float64:
			at = v
		}
		out = append(out, deed{at, deeds[i+1].(string)})
	}
	return out
}

// commonPhones are those that most stories use.
func commonPhones() phoneBook {
	return phoneBook{
		"talks":   does(0, "ring", 2, "answer", 12, "hangup"),
		"stays":   does(0, "ring", 2, "answer"),
		"late":    does(0, "ring", 4, "answer", 20, "hangup"),
		"rings":   does(0, "ring"),
		"busy":    does(1, "busy"),
		"full":    does(1, "full"),
		"away":    nil,
		"forward": does(1, "forward=Local/talks@in"),
		"gives":   does(0, "ring", 3, "noanswer"),
	}
}

func newOffice(t *testing.T, plan string, c cdr.Config) *office {
	t.Helper()
	x := &office{t: t, phones: commonPhones(), book: newBook()}
	log := testLog(t)
	registry := call.NewRegistry(log, nil)
	x.records = cdr.New(c, x.book)
	registry.Record(x.records)
	dialers := call.Dialers{"SIP": x}
	deps := &switchboard.Deps{Dialers: dialers, Voice: &prompt.Voice{Sounds: noSounds{}}, Records: x.records}
	x.PBX = pbx.New(pbx.Config{
		Applications: switchboard.Applications(deps), Functions: switchboard.Functions(deps), Registry: registry, Dialers: dialers, Log: log,
	})
	dialers["Local"] = &call.Local{Registry: registry, Run: x.Run, Exists: x.Exists}
	p, _ := syntax.Read(parse(t, "extensions.conf", plan))
	x.Load(p)
	return x
}

// Dial calls a phone of the book. Its channel is named after it and numbered.
func (x *office) Dial(_ context.Context, q call.Request) ([]*call.Channel, error) {
	deeds, ok := x.phones[q.Target]
	if !ok || deeds == nil {
		return nil, &call.DialError{Cause: call.CauseSubscriberAbsent, Text: q.Target + " is away"}
	}
	x.serial++
	ch := x.Registry().New(call.Spec{
		Name: fmt.Sprintf("SIP/%s-%d", q.Target, x.serial), Leg: &mute{}, State: call.StateDialing, Requestor: q.From, Identity: q.Called(), Vars: q.Vars,
		Place: call.Place{Context: "in"}, Account: "acc-" + q.Target,
	})
	ch.Listen(q.Inbox)
	ch.SetStep(ch.Place(), "AppDial", "(Outgoing Line)")
	ch.Start(call.Await)
	for _, d := range deeds {
		x.later(d.at, func() { act(ch, d.does) })
	}
	return []*call.Channel{ch}, nil
}

// later does something in some seconds.
func (x *office) later(at float64, f func()) {
	time.AfterFunc(time.Duration(at*float64(time.Second))+time.Nanosecond, f)
}

func act(ch *call.Channel, what string) {
	to, forwards := strings.CutPrefix(what, "forward=")
	switch {
	case forwards:
		ch.Notify(call.Event{Kind: call.EventForwarded, Forward: to})
	case what == "ring":
		ch.Notify(call.Event{Kind: call.EventRinging})
	case what == "answer":
		ch.Notify(call.Event{Kind: call.EventAnswered})
	case what == "busy":
		ch.Notify(call.Event{Kind: call.EventBusy, Cause: call.CauseUserBusy})
		ch.Gone(call.CauseUserBusy)
	case what == "full":
		ch.Notify(call.Event{Kind: call.EventCongestion, Cause: call.CauseCongestion})
		ch.Gone(call.CauseCongestion)
	case what == "noanswer":
		ch.Gone(call.CauseNoAnswer)
	case what == "hangup":
		ch.Gone(call.CauseNormalClearing)
	}
}

// incoming calls an extension from a phone of that name, and returns its channel at once.
func (x *office) incoming(name, exten string) *call.Channel {
	ch := x.Registry().New(call.Spec{
		Name: "SIP/" + name, Leg: &mute{}, State: call.StateRing, Place: call.Place{Context: "in", Exten: exten, Priority: 1},
		Identity: call.Identity{Caller: call.Party{Name: "Ann", Number: "100"}}, Account: "acme",
	})
	ch.Start(x.Run("in", exten, 1))
	return ch
}

// calls calls an extension, hangs up after some seconds (0: never), and waits for the end of everybody.
func (x *office) calls(exten string, hangup float64) {
	ch := x.incoming("a", exten)
	if hangup > 0 {
		x.later(hangup, func() { ch.Gone(call.CauseNormalClearing) })
	}
	x.end()
}

func (x *office) end() {
	x.t.Helper()
	if err := x.Registry().Wait(x.t.Context()); err != nil {
		x.t.Error(err)
	}
	if len(x.book.begun) > 0 {
		x.t.Errorf("records have begun and not ended: %v", x.book.begun)
	}
}

// told fails the test unless these are the records.
func (x *office) told(want ...string) {
	x.t.Helper()
	got := x.book.lines()
	if file := x.book.master(x.t); !slices.Equal(file, got) {
		x.t.Errorf("in Master.csv are\n%s", strings.Join(file, "\n"))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		x.t.Errorf("the records are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// asked are the defaults of cdr.conf, changed.
func asked(change ...func(c *cdr.Config)) cdr.Config {
	c := cdr.Defaults()
	for _, f := range change {
		f(&c)
	}
	return c
}

func unanswered(c *cdr.Config)  { c.Unanswered = true }
func congested(c *cdr.Config)   { c.Congestion = true }
func intoH(c *cdr.Config)       { c.EndBeforeHExten = false }
func begunCounts(c *cdr.Config) { c.InitiatedSeconds = true }

// plan is the dialplan of the stories.
const plan = `[in]
exten => talks,1,Dial(SIP/talks,30)
exten => rings,1,Dial(SIP/rings,10)
exten => gives,1,Dial(SIP/gives)
exten => busy,1,Dial(SIP/busy,10)
exten => full,1,Dial(SIP/full,10)
exten => away,1,Dial(SIP/away,10)
exten => stays,1,Dial(SIP/stays,30)
exten => fork,1,Dial(SIP/late&SIP/talks&SIP/rings,30)
exten => none,1,Dial(SIP/busy&SIP/full&SIP/rings,10)
exten => second,1,Dial(SIP/busy,10)
 same => n,Wait(1)
 same => n,Dial(SIP/talks,30)
exten => box,1,Dial(SIP/rings,10)
 same => n,Answer()
 same => n,Wait(5)
exten => forward,1,Dial(SIP/forward,30)
exten => clear,1,Answer()
 same => n,Set(CDR(x)=1)
 same => n,Wait(3)
 same => n,Dial(SIP/talks,30,C)
exten => first,1,Answer()
 same => n,Wait(3)
 same => n,Dial(SIP/talks,30)
exten => answer,1,Answer()
 same => n,Wait(5)
 same => n,Hangup()
exten => silent,1,Wait(5)
 same => n,Hangup()
exten => echo,1,Answer()
 same => n,Wait(1)
 same => n,Echo()
exten => lk,1,Dial(Local/talks@in/n,30)
exten => lo,1,Dial(Local/talks@in,30)
exten => lost,1,Dial(Local/busy@in/n,30)
exten => goes,1,Dial(SIP/talks,30,g)
 same => n,Wait(3)
 same => n,Hangup()
exten => sub,1,Gosub(dialer,s,1(talks))
exten => macro,1,Macro(dialer,talks)
exten => exec,1,ExecIf(1?Dial(SIP/talks,30))
exten => no,1,NoCDR()
 same => n,Dial(SIP/talks,30)
exten => dropped,1,Answer()
 same => n,NoCDR()
 same => n,Wait(2)
exten => prop,1,Set(CDR_PROP(disable)=1)
 same => n,Set(CDR_PROP(disable)=0)
 same => n,Dial(SIP/talks,30)
exten => reset,1,Answer()
 same => n,Set(CDR(x)=1)
 same => n,Wait(5)
 same => n,ResetCDR()
 same => n,Wait(2)
exten => fk,1,Answer()
 same => n,Set(CDR(x)=1)
 same => n,Wait(3)
 same => n,ForkCDR()
 same => n,Wait(2)
exten => fke,1,Answer()
 same => n,Set(CDR(x)=1)
 same => n,Wait(3)
 same => n,ForkCDR(erv)
 same => n,Wait(2)
exten => _X!,1,Answer()
 same => n,Wait(4)
exten => i,1,Wait(2)
[macro-dialer]
exten => s,1,Dial(SIP/${ARG1})
[dialer]
exten => s,1,Dial(SIP/${ARG1},30)
 same => n,Return()
[own]
exten => h,1,NoOp()
`

// TestRecords tells whole calls and the records they make. The values are those of Asterisk 13 to 20 with the same dialplan as its documentation
// has them; a name that ends in "?" is of a case that it does not settle.
func TestRecords(t *testing.T) {
	for _, c := range []struct {
		name   string
		exten  string
		hangup float64 // when the caller hangs up, 0: he does not
		c      cdr.Config
		want   []string
	}{
		{"answered, the called party hangs up", "talks", 0, asked(), []string{"SIP/a SIP/talks-1 talks Dial ANSWERED 12/10"}},
		{"answered, the caller hangs up", "stays", 7, asked(), []string{"SIP/a SIP/stays-1 stays Dial ANSWERED 7/5"}},
		{"busy", "busy", 0, asked(), []string{"SIP/a SIP/busy-1 busy Dial BUSY 1/0"}},
		{"not answered in time", "rings", 0, asked(), []string{"SIP/a SIP/rings-1 rings Dial NO ANSWER 10/0"}},
		{"the phone gives up", "gives", 0, asked(), []string{"SIP/a SIP/gives-1 gives Dial NO ANSWER 3/0"}},
		{"the caller gives up", "rings", 4, asked(), []string{"SIP/a SIP/rings-1 rings Dial NO ANSWER 4/0"}},
		{"no way", "full", 0, asked(), []string{"SIP/a SIP/full-1 full Dial FAILED 1/0"}},
		{"no way, with congestion=yes", "full", 0, asked(congested), []string{"SIP/a SIP/full-1 full Dial CONGESTION 1/0"}},
		{"a phone that is away is not called: no record", "away", 0, asked(), nil},
		{"a phone that is away, with unanswered=yes", "away", 0, asked(unanswered), []string{"SIP/a - away Dial FAILED 10/0"}},
		{"a phone that is away, with congestion=yes", "away", 0, asked(congested), []string{"SIP/a - away Dial CONGESTION 10/0"}},
		{"nobody called, not answered: no record", "silent", 0, asked(), nil},
		{"nobody called, with unanswered=yes", "silent", 0, asked(unanswered), []string{"SIP/a - silent Hangup NO ANSWER 5/0"}},
		{"an application that answers", "answer", 0, asked(), []string{"SIP/a - answer Hangup ANSWERED 5/5"}},
		{"Echo", "echo", 9, asked(), []string{"SIP/a - echo Echo ANSWERED 9/9"}},
		{"an extension that does not exist is i's, and the dialplan runs out?", "nosuch", 0, asked(unanswered), []string{"SIP/a - i Wait NO ANSWER 2/0"}},
		{"fork, one answers", "fork", 0, asked(), []string{
			"SIP/a SIP/late-1 fork Dial NO ANSWER 2/0", "SIP/a SIP/talks-2 fork Dial ANSWERED 12/10", "SIP/a SIP/rings-3 fork Dial NO ANSWER 2/0"}},
		{"fork, nobody answers", "none", 0, asked(), []string{
			"SIP/a SIP/busy-1 none Dial BUSY 1/0", "SIP/a SIP/full-2 none Dial FAILED 1/0", "SIP/a SIP/rings-3 none Dial NO ANSWER 10/0"}},
		{"a second Dial after the first has failed", "second", 0, asked(), []string{
			"SIP/a SIP/busy-1 second Dial BUSY 1/0", "SIP/a SIP/talks-2 second Dial ANSWERED 13/10"}},
		{"a mailbox after a Dial that nobody answered", "box", 0, asked(), []string{
			"SIP/a SIP/rings-1 box Dial NO ANSWER 10/0", "SIP/a - box Wait ANSWERED 5/5"}},
		{"Answer before Dial: it is billed from there", "first", 0, asked(), []string{"SIP/a SIP/talks-1 first Dial ANSWERED 15/15"}},
		{"Dial with option C begins anew", "clear", 0, asked(), []string{"SIP/a SIP/talks-1 clear Dial ANSWERED 12/12"}},
		{"forwarded by the phone", "forward", 0, asked(), []string{
			"SIP/a SIP/forward-1 forward Dial NO ANSWER 1/0", "Local/talks@in-00000000;2 SIP/talks-2 talks Dial ANSWERED 12/10",
			"SIP/a Local/talks@in-00000000;1 forward Dial ANSWERED 12/10"}},
		{"Local, kept", "lk", 0, asked(), []string{
			"SIP/a Local/talks@in-00000000;1 lk Dial ANSWERED 12/10", "Local/talks@in-00000000;2 SIP/talks-1 talks Dial ANSWERED 12/10"}},
		{"Local without /n: as with it?", "lo", 0, asked(), []string{
			"SIP/a Local/talks@in-00000000;1 lo Dial ANSWERED 12/10", "Local/talks@in-00000000;2 SIP/talks-1 talks Dial ANSWERED 12/10"}},
		{"Local to one who is busy", "lost", 0, asked(), []string{
			"SIP/a Local/busy@in-00000000;1 lost Dial BUSY 1/0", "Local/busy@in-00000000;2 SIP/busy-1 busy Dial BUSY 1/0"}},
		{"the dialplan goes on after a call", "goes", 0, asked(), []string{
			"SIP/a SIP/talks-1 goes Dial ANSWERED 12/10", "SIP/a - goes Hangup ANSWERED 3/3"}},
		{"a macro leaves dst", "macro", 0, asked(), []string{"SIP/a SIP/talks-1 macro Dial ANSWERED 12/10"}},
		{"a subroutine leaves dst", "sub", 0, asked(), []string{"SIP/a SIP/talks-1 sub Dial ANSWERED 12/10"}},
		{"ExecIf is Dial", "exec", 0, asked(), []string{"SIP/a SIP/talks-1 exec Dial ANSWERED 12/10"}},
		{"NoCDR", "no", 0, asked(unanswered), nil},
		{"CDR_PROP(disable) taken back", "prop", 0, asked(), []string{"SIP/a SIP/talks-1 prop Dial ANSWERED 12/10"}},
		{"channeldefaultenabled=no", "talks", 0, asked(func(c *cdr.Config) { c.ChannelDefaultEnabled = false }), nil},
		{"enable=no", "talks", 0, asked(func(c *cdr.Config) { c.Enable = false }), nil},
		{"ignoredialchanges=yes and ignorestatechanges=yes: one record", "second", 0, asked(func(c *cdr.Config) { c.IgnoreDials, c.IgnoreBridges = true, true }),
			[]string{"SIP/a - second Dial ANSWERED 14/10"}},
		{"ResetCDR", "reset", 0, asked(), []string{"SIP/a - reset Wait ANSWERED 2/2"}},
		{"ForkCDR", "fk", 0, asked(), []string{"SIP/a - fk Wait ANSWERED 5/5", "SIP/a - fk Wait ANSWERED 5/5"}},
		{"ForkCDR(erv)", "fke", 0, asked(), []string{"SIP/a - fke ForkCDR ANSWERED 3/3", "SIP/a - fke Wait ANSWERED 2/2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newOffice(t, plan, c.c)
				x.calls(c.exten, c.hangup)
				x.told(c.want...)
			})
		})
	}
}
