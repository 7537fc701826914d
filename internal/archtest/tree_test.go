package archtest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

const goodMap = "# Plan\n\nText.\n\n```rooms\n" +
	"cmd/obelus -> *\n" +
	"app        -> call media\n" +
	"chansip    -> call, conf, sip\n" +
	"call       -> media\n" +
	"dialplan   -> conf\n" +
	"media, sip, conf -> (nothing)\n" +
	"```\n\nMore text -> not a room\n"

// goodTree is a house in which every law holds, each by a hair.
func goodTree() map[string]string {
	return map[string]string{
		"go.mod":                      "module obelus\n\ngo 1.26\n",
		"docs/ARCHITECTURE.md":        goodMap,
		"cmd/obelus/main.go":          "package main\nimport (\n\"log/slog\"\n\"obelus/app\"\n\"obelus/chansip\"\n\"obelus/conf\"\n)\nfunc main() { slog.SetDefault(nil); _ = app.X; _ = chansip.X; _ = conf.X }\n",
		"app/app.go":                  "package app\nimport \"obelus/call\"\nconst X = call.X\n",
		"app/app_test.go":             "package app_test\nimport (\n_ \"obelus/internal/simnet\"\n_ \"obelus/sip/sdp\"\n_ \"obelus/conf\"\n\"time\"\n)\nvar count int\nfunc f() { count++; time.Local = time.UTC }\n",
		"chansip/config.go":           "package chansip\nimport \"obelus/conf\"\nconst X = conf.X\n",
		"chansip/invite.go":           "package chansip\nimport (\n\"log\"\n\"log/slog\"\n_ \"obelus/sip/sdp\"\n)\nvar _ = log.New\nfunc f(l *slog.Logger) { l.Info(\"x\") }\n",
		"call/call.go":                "package call\nconst X = 1\n",
		"call/call_test.go":           "package call\nimport (\n\"testing/synctest\"\n\"time\"\n)\nvar _ = synctest.Wait\nfunc f() { time.Sleep(1) }\n",
		"dialplan/interp/interp.go":   "package interp\nimport _ \"obelus/conf\"\n",
		"media/media.go":              "package media\nimport (\n\"errors\"\n\"sync\"\n)\nvar ErrGone = errors.New(\"gone\")\nvar table = [3]int{1, 2, 3}\nvar load = sync.OnceValue(func() int { var mu sync.Mutex; mu.Lock(); return 1 })\ntype t struct{ n int }\nfunc (t *t) init() { t.n++; row := &table[1]; _ = row; table := table; table[1] = 2; p := &table; _ = p; for table[0] = range 3 {} }\n",
		"media/testdata/ignored.go":   "package broken {",
		"media/media_windows.go":      "package media\n",
		"sip/sip.go":                  "package sip\nimport _ \"obelus/sip/sdp\"\n",
		"sip/sdp/sdp.go":              "package sdp\n",
		"sip/dialog/dialog.go":        "package dialog\nimport (\n_ \"obelus/sip\"\n_ \"obelus/sip/sdp\"\n)\n",
		"conf/conf.go":                "package conf\nconst X = 1\n",
		"internal/simnet/simnet.go":   "package simnet\n",
		"scenario/scenario_test.go":   "package scenario\nimport (\n\"time\"\n_ \"obelus/chansip\"\n)\nfunc f() { time.Sleep(1) }\n",
		"internal/archtest/empty.txt": "no Go here\n",
	}
}

func loaded(t *testing.T, files map[string]string) *Tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// all runs every check.
func all(tree *Tree, m *Map) (found []Finding) {
	found = append(found, tree.Imports(m)...)
	found = append(found, tree.Laws()...)
	found = append(found, tree.Variables()...)
	return append(found, tree.Sizes().TooLong()...)
}

