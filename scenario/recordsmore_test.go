package scenario

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/cdr"
	"obelus/pbx"
	"obelus/store"
)

// TestRecordsOfTransfers: the party that stays goes on in the dialplan, and makes a new record there, with the linked id of the first.
func TestRecordsOfTransfers(t *testing.T) {
	for _, c := range []struct {
		name     string
		byCalled bool
		to       string
		want     []string
	}{
		{"by the called party", true, "stays", []string{"SIP/a SIP/stays-1 stays Dial ANSWERED 5/3", "SIP/a SIP/stays-2 stays Dial ANSWERED 15/15"}},
		{"by the caller", false, "stays", []string{"SIP/a SIP/stays-1 stays Dial ANSWERED 5/3", "SIP/stays-1 SIP/stays-2 stays Dial ANSWERED 15/15"}},
		{"by the caller, to an application", false, "answer", []string{"SIP/a SIP/stays-1 stays Dial ANSWERED 5/3", "SIP/stays-1 - answer Hangup ANSWERED 5/5"}},
		{"to one who is busy", true, "busy", []string{"SIP/a SIP/stays-1 stays Dial ANSWERED 5/3", "SIP/a SIP/busy-2 busy Dial BUSY 1/1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newOffice(t, plan, asked())
				a := x.incoming("a", "stays")
				x.later(5, func() {
					who := a
					if c.byCalled {
						who = x.Registry().Find("SIP/stays-1")
					}
					if _, err := call.TransferOther(who, x.Run("in", c.to, 1), nil); err != nil {
						t.Error(err)
					}
					who.Gone(call.CauseNormalClearing)
				})
				x.later(20, func() { x.Registry().HangupAll(call.CauseNormalClearing) })
				x.end()
				x.told(c.want...)
				for _, r := range x.book.ended {
					if r.LinkedID != a.ID() {
						t.Errorf("%s is linked to %s, not to %s", r.Channel, r.LinkedID, a.ID())
					}
				}
			})
		})
	}
}

// TestRecordsInH is about what h sees and changes.
func TestRecordsInH(t *testing.T) {
	const plan = `[in]
exten => talk,1,Dial(SIP/talks,30)
exten => echo,1,Answer()
 same => n,Echo()
exten => ring,1,Dial(SIP/rings,30)
exten => h,1,Wait(4)
 same => n,Set(CDR(seen)=${CDR(disposition)} ${CDR(dst)} ${CDR(duration)}/${CDR(billsec)} ${IF($["${CDR(end)}" = ""]?under way:over)})
 same => n,Set(CDR(userfield)=late)
`
	for _, c := range []struct {
		name, exten string
		c           cdr.Config
		want        []string
		seen        string // in the last record
	}{
		{"after a call", "talk", asked(), []string{"SIP/a SIP/talks-1 talk Dial ANSWERED 9/7"}, "ANSWERED talk 9/7 over"},
		{"after a call that the caller gave up", "ring", asked(), []string{"SIP/a SIP/rings-1 ring Dial NO ANSWER 9/0"}, "NO ANSWER ring 9/0 over"},
		{"after Echo", "echo", asked(), []string{"SIP/a - echo Echo ANSWERED 9/9"}, "ANSWERED echo 9/9 over"},
		{"after a call, with endbeforehexten=no", "talk", asked(intoH), []string{"SIP/a SIP/talks-1 talk Dial ANSWERED 9/7", "SIP/a - h Set ANSWERED 4/4"}, "ANSWERED h 4/4 under way"},
		{"after Echo, with endbeforehexten=no?", "echo", asked(intoH), []string{"SIP/a - h Set ANSWERED 13/13"}, "ANSWERED h 13/13 under way"},
		{"after a call that the caller gave up, with endbeforehexten=no", "ring", asked(intoH, unanswered), []string{
			"SIP/a SIP/rings-1 ring Dial NO ANSWER 9/0", "SIP/a - h Set NO ANSWER 4/0"}, "NO ANSWER h 4/0 under way"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newOffice(t, plan, c.c)
				x.calls(c.exten, 9)
				x.told(c.want...)
				last := x.book.ended[len(x.book.ended)-1]
				if last.UserField != "late" || value(last, "SEEN") != c.seen {
					t.Errorf("h saw %q and left %q, want %q", value(last, "seen"), last.UserField, c.seen)
				}
			})
		})
	}
}

