package device

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"obelus/conf"
	"obelus/dialplan/syntax"
)

// keys is a database in memory.
type keys struct {
	mu   sync.Mutex
	have map[string]string
}

func (k *keys) Get(family, key string) (string, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.have[family+"/"+key]
	return v, ok
}

func (k *keys) Put(family, key, value string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.have == nil {
		k.have = make(map[string]string)
	}
	k.have[family+"/"+key] = value
	return nil
}

func (k *keys) Names(prefix string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []string
	for name := range k.have {
		if rest, ok := strings.CutPrefix(name, prefix+"/"); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out
}

// shelf is devices that a test sets.
type shelf struct {
	mu   sync.Mutex
	have map[string]State
}

func (s *shelf) DeviceState(name string) State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.have[name]
}

func (s *shelf) set(name string, state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.have[name] = state
}

// passing is a shelf of devices that come and go.
type passing struct{ *shelf }

func (passing) Passes() {}

func plan(t testing.TB, text string) *syntax.Plan {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := syntax.Read(f)
	return p
}

func newBoard(t testing.TB, hints string) (*Board, *shelf) {
	s := &shelf{have: make(map[string]State)}
	b := New(Config{DB: &keys{}, Providers: map[string]Provider{"SIP": s, "Local": passing{s}}, Expand: func(context, exten, text string) string {
		return strings.NewReplacer("${EXTEN}", exten, "${CONTEXT}", context).Replace(text)
	}})
	b.Load(plan(t, "[a]\n"+hints))
	return b, s
}

// ear hears what is told.
type ear struct {
	mu   sync.Mutex
	told []string
}

func (e *ear) hear(s Status) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, s.Exten+" "+s.State.String())
}

func (e *ear) take() string {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	out := strings.Join(e.told, ", ")
	e.told = nil
	return out
}

func TestBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBoard(t, "exten => 1,hint,SIP/1&Custom:x\nexten => _2X,hint,SIP/${EXTEN}\nexten => 3,hint,,CustomPresence:ann\ninclude => b\n[b]\nexten => 4,hint,sip/1(Ann)\n")
		var e, all ear
		stop := b.WatchExtensions(all.hear)
		one, now, ok := b.WatchExtension("a", "1", e.hear)
		if !ok || now.State != ExtensionIdle { // UNKNOWN twice
			t.Errorf("1: %+v %v", now, ok)
		}
		two, _, ok := b.WatchExtension("a", "25", e.hear)
		if !ok {
			t.Fatal("25 has no hint")
		}
		if _, _, ok := b.WatchExtension("a", "99", e.hear); ok {
			t.Error("99 has a hint")
		}
		if _, _, ok := b.WatchExtension("nowhere", "1", e.hear); ok {
			t.Error("nowhere has a hint")
		}
		b.Changed("SIP/1") // it has not
		if got := e.take(); got != "" {
			t.Errorf("nothing has changed: %s", got)
		}
		s.set("1", Ringing)
		b.Changed("sip/1")
		if got := e.take(); got != "1 Ringing" {
			t.Errorf("told %s", got)
		}
		got := strings.Split(all.take(), ", ")
		if slices.Sort(got); strings.Join(got, ", ") != "1 Ringing, 4 Idle, 4 Ringing" { // 4 was never looked at before
			t.Errorf("all told %s", got)
		}
		b.Changed("SIP/1") // another call rings there
		if got := e.take(); got != "1 Ringing" {
			t.Errorf("ringing again: %s", got)
		}
		if err := b.Set("Custom:x", "inuse"); err != nil {
			t.Fatal(err)
		}
		if got := e.take(); got != "1 InUse&Ringing" {
			t.Errorf("told %s", got)
		}
		s.set("25", InUse)
		b.Changed("SIP/25")
		if got := e.take(); got != "25 InUse" {
			t.Errorf("told %s", got)
		}
		if st, ok := two.Status(); !ok || st.State != ExtensionInUse || len(st.Devices) != 1 || st.Devices[0] != (Device{"SIP/25", InUse}) {
			t.Errorf("%+v", st)
		}
		two.Stop()
		two.Stop()
		one.Stop()
		stop()
		all.take()
		s.set("1", NotInUse)
		b.Changed("SIP/1")
		if got := e.take() + all.take(); got != "" {
			t.Errorf("told %s after all have stopped", got)
		}
		if _, ok := two.Status(); ok {
			t.Error("it has stopped")
		}
	})
}

