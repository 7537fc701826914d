package postgres_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"obelus/internal/pgtest"
	"obelus/store"
	"obelus/store/postgres"
	"obelus/store/storetest"
)

// dsnEnv is where the server of the suite is, for the processes that it starts and kills.
const dsnEnv = "OBELUS_TEST_POSTGRES"

// openIn opens an engine on a schema that stands for the directory.
func openIn(dir string) (*postgres.Engine, error) { return openAfter(dir, false) }

// openAfter does so, alone: when the server is through with what killed processes have left in its sockets.
func openAfter(dir string, alone bool) (*postgres.Engine, error) {
	ctx := context.Background()
	dsn := os.Getenv(dsnEnv)
	schema := fmt.Sprintf("s%x", md5.Sum([]byte(dir)))
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
		return nil, err
	}
	for others := 1; alone && others > 0; {
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE application_name=$1", schema).Scan(&others); err != nil {
			return nil, err
		}
	}
	if err := conn.Close(ctx); err != nil {
		return nil, err
	}
	return postgres.Open(ctx, postgres.Config{DSN: dsn + "&search_path=" + schema + "&application_name=" + schema, Node: "a"})
}

func suiteEngine() storetest.Engine {
	return storetest.Engine{Lasting: true, Open: func(dir string) (*storetest.State, error) {
		e, err := openAfter(dir, true)
		if err != nil {
			return nil, err
		}
		return &storetest.State{Location: e, Messages: e, KV: e, Close: e.Close}, nil
	}}
}

func TestMain(m *testing.M) { os.Exit(storetest.Main(m, suiteEngine())) }

// serve starts a server with a database, whose DSN it returns.
func serve(t testing.TB) (s *pgtest.Server, database, dsn string) {
	t.Helper()
	s = pgtest.Start(t)
	database = s.Database(t)
	dsn = s.DSN(database)
	return s, database, dsn
}

// TestSuite runs the suite that every engine passes.
func TestSuite(t *testing.T) {
	_, _, dsn := serve(t)
	t.Setenv(dsnEnv, dsn)
	t.Run("location", func(t *testing.T) { storetest.Location(t, suiteEngine()) })
	t.Run("messages", func(t *testing.T) { storetest.Messages(t, suiteEngine()) })
	t.Run("the dialplan's database", func(t *testing.T) { storetest.KV(t, suiteEngine()) })
	t.Run("keys", func(t *testing.T) { keys(t) })
	t.Run("crash", func(t *testing.T) { storetest.Crash(t, suiteEngine()) })
	t.Run("two start together", func(t *testing.T) { startTogether(t) })
	t.Run("two claim together", func(t *testing.T) { claimTogether(t) })
	t.Run("many", func(t *testing.T) { many(t) })
	t.Run("long names", func(t *testing.T) { longNames(t) })
}