func parsed(t *testing.T, text string) *Map {
	t.Helper()
	m, err := ParseMap(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestGoodTree(t *testing.T) {
	files := goodTree()
	for _, f := range all(loaded(t, files), parsed(t, files["docs/ARCHITECTURE.md"])) {
		t.Error(f)
	}
}

// TestBadTrees breaks one law at a time.
func TestBadTrees(t *testing.T) {
	long := strings.Repeat("//\n", longestFile)
	var wide = map[string]string{}
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"} {
		wide["call/f"+n+".go"] = "package call\n" + strings.Repeat("//\n", longestFile-10)
	}
	one := func(name, text string) map[string]string { return map[string]string{name: text} }
	for _, c := range []struct {
		name string
		add  map[string]string
		want string // how the one finding begins; in it "..." skips
	}{
		{"import not on the map", one("app/a.go", "package app\nimport _ \"obelus/conf\"\n"), "app/a.go:2: app may not import conf: the map...\napp/a.go:2: only a file named config.go"},
		{"driver from app", one("app/a.go", "package app\nimport _ \"obelus/chansip\"\n"), "app/a.go:2: app may not import chansip: only cmd knows a driver"},
		{"protocol that knows", one("sip/sdp/a.go", "package sdp\nimport _ \"obelus/call\"\n"), "sip/sdp/a.go:2: sip may not import call: a protocol that knows"},
		{"call that knows", one("call/a.go", "package call\nimport _ \"obelus/sip\"\n"), "call/a.go:2: call may not import sip: whatever call imports"},
		{"dialplan with a telephone", one("dialplan/a.go", "package dialplan\nimport _ \"obelus/call\"\n"), "dialplan/a.go:2: dialplan may not import call: extensions.conf"},
		{"driver that knows", one("chansip/a.go", "package chansip\nimport _ \"obelus/dialplan/interp\"\n"), "chansip/a.go:2: chansip may not import dialplan: drivers never"},
		{"furniture that knows", one("internal/simnet/a.go", "package simnet\nimport _ \"obelus/sip\"\n"), "internal/simnet/a.go:2: internal/simnet may not import sip: internal/*"},
		{"furniture in the product", one("app/a.go", "package app\nimport _ \"obelus/internal/simnet\"\n"), "app/a.go:2: app may not import internal/simnet: internal/* is for tests"},
		{"cmd imported", one("app/a.go", "package app\nimport _ \"obelus/cmd/obelus\"\n"), "app/a.go:2: app may not import cmd/obelus: nothing imports cmd"},
		{"scenario imported", one("app/a.go", "package app\nimport _ \"obelus/scenario\"\n"), "app/a.go:2: app may not import scenario: tests of the whole"},
		{"test that looks up", one("call/a_test.go", "package call\nimport _ \"obelus/app\"\n"), "call/a_test.go:2: call may not import app: whatever"},
		{"room not on the map", one("web/web.go", "package web\n"), "web: this room is not on the map"},
		{"import of a room not on the map", map[string]string{"web/web.go": "package web\n", "cmd/obelus/a.go": "package main\nimport _ \"obelus/web\"\n"}, "web: this room...\ncmd/obelus/a.go:2: cmd/obelus imports web, which is not"},
		{"room only on the map", one("docs/ARCHITECTURE.md", strings.Replace(goodMap, "app  ", "web -> *\napp  ", 1)), "web: this room is only on the map"},
		{"longest name wins", one("docs/ARCHITECTURE.md", strings.Replace(goodMap, "media, sip, conf", "sip/sdp, media, sip, conf", 1)), "chansip/invite.go:5: chansip may not import sip/sdp: the map"},
		{"looker imported", map[string]string{"web/web.go": "package web\n", "docs/ARCHITECTURE.md": strings.Replace(goodMap, "app  ", "web -> call\napp  ", 1), "app/a.go": "package app\nimport _ \"obelus/web\"\n"}, "app/a.go:2: app may not import web: nothing but cmd"},
		{"conf outside config.go", one("chansip/a.go", "package chansip\nimport _ \"obelus/conf\"\n"), "chansip/a.go:2: only a file named config.go imports conf"},
		{"init", one("call/a.go", "package call\nfunc init() {}\n"), "call/a.go:2: no init()"},
		{"init in a test", one("call/a_test.go", "package call\nfunc init() {}\n"), "call/a_test.go:2: no init()"},
		{"sleep", one("app/a_test.go", "package app\nimport clock \"time\"\nfunc g() { clock.Sleep(1) }\n"), "app/a_test.go:3: no time.Sleep"},
		{"slog", one("call/a.go", "package call\nimport \"log/slog\"\nfunc g() { slog.InfoContext(nil, \"\") }\n"), "call/a.go:3: slog.InfoContext is the global logger"},
		{"slog default", one("call/a.go", "package call\nimport \"log/slog\"\nvar l = slog.Default()\n"), "call/a.go:3: slog.Default is the global logger"},
		{"log", one("call/a.go", "package call\nimport \"log\"\nfunc g() { log.Printf(\"\") }\n"), "call/a.go:3: log.Printf is the global logger"},
		{"assigned", one("call/a.go", "package call\nvar n int\nfunc g() { n = 1 }\n"), "call/a.go:3: no package-level variable that changes: n (assigned to)"},
		{"assigned in another file", map[string]string{"call/a.go": "package call\nvar n int\n", "call/b.go": "package call\nfunc g() { n++ }\n"}, "call/b.go:2: no package-level variable"},
		{"assigned in a test", map[string]string{"call/a.go": "package call\nvar n int\n", "call/b_test.go": "package call\nfunc g() { n = 1 }\n"}, "call/b_test.go:2: no package-level variable"},
		{"element", one("call/a.go", "package call\nvar m = map[string]int{}\nfunc g() { m[\"a\"] = 1 }\n"), "call/a.go:3: no package-level variable that changes: m"},
		{"field", one("call/a.go", "package call\nvar s struct{ a []int }\nfunc g() { (s).a[1:][0] = 1 }\n"), "call/a.go:3: no package-level variable that changes: s"},
		{"pointer", one("call/a.go", "package call\nvar p = new(int)\nfunc g() { *p = 1 }\n"), "call/a.go:3: no package-level variable that changes: p"},
		{"range", one("call/a.go", "package call\nvar n int\nfunc g() { for n = range 3 {} }\n"), "call/a.go:3: no package-level variable that changes: n"},
		{"address", one("call/a.go", "package call\nvar n int\nfunc g() *int { return &n }\n"), "call/a.go:3: no package-level variable that changes: n (its address"},
		{"delete", one("call/a.go", "package call\nvar m = map[int]int{}\nfunc g() { delete(m, 1) }\n"), "call/a.go:3: no package-level variable that changes: m (delete"},
		{"pointer method", one("call/a.go", "package call\ntype c struct{ n int }\nfunc (c *c) add() { c.n++ }\nvar v c\nfunc g() { v.add() }\n"), "call/a.go:5: no package-level variable that changes: v (a method"},
		{"sent to", one("call/a.go", "package call\nvar v = f()\nfunc f() chan int { return nil }\nfunc g() { v <- 1 }\n"), "call/a.go:4: no package-level variable that changes: v (sent"},
		{"another package's", one("call/a.go", "package call\nimport \"net/http\"\nfunc g() { http.DefaultClient = nil }\n"), "call/a.go:3: no package-level variable that changes: a variable of package net/http"},
		{"another room's, in a test", one("app/a_test.go", "package app\nimport \"obelus/call\"\nfunc g() { call.V = nil }\n"), "app/a_test.go:3: no package-level variable that changes: a variable of package obelus/call"},
		{"mutex", one("call/a.go", "package call\nimport \"sync\"\nvar mu sync.Mutex\n"), "call/a.go:3: no package-level variable that changes: mu is a sync.Mutex"},
		{"once", one("call/a.go", "package call\nimport \"sync\"\nvar o = &struct{ sync.Once }{}\n"), "call/a.go:3: no package-level variable that changes: o is a sync.Once"},
		{"atomic", one("call/a.go", "package call\nimport \"sync/atomic\"\nvar n = new(atomic.Int64)\n"), "call/a.go:3: no package-level variable that changes: n is a atomic.Int64"},
		{"channel", one("call/a.go", "package call\nvar c = make(chan int)\n"), "call/a.go:2: no package-level variable that changes: c is a channel"},
		{"long file", one("call/a_test.go", "package call\n"+long), "call/a_test.go: 801 lines; no file is longer"},
		{"long room", wide, "call: 8703 lines without tests"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := goodTree()
			maps.Copy(files, c.add)
			var got []string
			for _, f := range all(loaded(t, files), parsed(t, files["docs/ARCHITECTURE.md"])) {
				got = append(got, f.String())
			}
			want := strings.Split(c.want, "\n")
			if len(got) != len(want) {
				t.Fatalf("found\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
			}
			for i, w := range want {
				if begin, _, _ := strings.Cut(w, "..."); !strings.HasPrefix(got[i], begin) {
					t.Errorf("found %q, want %q", got[i], w)
				}
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"no go.mod":      {},
		"no module line": {"go.mod": {Data: []byte("go 1.26\n")}},
		"broken":         {"go.mod": {Data: []byte("module m\n")}, "a/a.go": {Data: []byte("package {")}},
	} {
		if _, err := Load(files); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// house is the tree this test is part of.
func house(t *testing.T) (*Tree, *Map) {
	t.Helper()
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(root, "go.mod")) {
		parent := filepath.Dir(root)
		if parent == root {
			t.Fatal("no go.mod above this folder")
		}
		root = parent
	}
	tree, err := Load(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(os.DirFS(root), "docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMap(string(text))
	if err != nil {
		t.Fatalf("docs/ARCHITECTURE.md: %v", err)
	}
	return tree, m
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func TestHouseMap(t *testing.T) {
	tree, m := house(t)
	for _, f := range tree.Imports(m) {
		t.Error(f)
	}
}

func TestHouseLaws(t *testing.T) {
	tree, _ := house(t)
	for _, f := range append(tree.Laws(), tree.Variables()...) {
		t.Error(f)
	}
}

func TestHouseSizes(t *testing.T) {
	tree, _ := house(t)
	s := tree.Sizes()
	t.Log(s.Report())
	for _, f := range s.TooLong() {
		t.Error(f)
	}
}