func TestHintTexts(t *testing.T) {
	b, _ := newBoard(t, "exten => 1,hint,SIP/1&SIP/2(Ann Lee),CustomPresence:x\nexten => _2X,hint,SIP/${EXTEN}(n)\ninclude => b\n[b]\nexten => 4,hint,SIP/4\n")
	for _, c := range []struct{ exten, text, name string }{
		{"1", "SIP/1&SIP/2", "Ann Lee),CustomPresence:x"}, {"25", "SIP/25(n)", ""}, {"4", "SIP/4", ""},
	} {
		if text, name, ok := b.Hint("a", c.exten); !ok || text != c.text || name != c.name {
			t.Errorf("%s: %q %q %v", c.exten, text, name, ok)
		}
	}
	if _, _, ok := b.Hint("b", "1"); ok {
		t.Error("b has 1")
	}
	var list []string
	for _, l := range b.Hints() {
		list = append(list, l.Exten+"@"+l.Context+" "+l.Text)
	}
	if got := strings.Join(list, ", "); got != "1@a SIP/1&SIP/2, _2X@a SIP/${EXTEN}(n), 4@b SIP/4" {
		t.Errorf("listed: %s", got)
	}
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := newBoard(t, "exten => 3,hint,Custom:y,CustomPresence:ann\n")
		var e ear
		w, now, _ := b.WatchExtension("a", "3", e.hear)
		if now.Presence != (Presence{}) {
			t.Errorf("%+v", now.Presence)
		}
		if err := b.SetPresence("CustomPresence:ann", "away,lunch,soon"); err != nil {
			t.Fatal(err)
		}
		if got := e.take(); got != "3 Idle" {
			t.Errorf("told %q", got)
		}
		if st, _ := w.Status(); st.Presence != (Presence{PresenceAway, "lunch", "soon"}) {
			t.Errorf("%+v", st.Presence)
		}
		w.Stop()
		for provider, want := range map[string]error{"Custom:ann": ErrKind, "CustomPresence:": ErrKind} {
			if err := b.SetPresence(provider, "away"); !errors.Is(err, want) {
				t.Errorf("%s: %v", provider, err)
			}
		}
		if err := b.SetPresence("CustomPresence:ann", "gone"); !errors.Is(err, ErrState) {
			t.Error(err)
		}
		if b.Presence("Other:ann").State != PresenceInvalid || b.Presence("CustomPresence:bob").State != NotSet {
			t.Error("others")
		}
		if got := b.Presences(); len(got) != 1 || got[0] != "ann" {
			t.Errorf("%q", got)
		}
	})
}

func TestSet(t *testing.T) {
	b, _ := newBoard(t, "")
	for device, want := range map[string]error{"SIP/1": ErrKind, "Custom:": ErrKind, "": ErrKind, "Custom:x": nil} {
		if err := b.Set(device, "BUSY"); !errors.Is(err, want) {
			t.Errorf("%s: %v", device, err)
		}
	}
	if err := b.Set("Custom:x", "UNKNOWN"); !errors.Is(err, ErrState) {
		t.Error(err)
	}
	if b.State("custom:x") != Busy || b.State("Custom:y") != Unknown || b.State("x") != Invalid || b.State("/x") != Invalid || b.State("DAHDI/1") != Invalid {
		t.Error("states")
	}
	if err := New(Config{}).Set("Custom:x", "BUSY"); err == nil {
		t.Error("there is no database")
	}
}