// value is a variable of a record.
func value(r store.CallRecord, name string) string {
	for _, v := range r.Variables {
		if strings.EqualFold(v.Name, name) {
			return v.Value
		}
	}
	return ""
}

// TestRecordColumns looks at a whole record, and at what the dialplan adds.
func TestRecordColumns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newOffice(t, `[in]
exten => 200,1,Set(CHANNEL(amaflags)=billing)
 same => n,Set(CDR(recordingfile)=a.wav)
 same => n,Set(CDR(color)=red)
 same => n,Set(CDR(COLOR)=blue)
 same => n,Set(CDR(userfield)=uf)
 same => n,Set(CDR(start)=1)
 same => n,Dial(SIP/stays,30,U(called))
[called]
exten => s,1,Set(CDR(color)=green)
 same => n,Set(CDR(agent)=7)
 same => n,Set(CDR(userfield)=peer)
 same => n,Return()
`, asked())
		began := time.Now()
		x.calls("200", 7.25)
		if len(x.book.ended) != 1 {
			t.Fatalf("there are %v", x.book.lines())
		}
		r := x.book.ended[0]
		vars := fmt.Sprint(r.Variables)
		r.Variables = nil
		want := store.CallRecord{
			CallKey: store.CallKey{UniqueID: r.UniqueID}, CallerID: `"Ann" <100>`, Src: "100", Dst: "200", DContext: "in", Channel: "SIP/a", DstChannel: "SIP/stays-1",
			LastApp: "Dial", LastData: "SIP/stays,30,U(called)", Start: began, Answer: r.Answer, End: r.End, Duration: 7, BillSec: 5, Disposition: "ANSWERED",
			AMAFlags: 2, AccountCode: "acme", PeerAccount: "acc-stays", LinkedID: r.UniqueID, UserField: "uf;peer", Cause: 16,
		}
		if fmt.Sprintf("%+v", r) != fmt.Sprintf("%+v", want) {
			t.Errorf("\n%+v, want\n%+v", r, want)
		}
		if vars != "[{recordingfile a.wav} {color blue} {agent 7}]" {
			t.Errorf("the variables are %s", vars)
		}
		if r.Answer.Sub(began).Round(time.Millisecond) != 2*time.Second || r.End.Sub(began).Round(time.Millisecond) != 7250*time.Millisecond {
			t.Errorf("answered at %v, ended at %v", r.Answer.Sub(began), r.End.Sub(began))
		}
	})
}

// TestRecordsBilled: initiatedseconds bills each second that has begun, in billsec alone.
func TestRecordsBilled(t *testing.T) {
	for want, c := range map[string]cdr.Config{"7/5": asked(), "7/6": asked(begunCounts)} {
		synctest.Test(t, func(t *testing.T) {
			x := newOffice(t, plan, c)
			x.calls("stays", 7.25)
			x.told("SIP/a SIP/stays-1 stays Dial ANSWERED " + want)
		})
	}
}

// TestRecordsBegin: what is under way can be read at any moment, so that a server that dies has a record of it.
func TestRecordsBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newOffice(t, plan, asked())
		ch := x.incoming("a", "stays")
		look := func(at time.Duration) string {
			time.Sleep(at)
			synctest.Wait()
			x.book.mu.Lock()
			defer x.book.mu.Unlock()
			var out []string
			for _, r := range x.book.begun {
				out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %t %t", r.Channel, r.DstChannel, r.Dst, r.Src, !r.Answer.IsZero(), r.End.IsZero())))
			}
			return strings.Join(out, ", ")
		}
		if got := look(time.Second); got != "SIP/a SIP/stays-1 stays 100 false true" {
			t.Errorf("while it rings: %s", got)
		}
		if got := look(2 * time.Second); got != "SIP/a SIP/stays-1 stays 100 true true" {
			t.Errorf("in the call: %s", got)
		}
		ch.Gone(call.CauseNormalClearing)
		x.end()
		if x.book.dropped != 0 {
			t.Error("a record that was wanted was dropped")
		}
		x.calls("silent", 0)
		if x.book.dropped != 0 || len(x.book.ended) != 1 {
			t.Errorf("a call that makes no record: %d dropped, %d ended", x.book.dropped, len(x.book.ended))
		}
		x.incoming("a", "answer")
		if got := look(time.Second); got != "SIP/a  answer 100 true true" {
			t.Errorf("in an application: %s", got)
		}
		x.end()
		x.incoming("a", "fork")
		if got := look(time.Second); strings.Count(got, "SIP/a") != 1 {
			t.Errorf("while three ring: %s", got)
		}
		x.end()
		x.calls("dropped", 0)
		if x.book.dropped != 1 {
			t.Errorf("NoCDR dropped %d", x.book.dropped)
		}
	})
}