func open(t *testing.T, dir string) *postgres.Engine {
	t.Helper()
	e, err := openIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// keys: what is written is there, in order, and a tree goes with all that is below it and nothing else.
func keys(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir)
	ops := []store.KVOp{{Key: "/a/b", Value: "1"}, {Key: "/a", Value: "2"}, {Key: "/a0", Value: "3"}, {Key: "/a-", Value: "4"}, {Key: "/a/b/c", Value: "5"},
		{Key: "/\\x00\x00\xff", Value: "zero\x00 \\ \xff"}, {Key: "/Ä/%_", Value: ""}, {Key: "/a/b", Value: "6"}, {Key: "/gone", Value: ""}, {Kind: store.KVDelete, Key: "/gone"}}
	if err := e.WriteKeys(t.Context(), ops); err != nil {
		t.Fatal(err)
	}
	all := func() (out string) {
		t.Helper()
		last := ""
		if err := open(t, dir).LoadKeys(t.Context(), func(k, v string) error {
			if k < last {
				t.Errorf("%q comes after %q", k, last)
			}
			last = k
			out += fmt.Sprintf("%q=%q ", k, v)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got, want := all(), `"/\\x00\x00\xff"="zero\x00 \\ \xff" "/a"="2" "/a-"="4" "/a/b"="6" "/a/b/c"="5" "/a0"="3" "/Ä/%_"="" `; got != want {
		t.Errorf("there is %s, want %s", got, want)
	}
	for _, tt := range []struct{ tree, want string }{
		{"/a", `"/\\x00\x00\xff"="zero\x00 \\ \xff" "/a-"="4" "/a0"="3" "/Ä/%_"="" `}, {"/Ä", `"/\\x00\x00\xff"="zero\x00 \\ \xff" "/a-"="4" "/a0"="3" `}, {"", ""},
	} {
		if err := e.WriteKeys(t.Context(), []store.KVOp{{Kind: store.KVTree, Key: tt.tree}}); err != nil {
			t.Fatal(err)
		}
		if got := all(); got != tt.want {
			t.Errorf("after the tree %q there is %s, want %s", tt.tree, got, tt.want)
		}
	}
}

// startTogether: servers that start at the same moment on an empty database make its tables once.
func startTogether(t *testing.T) {
	dir := t.TempDir()
	errs := make(chan error)
	for range 6 {
		go func() {
			e, err := openIn(dir)
			if err == nil {
				err = e.Close()
			}
			errs <- err
		}()
	}
	for range 6 {
		if err := <-errs; err != nil && !strings.Contains(err.Error(), "pg_namespace") { // of the test's own CREATE SCHEMA
			t.Error(err)
		}
	}
}

// claimTogether: a text is claimed by one of two nodes that want it.
func claimTogether(t *testing.T) {
	dir := t.TempDir()
	e, other := open(t, dir), open(t, dir)
	now := time.UnixMilli(1_800_000_000_000)
	var all []store.Message
	for i := range 50 {
		all = append(all, store.Message{ID: fmt.Sprintf("%03d", i), AOR: "1", At: now, Expires: now.Add(time.Hour)})
	}
	if err := e.Append(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	type got struct {
		node string
		list []store.Message
		err  error
	}
	back := make(chan got)
	claim := func(e *postgres.Engine, node string) {
		list, err := e.Claim(context.Background(), store.Claim{AOR: "1", Max: 30, Node: node, Now: now, Until: now.Add(time.Minute)})
		back <- got{node, list, err}
	}
	go claim(e, "a")
	go claim(other, "b")
	who := make(map[string]string)
	for range 2 {
		g := <-back
		if g.err != nil {
			t.Error(g.err)
		}
		for _, m := range g.list {
			if who[m.ID] != "" {
				t.Errorf("text %s is claimed by %s and by %s", m.ID, who[m.ID], g.node)
			}
			who[m.ID] = g.node
		}
	}
	if len(who) < 30 {
		t.Errorf("%d texts are claimed", len(who))
	}
}

// many: more than is read at once.
func many(t *testing.T) {
	e := open(t, t.TempDir())
	const n = 12_001
	var binds []store.BindingOp
	var puts []store.KVOp
	for i := range n {
		binds = append(binds, binding(i))
		puts = append(puts, store.KVOp{Key: fmt.Sprintf("/f/%05d", i), Value: "v"})
	}
	if err := e.Commit(t.Context(), binds); err != nil {
		t.Fatal(err)
	}
	if err := e.WriteKeys(t.Context(), puts); err != nil {
		t.Fatal(err)
	}
	phones, keys := make(map[string]bool), 0
	if err := e.Load(t.Context(), func(b store.Binding) error {
		phones[b.AOR] = true
		return nil
	}); err != nil || len(phones) != n {
		t.Errorf("%d registrations come back, %v", len(phones), err)
	}
	if err := e.LoadKeys(t.Context(), func(k, _ string) error {
		if k != puts[keys].Key {
			t.Fatalf("key %d is %s", keys, k)
		}
		keys++
		return nil
	}); err != nil || keys != n {
		t.Errorf("%d keys come back, %v", keys, err)
	}
}

// longNames: names longer than an index takes don't stop the others of a batch.
func longNames(t *testing.T) {
	e := open(t, t.TempDir())
	var b strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&b, "%x", md5.Sum([]byte{byte(i), byte(i >> 8)})) // can't be compressed much
	}
	long, now := b.String(), time.Now()
	if err := e.Commit(t.Context(), []store.BindingOp{{Binding: store.Binding{AOR: long, ContactID: long, Contact: long, RegisteredAt: now, Expires: now}}}); err != nil {
		t.Error(err)
	}
	m := store.Message{ID: "1", AOR: long, From: long, To: long, At: now, Expires: now, Told: []string{long}}
	if err := e.Append(t.Context(), []store.Message{m}); err != nil {
		t.Error(err)
	}
	if err := e.Mark(t.Context(), []store.MessageOp{{Kind: store.MessageTold, ID: "1", Instance: long + "2"}}); err != nil {
		t.Error(err)
	}
	got, err := e.Claim(t.Context(), store.Claim{AOR: long, Max: 1, Now: now, Until: now.Add(time.Second)})
	if err != nil || len(got) != 1 || len(got[0].Told) != 2 || got[0].AOR != long {
		t.Errorf("%d texts, %v", len(got), err)
	}
}
