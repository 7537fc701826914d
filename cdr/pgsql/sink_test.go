package pgsql

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"obelus/cdr/outbox"
	"obelus/conf"
	"obelus/internal/pgtest"
	"obelus/store"
	"obelus/store/memory"
)

func aCall(n int) store.CallRecord {
	start := time.Date(2026, 11, 24, 18, 59, 50, 600e6, time.UTC).Add(time.Duration(n) * time.Hour)
	return store.CallRecord{
		CallKey: store.CallKey{UniqueID: fmt.Sprint("1795546790.", n), Sequence: int64(n)}, Number: int64(n) + 1, CallerID: `"Anna O'Hara" <1001>`, Src: "1001",
		Dst: "1002", DContext: "internal", Channel: fmt.Sprintf("SIP/1001-%08d", n), DstChannel: fmt.Sprintf("SIP/1002-%08d", n), LastApp: "Dial",
		LastData: "SIP/1002,20", Start: start, Answer: start.Add(3 * time.Second), End: start.Add(63500 * time.Millisecond), Duration: 63, BillSec: 60,
		Disposition: "ANSWERED", AMAFlags: 3, AccountCode: "acme", PeerAccount: "peer", LinkedID: "1795546790.0", UserField: "u\x00 \xa4 ☎", Cause: 16,
		Variables: []store.Variable{{Name: "CNAM", Value: "Anna"}, {Name: "age", Value: "thirty"}, {Name: "cost", Value: " 1.5 "}},
	}
}

// theOriginals is the table of the original's documentation.
const theOriginals = `CREATE TABLE cdr (calldate timestamptz NOT NULL, clid varchar(80) NOT NULL, src varchar(80) NOT NULL, dst varchar(80) NOT NULL,
	dcontext varchar(80) NOT NULL, channel varchar(80) NOT NULL, dstchannel varchar(80) NOT NULL, lastapp varchar(80) NOT NULL, lastdata varchar(80) NOT NULL,
	duration int8 NOT NULL, billsec int8 NOT NULL, disposition varchar(45) NOT NULL, amaflags int8 NOT NULL, accountcode varchar(20) NOT NULL,
	uniqueid varchar(150) NOT NULL, userfield varchar(255) NOT NULL)`

// bench is a table and a sink for it.
type bench struct {
	t    *testing.T
	s    *pgtest.Server
	db   string
	log  bytes.Buffer
	sink *Sink
	note string
}

func newBench(t *testing.T, s *pgtest.Server, table, config string) *bench {
	t.Helper()
	b := &bench{t: t, s: s, db: s.Database(t)}
	s.Run(t, b.db, table)
	b.again(config)
	return b
}

// again makes a new sink, as a restart does.
func (b *bench) again(config string) {
	b.t.Helper()
	text := fmt.Sprintf("[global]\nhostname=127.0.0.1\nport=%d\ndbname=%s\nuser=%s\npassword=it's \\ none\n%s", b.s.Port, b.db, pgtest.User, config)
	f, _, err := (&conf.Loader{}).Parse("cdr_pgsql.conf", []byte(text))
	if err != nil {
		b.t.Fatal(err)
	}
	c, found := Read(f)
	if len(found) > 0 {
		b.t.Fatal(found)
	}
	if b.sink != nil {
		b.sink.disconnect()
	}
	b.sink = New(*c, slog.New(slog.NewTextHandler(&b.log, nil)))
	b.t.Cleanup(func() { b.sink.disconnect() })
}