// TestRecordsOfTwoCalls: calls at the same time have nothing to do with each other.
func TestRecordsOfTwoCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newOffice(t, plan, asked())
		x.incoming("a", "talks")
		synctest.Wait()
		x.incoming("b", "busy")
		x.end()
		x.told("SIP/a SIP/talks-1 talks Dial ANSWERED 12/10", "SIP/b SIP/busy-2 busy Dial BUSY 1/0")
		if a, b := x.book.ended[0], x.book.ended[1]; a.LinkedID == b.LinkedID || a.UniqueID == b.UniqueID {
			t.Error("two calls share an id")
		}
	})
}

// TestRecordsOfOriginate: a call that nobody asked for on a phone.
func TestRecordsOfOriginate(t *testing.T) {
	for _, c := range []struct {
		name string
		o    pbx.Originate
		c    cdr.Config
		want []string
	}{
		{"to an extension?", pbx.Originate{To: "SIP/stays", At: call.Place{Context: "in", Exten: "talks", Priority: 1}}, asked(), []string{"SIP/stays-1 SIP/talks-2 talks Dial ANSWERED 14/12"}},
		{"to an application", pbx.Originate{To: "SIP/stays", App: "Wait", Data: "3"}, asked(), []string{"SIP/stays-1 -  Wait ANSWERED 5/3"}},
		{"by way of Local", pbx.Originate{To: "Local/answer@in/n", App: "Wait", Data: "3"}, asked(), []string{
			"Local/answer@in-00000000;1 -  Wait ANSWERED 3/3", "Local/answer@in-00000000;2 - answer Wait ANSWERED 3/3"}},
		{"busy", pbx.Originate{To: "SIP/busy", App: "Wait", Data: "3"}, asked(), nil},
		{"busy, with unanswered=yes", pbx.Originate{To: "SIP/busy", App: "Wait", Data: "3"}, asked(unanswered), []string{"SIP/busy-1 -   BUSY 1/0"}},
		{"not answered, with unanswered=yes", pbx.Originate{To: "SIP/rings", App: "Wait", Data: "3"}, asked(unanswered), []string{"SIP/rings-1 -   NO ANSWER 10/0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newOffice(t, plan, c.c)
				done := make(chan error, 1)
				c.o.Timeout = 10 * time.Second
				x.Originate(c.o, func(err error) { done <- err })
				<-done
				x.end()
				x.told(c.want...)
			})
		})
	}
}

// TestRecordsShown is what the console shows of calls under way.
func TestRecordsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newOffice(t, plan, asked())
		ch := x.incoming("a", "stays")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		var all, one strings.Builder
		x.records.ShowActive(&all, x.Registry().All())
		start := ch.Created().Local()
		want := fmt.Sprintf("%-25s %-25s %-15s %-8s %-8s %-8s %-8s %-8s\n", "SIP/a", "SIP/stays-1", "Dial", start.Format(time.TimeOnly), start.Add(2*time.Second).Format(time.TimeOnly), "", "2", "5")
		if !strings.HasSuffix(all.String(), want) || strings.Count(all.String(), "SIP/") != 2 {
			t.Errorf("%s, want the line\n%s", all.String(), want)
		}
		if !x.records.ShowChannel(&one, ch) || !strings.Contains(one.String(), "\nacme       \"Ann\" <100>          SIP/stays-1 ") {
			t.Errorf("%s", one.String())
		}
		ch.Gone(call.CauseNormalClearing)
		x.end()
	})
}
