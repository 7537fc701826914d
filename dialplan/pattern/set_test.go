package pattern

import (
	"fmt"
	"strings"
	"testing"
)

func always(int) bool { return true }

func large(n int) *Set {
	var s Set
	for i := range n {
		s.Add(fmt.Sprint(10000+i), "", false)
	}
	s.Add("_X.", "", false)
	s.Add("_NXXXXXX", "", false)
	s.Build(false)
	return &s
}

func TestMatchAllocatesNothing(t *testing.T) {
	s := large(10000)
	for _, number := range []string{"12345", "5551234", "99999999"} {
		if n := testing.AllocsPerRun(100, func() { s.Match(number, "1001", always) }); n != 0 {
			t.Errorf("%s: %v allocations", number, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { s.MatchMore("123", "1001") }); n != 0 {
		t.Errorf("MatchMore: %v allocations", n)
	}
}

func TestRefusedMatchGoesOnToTheNextBest(t *testing.T) {
	var s Set
	pat := s.Add("_5XX", "", false)
	lit := s.Add("500", "", false)
	s.Build(false)
	var asked []int
	i, ok := s.Match("500", "", func(i int) bool {
		asked = append(asked, i)
		return i == pat
	})
	if !ok || i != pat || len(asked) != 2 || asked[0] != lit {
		t.Errorf("got %d %v, asked %v", i, ok, asked)
	}
}

func TestMatchMore(t *testing.T) {
	var s Set
	for _, e := range []string{"1", "12", "_2XX", "_3.", "_4!", "_[5"} {
		s.Add(e, "", false)
	}
	s.Build(false)
	for number, want := range map[string]bool{
		"": true, "1": true, "12": false, "2": true, "29": true, "299": false, "3": true, "39": true,
		"4": false, "5": false, "6": false, "-1": true,
	} {
		if got := s.MatchMore(number, ""); got != want {
			t.Errorf("%q: %v", number, got)
		}
	}
}

func TestBroken(t *testing.T) {
	p, q := Parse("_[1-3"), Parse("_[1-3]")
	if !p.Broken() || q.Broken() {
		t.Error("an open class is broken, a closed one is not")
	}
}

// naive is matching as one would write it first: by trying every way to read
// the pattern's text.
func naive(p, number string) bool {
	for p != "" && p[0] == '-' {
		p = p[1:]
	}
	if p == "" {
		return number == ""
	}
	switch c := p[0]; c {
	case '.':
		return number != ""
	case '!':
		return true
	case 'X', 'x', 'N', 'n', 'Z', 'z':
		lo := map[byte]byte{'X': '0', 'Z': '1', 'N': '2'}[c&^0x20]
		return number != "" && number[0] >= lo && number[0] <= '9' && naive(p[1:], number[1:])
	default:
		return number != "" && number[0] == c && naive(p[1:], number[1:])
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("_NXX", "212", "2")
	f.Add("_[1-3]X.", "15", "")
	f.Add("_[", "[", "x")
	f.Add(`_\[x!`, "[1", "_2.")
	f.Add("100", "1-0-0", "")
	f.Fuzz(func(t *testing.T, exten, number, cid string) {
		for _, engine := range []bool{false, true} {
			var s Set
			s.Add(exten, cid, cid != "")
			s.Add("_X.", "", false)
			s.Build(engine)
			_, ok := s.Match(number, "123", always)
			if more := s.MatchMore(number, "123"); ok && !s.CanMatch(number, "123") || more && !s.CanMatch(number, "123") {
				t.Fatalf("%q %q: what matches can match", exten, number)
			}
		}
		body, isPattern := strings.CutPrefix(exten, "_")
		if !isPattern || body == "" || strings.ContainsAny(body, `[\`) {
			return
		}
		p := Parse(exten)
		if len(p.elements) == 0 {
			return
		}
		if got, want := p.matches(stripDashes(number)), naive(body, stripDashes(number)); got != want {
			t.Fatalf("%q on %q: %v, naive says %v", exten, number, got, want)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	s := large(10000)
	for _, number := range []string{"12345", "5551234"} {
		b.Run(number, func(b *testing.B) {
			for b.Loop() {
				s.Match(number, "1001", always)
			}
		})
	}
}