func (b *bench) ship(records ...store.CallRecord) {
	b.t.Helper()
	note, err := b.sink.Ship(b.t.Context(), records, b.note, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.note = note
}

func (b *bench) expect(query, want string) {
	b.t.Helper()
	if got := strings.TrimSpace(b.s.Run(b.t, b.db, query)); got != want {
		b.t.Errorf("%s:\n%s\nwant\n%s\nlog %s", query, got, want, b.log.String())
	}
}

func TestPostgreSQL(t *testing.T) {
	s := pgtest.Start(t)
	t.Run("the original's table", func(t *testing.T) {
		b := newBench(t, s, theOriginals, "")
		missed := aCall(2)
		missed.Answer, missed.BillSec, missed.Disposition = time.Time{}, 0, "NO ANSWER"
		missed.DstChannel = strings.Repeat("ü", 100)
		b.ship(aCall(1), missed)
		b.expect("SELECT calldate AT TIME ZONE 'UTC', clid, duration, billsec, disposition, amaflags, uniqueid, userfield FROM cdr ORDER BY uniqueid LIMIT 1",
			`2026-11-24 19:59:50.6|"Anna O'Hara" <1001>|63|60|ANSWERED|3|1795546790.1|u ¤ ☎`)
		b.expect("SELECT billsec, disposition, dstchannel = repeat('ü', 80) FROM cdr WHERE disposition <> 'ANSWERED'", "0|NO ANSWER|t")
	})
	t.Run("types, aliases, static texts and filters", func(t *testing.T) {
		b := newBench(t, s, `CREATE SCHEMA billing; CREATE TYPE billing.kind AS ENUM ('ANSWERED', 'BUSY');
			CREATE TABLE billing."Calls" (id bigserial PRIMARY KEY, gen int GENERATED ALWAYS AS IDENTITY, began timestamp, start int8, answer float8,
			"end" text, duration numeric(9,2), billsec float4, disposition int2, kind billing.kind, amaflags varchar(4), cnam text, age int, cost numeric,
			node text, customer text, day date, took interval, variant bool DEFAULT true)`,
			"table=billing.Calls\ntimezone=GMT\nencoding=LATIN9\n[columns]\nalias start => began\nalias calldate => day\nalias duration => took\n"+
				"alias disposition => kind\nalias userfield => customer\nstatic \"node 7\" => node\nfilter accountcode => acme\nfilter !src => 1009\n")
		other, from1009 := aCall(2), aCall(3)
		other.AccountCode, from1009.Src = "other", "1009"
		b.ship(aCall(1), other, from1009)
		start := aCall(1).Start
		b.expect(`SELECT began, start, answer, duration, billsec, disposition, kind, amaflags, cnam, age, cost, node, customer, day, took, variant FROM billing."Calls"`,
			fmt.Sprintf("2026-11-24 19:59:50|%d|%d.6|63.50|60.5|8|ANSWERED|DOCU|Anna||1.5|node 7|u € ☎|2026-11-24|00:01:03|t", start.Unix(), start.Unix()+3))
		b.expect(`SELECT "end" FROM billing."Calls"`, aCall(1).End.UTC().Format(time.DateTime))
	})
	t.Run("once", func(t *testing.T) { shipsOnce(t, s) })
	t.Run("a record that is refused", func(t *testing.T) {
		b := newBench(t, s, theOriginals+`; ALTER TABLE cdr ADD CHECK (src <> '1009')`, "")
		bad := aCall(2)
		bad.Src = "1009"
		b.ship(aCall(1), bad, aCall(3))
		b.expect("SELECT uniqueid FROM cdr ORDER BY uniqueid", "1795546790.1\n1795546790.3")
		if text := b.log.String(); strings.Count(text, "refuses a call record") != 1 || !strings.Contains(text, "1795546790.2") {
			t.Errorf("log %s", text)
		}
	})
	t.Run("padded columns", func(t *testing.T) {
		b := newBench(t, s, "CREATE TABLE cdr (uniqueid char(32), src char(10), dcontext char(4), disposition char(9))", "")
		b.ship(aCall(1))
		b.expect("SELECT rtrim(uniqueid), rtrim(src), rtrim(dcontext), rtrim(disposition) FROM cdr", "1795546790.1|1001|inte|ANSWERED")
	})
	t.Run("a column too short for uniqueid", func(t *testing.T) {
		for _, kind := range []string{"varchar(10)", "int8"} {
			b := newBench(t, s, "CREATE TABLE cdr (uniqueid "+kind+", sequence int, src text)", "")
			b.ship(aCall(1))
			b.again("")
			later := aCall(1) // of the next run, in which sequence begins anew
			later.UniqueID = "1795546790.99"
			later.Src = "1007"
			b.ship(later)
			b.expect("SELECT src FROM cdr ORDER BY src", "1001\n1007")
		}
	})
	t.Run("a large table without an index", func(t *testing.T) {
		b := newBench(t, s, theOriginals, "")
		var many []store.CallRecord
		for n := range 25 {
			many = append(many, aCall(n))
		}
		b.ship(many...) // some may be there: each piece has its time
		b.expect("SELECT count(*), count(DISTINCT xmin::text) FROM cdr", "25|3")
		for i := range many {
			many[i] = aCall(100 + i)
		}
		b.sink.conn.Close(t.Context()) // as the server does when it stops: it was told of none of these
		if _, err := b.sink.Ship(t.Context(), many, b.note, nil); err == nil {
			t.Error("sent where nobody is")
		}
		b.ship(many...)
		b.expect("SELECT count(*), count(DISTINCT xmin::text) FROM cdr", "50|4")
	})
	t.Run("a database of another encoding", func(t *testing.T) {
		s.Run(t, "postgres", "CREATE DATABASE western ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
		s.Run(t, "western", theOriginals)
		b := &bench{t: t, s: s, db: "western"}
		b.again("")
		odd, after := aCall(1), aCall(2)
		odd.CallerID, after.CallerID, after.UserField, after.DstChannel = `"Zoë ☎" <1001>`, `"Zoë" <1001>`, "", "SIP/1002-00000002"
		odd.UserField = ""
		b.ship(odd, after) // nobody goes without a record for an odd name
		b.expect("SELECT encode(convert_to(clid, 'UTF8'), 'escape') FROM cdr ORDER BY uniqueid", `"Zo? ?" <1001>`+"\n"+`"Zo\303\253" <1001>`)
		b.note = ""
		b.again("")
		b.ship(odd, after)
		b.expect("SELECT count(*) FROM cdr", "2")
	})
	t.Run("what a caller says does not fit", func(t *testing.T) {
		b := newBench(t, s, "CREATE TYPE how AS ENUM ('ANSWERED'); CREATE TABLE cdr (uniqueid text, src numeric(9,2), dst inet, clid text, disposition how NOT NULL)", "")
		for i, number := range []string{"0x1p4", "1e30", "1001"} {
			r := aCall(i)
			r.Src = number
			b.ship(r)
		}
		b.expect("SELECT uniqueid, src, dst, clid, disposition FROM cdr ORDER BY uniqueid", strings.ReplaceAll(
			`1795546790.0|||"Anna O'Hara" <1001>|ANSWERED/1795546790.1|||"Anna O'Hara" <1001>|ANSWERED/1795546790.2|||"Anna O'Hara" <1001>|ANSWERED`, "/", "\n"))
	})
	t.Run("a table that changes", func(t *testing.T) {
		b := newBench(t, s, theOriginals, "")
		b.ship(aCall(1))
		s.Run(t, b.db, "ALTER TABLE cdr DROP COLUMN clid; ALTER TABLE cdr ADD COLUMN linkedid text")
		if _, err := b.sink.Ship(t.Context(), []store.CallRecord{aCall(2)}, b.note, nil); err == nil {
			t.Error("written to a column that is gone")
		}
		b.ship(aCall(2))
		b.expect("SELECT linkedid FROM cdr WHERE uniqueid='1795546790.2'", "1795546790.0")
	})
	t.Run("no such table", func(t *testing.T) {
		b := newBench(t, s, "SELECT 1", "table=nowhere\n")
		_, err := b.sink.Ship(t.Context(), []store.CallRecord{aCall(1)}, "", nil)
		if err == nil || !strings.Contains(err.Error(), `read the columns of table nowhere`) {
			t.Errorf("error %v", err)
		}
	})
}

// shipsOnce: records come again when it is not known whether they arrived.
func shipsOnce(t *testing.T, s *pgtest.Server) {
	for _, tt := range []struct{ name, table, twice string }{
		{"uniqueid and sequence", theOriginals + "; ALTER TABLE cdr ADD COLUMN sequence int", "3"},
		{"uniqueid", theOriginals, "3"},
		{"no uniqueid", theOriginals + "; ALTER TABLE cdr DROP COLUMN uniqueid", "5"},
	} {
		b := newBench(t, s, tt.table, "")
		b.ship(aCall(1), aCall(2))
		b.again("") // restarted before it was noted
		b.note = ""
		b.ship(aCall(1), aCall(2), aCall(3))
		b.expect("SELECT count(*) FROM cdr", tt.twice)
		if said := strings.Contains(b.log.String(), "may be there twice"); said != (tt.twice != "3") {
			t.Errorf("%s: log %s", tt.name, b.log.String())
		}
		old := b.note
		b.ship(aCall(4))
		b.note = old // it arrived, and could not be noted
		if tt.twice == "3" {
			b.ship(aCall(4))
			b.expect("SELECT count(*) FROM cdr", "4")
		}
	}
}

// TestLostServerComesBack has the outbox ship while the server is killed and started again.
func TestLostServerComesBack(t *testing.T) {
	s := pgtest.Start(t)
	b := newBench(t, s, theOriginals+"; ALTER TABLE cdr ADD COLUMN sequence int", "")
	box, err := outbox.Open(t.Context(), outbox.Config{Store: &memory.Calls{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	b.sink.ShowStatus(&shown, time.Now())
	box.SetSinks(t.Context(), outbox.Batch{}, b.sink)
	until := func(n int) {
		t.Helper()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for range 1500 {
			box.Submit()
			if st := box.Status(t.Context()).Sinks[0]; int(st.Shipped) == n {
				return
			}
			<-tick.C
		}
		t.Fatalf("%+v", box.Status(t.Context()).Sinks[0])
	}
	box.End(aCall(1))
	until(1)
	b.sink.ShowStatus(&shown, time.Now())
	s.Kill()
	box.End(aCall(2))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for box.Status(t.Context()).Sinks[0].Err == nil {
		<-tick.C
	}
	box.End(aCall(3))
	s.Again(t)
	until(3)
	b.sink.ShowStatus(&shown, time.Now())
	b.expect("SELECT count(*), count(DISTINCT uniqueid) FROM cdr", "3|3")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := box.Close(ctx); err != nil {
		t.Error(err)
	}
	want := "Not currently connected to a PgSQL server.\nConnected to " + b.db + "@127.0.0.1, port " + strconv.Itoa(s.Port) + " using table cdr for 0s\n" +
		"  Wrote 1 records since last restart.\n"
	if !strings.HasPrefix(shown.String(), want) || !strings.HasSuffix(shown.String(), "  Wrote 3 records since last restart and 2 records since last reconnect.\n") {
		t.Errorf("shown\n%s", shown.String())
	}
}