// TestFeed has every change of a device told, once.
func TestFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBoard(t, "")
		var mu sync.Mutex
		var told []string
		stop := b.Watch(func(device string, state State) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, device+" "+state.String())
		})
		for _, step := range []struct {
			device string
			state  State
		}{{"SIP/1", InUse}, {"SIP/1", InUse}, {"SIP/1", NotInUse}, {"Local/1@a", InUse}, {"Local/1@a", NotInUse}} {
			s.set(strings.SplitN(step.device, "/", 2)[1], step.state)
			b.Changed(step.device)
			synctest.Wait()
		}
		stop()
		s.set("1", Busy)
		b.Changed("SIP/1")
		synctest.Wait()
		if got := strings.Join(told, ", "); got != "SIP/1 INUSE, SIP/1 NOT_INUSE, Local/1@a INUSE, Local/1@a NOT_INUSE" {
			t.Errorf("told %s", got)
		}
		if _, kept := b.last["local/1@a"]; kept {
			t.Error("what passes is remembered")
		}
	})
}

// TestReload has watches follow another dialplan, and none lost that are begun and ended
// meanwhile.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const first = "exten => 1,hint,SIP/1\nexten => _2X,hint,SIP/${EXTEN}\n"
		b, s := newBoard(t, first)
		s.set("1", InUse)
		s.set("2", Ringing)
		s.set("25", NotInUse)
		var e ear
		b.WatchExtension("a", "1", e.hear)
		b.WatchExtension("a", "25", e.hear)
		b.Load(plan(t, "[a]\n"+first))
		if got := e.take(); got != "" {
			t.Errorf("the same dialplan: %s", got)
		}
		b.Load(plan(t, "[a]\nexten => 1,hint,SIP/2\nexten => 25,hint,SIP/1\n"))
		got := strings.Split(e.take(), ", ")
		if slices.Sort(got); strings.Join(got, ", ") != "1 Ringing, 25 InUse" {
			t.Errorf("another: %s", got)
		}
		b.Load(plan(t, "[a]\n"))
		got = strings.Split(e.take(), ", ")
		if slices.Sort(got); strings.Join(got, ", ") != "1 Unknown, 25 Unknown" { // removed
			t.Errorf("none: %s", got)
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for j := range 50 {
					switch i % 4 {
					case 0:
						b.Load(plan(t, "[a]\n"+first))
					case 1:
						b.Changed(fmt.Sprintf("SIP/2%d", j%10))
					default:
						if w, _, ok := b.WatchExtension("a", fmt.Sprintf("2%d", j%10), e.hear); ok {
							w.Stop()
						}
					}
				}
			})
		}
		wg.Wait()
		e.take()
		if n := len(b.table.byDevice); n != 1 { // SIP/1
			t.Errorf("%d devices are kept", n)
		}
		if n := len(b.table.hints); n != 1 {
			t.Errorf("%d hints are kept", n)
		}
	})
}

func TestAutohints(t *testing.T) {
	b, s := newBoard(t, "autohints = yes\nexten => 1,hint,Custom:x\n[c]\ninclude => a\n[d]\n")
	s.set("7", InUse)
	s.set("8", Invalid)
	for _, c := range []struct {
		context, exten, text string
		ok                   bool
	}{{"a", "1", "Custom:x", true}, {"a", "7", "SIP/7", true}, {"c", "7", "SIP/7", true}, {"a", "8", "", false}, {"d", "7", "", false}} {
		if text, _, ok := b.Hint(c.context, c.exten); text != c.text || ok != c.ok {
			t.Errorf("%s@%s: %q %v", c.exten, c.context, text, ok)
		}
	}
	if st, ok := b.Extension("c", "7"); !ok || st.State != ExtensionInUse || st.Context != "a" {
		t.Errorf("%+v %v", st, ok)
	}
}

// BenchmarkChanged is what a call pays for its lamp, watched by a thousand.
func BenchmarkChanged(b *testing.B) {
	board, s := newBoard(b, "exten => 1,hint,SIP/1\n")
	s.set("1", InUse)
	for range 1000 {
		board.WatchExtension("a", "1", func(Status) {})
	}
	b.ReportAllocs()
	for b.Loop() {
		board.Changed("SIP/1")
	}
}
