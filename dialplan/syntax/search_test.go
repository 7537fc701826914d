package syntax

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"obelus/conf"
)

func TestFind(t *testing.T) {
	p, _ := read(t, "[a]\nexten => _5XX,1,NoOp(pat1)\nexten => 500,2,NoOp(exact2)\nexten => _5XX,3(l),NoOp(pat3)\ninclude => b\n"+
		"[b]\ninclude => a\nexten => 600,1,NoOp(b)\ninclude => never,*,*,31,feb\n[never]\nexten => 700,1,NoOp(n)\n")
	now := time.Now()
	for at, want := range map[string]string{"500,1": "pat1", "500,2": "exact2", "500,3": "pat3", "500,4": "", "600,1": "b", "700,1": "", "501,2": ""} {
		exten, n, _ := strings.Cut(at, ",")
		got := ""
		if s := p.Find("a", exten, "", int(n[0]-'0'), now); s != nil {
			got = s.Data
		}
		if got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
	if n, ok := p.FindLabel("b", "500", "", "l", now); !ok || n != 3 {
		t.Errorf("label through an include: %d %v", n, ok)
	}
	if !p.MatchMore("b", "5", "", now) || p.CanMatch("b", "9", "", now) {
		t.Error("partial matches walk the includes")
	}
}

// crowd is a context of 10,000 extensions, and one that includes it.
func crowd(t testing.TB) *Plan {
	var b strings.Builder
	b.WriteString("[outer]\ninclude => never,*,*,31,feb\ninclude => a\n[never]\nexten => _X.,1,NoOp\n[a]\nexten => _9X.,1,NoOp\n")
	for i := 10000; i < 20000; i++ {
		fmt.Fprintf(&b, "exten => %d,1,NoOp(x)\n", i)
	}
	p, _ := read(t, b.String())
	return p
}

func TestFindAllocatesNothing(t *testing.T) {
	p, now := crowd(t), time.Now()
	for _, context := range []string{"a", "outer"} {
		for _, exten := range []string{"15000", "9123"} {
			if n := testing.AllocsPerRun(100, func() {
				if p.Find(context, exten, "1001", 1, now) == nil {
					t.Fatal("not found")
				}
			}); n != 0 {
				t.Errorf("%s@%s: %v allocations", exten, context, n)
			}
		}
	}
}

// Contexts that include each other in every way are each looked through once.
func TestIncludesInEveryWay(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "[c%d]\n", i)
		for j := range 100 {
			fmt.Fprintf(&b, "include => c%d\n", j)
		}
	}
	b.WriteString("[c99](+)\nexten => 5,1,NoOp(last)\n")
	p, _ := read(t, b.String())
	if s := p.Find("c0", "5", "", 1, time.Time{}); s == nil || s.Data != "last" || s.Extension.Name != "5" {
		t.Errorf("found %v", s)
	}
	if p.Find("c0", "6", "", 1, time.Time{}) != nil || p.MatchMore("c0", "5", "", time.Time{}) {
		t.Error("found what is not there")
	}
}

func TestFindExtension(t *testing.T) {
	p, _ := read(t, "[a]\ninclude => b\nexten => 1/200,1,NoOp(boss)\nexten => 1,1,NoOp\nexten => 1,n(x),NoOp\nignorepat => 9\nignorepat => _8X\n"+
		"[b]\nexten => _[2-3]X,hint,SIP/x\nexten => _[2-3]X,1,NoOp\n")
	now := time.Now()
	for dialled, want := range map[string]string{"1": "a:1", "1/200": "a:1/200", "25": "b:_[2-3]X", "45": ""} {
		exten, cid, _ := strings.Cut(dialled, "/")
		got := ""
		if e, c := p.FindExtension("a", exten, cid, now); e != nil {
			got = c.Name + ":" + e.Name
			if e.HasCID {
				got += "/" + e.CallerID
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", dialled, got, want)
		}
	}
	if h := p.Hint("a", "25", now); h == nil || h.App != "SIP/x" || p.Hint("a", "1", now) != nil {
		t.Errorf("hint %v", h)
	}
	if _, ok := p.FindLabel("a", "1", "", "", now); ok {
		t.Error("no step has the label of no name")
	}
	if !p.IgnorePattern("a", "9") || !p.IgnorePattern("a", "81") || p.IgnorePattern("a", "7") || p.IgnorePattern("nosuch", "9") {
		t.Error("ignore patterns")
	}
	if e, c := p.FindExtension("nosuch", "1", "", now); e != nil || c != nil {
		t.Error("a context that there is not")
	}
}

func FuzzRead(f *testing.F) {
	for _, r := range facts(f) {
		f.Add("[c]\n" + r[1] + "\n")
	}
	f.Add("[general]\nextenpatternmatchnew=yes\n[a]\nexten => _[1-3]X./_5!,hint,x\ninclude => a,9:00-5:00,fri-mon,*,dec-jan\n")
	f.Fuzz(func(t *testing.T, text string) {
		nothing := &conf.Loader{ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}
		file, _, err := nothing.Parse("extensions.conf", []byte(text))
		if err != nil {
			return
		}
		p, _ := Read(file)
		var b strings.Builder
		if err := Show(&b, p, ""); err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Contexts {
			p.Find(c.Name, "100", "200", 1, time.Unix(0, 0))
			p.MatchMore(c.Name, "1", "", time.Unix(0, 0))
			p.IgnorePattern(c.Name, "9")
		}
	})
}

func BenchmarkFind(b *testing.B) {
	p, now := crowd(b), time.Now()
	for _, context := range []string{"a", "outer"} {
		b.Run(context, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Find(context, "15000", "1001", 1, now)
			}
		})
	}
}
