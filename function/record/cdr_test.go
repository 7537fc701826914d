package record

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/function/functiontest"
	"obelus/store"
)

// ledger is call records that hold what a test says, and what was set.
type ledger struct {
	record    store.CallRecord
	variables []store.Variable
	userField string
	none      bool
	did       []string
}

func (l *ledger) Current(ch *call.Channel) (store.CallRecord, bool) {
	r := l.record
	r.Variables, r.UserField, r.AccountCode, r.AMAFlags = l.variables, l.userField, ch.Account(), AMAFlags(ch)
	return r, !l.none
}

func (l *ledger) SetVariable(_ *call.Channel, name, value string) {
	l.variables = append(l.variables, store.Variable{Name: name, Value: value})
}

func (l *ledger) SetUserField(_ *call.Channel, value string) { l.userField = value }

func (l *ledger) Prefer(_ *call.Channel, on bool) {
	l.did = append(l.did, map[bool]string{true: "prefer", false: "not preferred"}[on])
}

func (l *ledger) Disable(_ *call.Channel, on bool) {
	l.did = append(l.did, map[bool]string{true: "disable", false: "enable"}[on])
}

func TestCDR(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, w := functiontest.New(t, &functiontest.Leg{}, Table(&ledger{}))
		start := time.Now()
		book := &ledger{record: store.CallRecord{
			CallKey: store.CallKey{UniqueID: "1.7", Sequence: 9}, CallerID: `"Ann" <100>`, Src: "100", Dst: "200", DContext: "in", Channel: "SIP/a-1",
			DstChannel: "SIP/b-2", LastApp: "Dial", LastData: "SIP/b,30", Start: start, Duration: 90, Disposition: "NO ANSWER", LinkedID: "1.5", PeerAccount: "p",
		}}
		f := cdrFunctions(book)
		read := func(args string) string {
			v, err := f[0].Read(x, args)
			if err != nil {
				return err.Error()
			}
			return v
		}
		write := func(args, value string) string {
			if err := f[0].Write(x, args, value); err != nil {
				return err.Error()
			}
			return "set"
		}
		time.Sleep(90*time.Second + 250*time.Millisecond)
		for args, want := range map[string]string{
			"start": "2000-01-01 00:00:00", "START,u": "946684800.000000", "answer": "", "answer,u": "0.000000", "end": "", "duration": "90",
			"duration,f": "90.250000", "billsec": "0", "billsec,f": "0.000000", "clid": `"Ann" <100>`, "src": "100", "dst": "200", "dcontext": "in",
			"channel": "SIP/a-1", "dstchannel": "SIP/b-2", "lastapp": "Dial", "lastdata": "SIP/b,30", "uniqueid": "1.7", "linkedid": "1.5", "sequence": "9",
			"peeraccount": "p", "disposition": "NO ANSWER", "disposition,u": "0", "nosuch": "", "": "Syntax: CDR(name[,options]) - missing argument!",
		} {
			if got := read(args); got != want {
				t.Errorf("CDR(%s) is %q, want %q", args, got, want)
			}
		}
		for _, c := range [][3]string{
			{"Color", "red", "set"}, {"userfield", "uf", "set"}, {"accountcode", "acme", "set"}, {"amaflags", "billing", "set"}, {"", "x", "No CDR variable specified: CDR(name[,options])=value"},
			{"amaflags", "x", "Unknown AMA flags 'x': omit, billing and documentation are known"},
			{"start", "x", "Attempt to set the 'start' read-only variable!."}, {"Disposition", "x", "Attempt to set the 'Disposition' read-only variable!."},
			{"peeraccount", "x", "The 'peeraccount' setting is not supported. Please set the 'accountcode' on the appropriate channel using the CHANNEL function."},
		} {
			if got := write(c[0], c[1]); got != c[2] {
				t.Errorf("CDR(%s)=%s: %q, want %q", c[0], c[1], got, c[2])
			}
		}
		if texts := w.Take(); len(texts) != 3 || !strings.Contains(texts[0], "deprecated") {
			t.Errorf("warned %q", texts)
		}
		for args, want := range map[string]string{"color": "red", "userfield": "uf", "accountcode": "acme", "amaflags": "BILLING", "amaflags,u": "2"} {
			if got := read(args); got != want {
				t.Errorf("CDR(%s) is %q, want %q", args, got, want)
			}
		}
		for name, number := range map[string]string{"ANSWERED": "8", "BUSY": "4", "FAILED": "2", "CONGESTION": "16"} {
			if book.record.Disposition = name; read("disposition,u") != number {
				t.Errorf("%s is %s", name, read("disposition,u"))
			}
		}
		book.record.Answer, book.record.End = start.Add(10*time.Second), start.Add(12*time.Second)
		if got := read("billsec,f") + " " + read("end") + " " + read("answer"); got != "2.000000 2000-01-01 00:00:12 2000-01-01 00:00:10" {
			t.Errorf("at the end: %s", got)
		}
		book.none = true
		if got := read("start"); got != "" {
			t.Errorf("a channel without a record starts at %q", got)
		}
	})
}

func TestCDRProperties(t *testing.T) {
	x, _ := functiontest.New(t, &functiontest.Leg{}, Table(&ledger{}))
	book := &ledger{}
	prop := cdrFunctions(book)[1]
	for _, c := range [][2]string{{"party_a", "1"}, {"disable", "yes"}, {"disable", "0"}, {"PARTY_A", "no"}} {
		if err := prop.Write(x, c[0], c[1]); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(book.did, " "); got != "prefer disable enable not preferred" {
		t.Errorf("did %s", got)
	}
	if prop.Write(x, "nosuch", "1") == nil || prop.Write(x, "", "1") == nil {
		t.Error("a property was set that there is not")
	}
	none := cdrFunctions(nil)
	if v, err := none[0].Read(x, "start"); v != "" || err != nil || none[0].Write(x, "a", "b") != nil || none[0].Write(x, "userfield", "b") != nil || none[1].Write(x, "disable", "1") != nil {
		t.Error("without records CDR() does not keep quiet")
	}
}
