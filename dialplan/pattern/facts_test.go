package pattern

import (
	"os"
	"strings"
	"testing"
)

// rows reads a table of facts: what Asterisk 20 answered.
func rows(t *testing.T, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if i > 0 {
			cells := strings.Split(line, "\t")
			for j := range cells {
				cells[j] = strings.ReplaceAll(cells[j], `\\`, `\`)
			}
			out = append(out, cells)
		}
	}
	return out
}

// fact is a context of the facts: its set and what it includes.
type fact struct {
	names    []string
	set      Set
	includes []string
}

func parseFact(cell string, newEngine bool) *fact {
	body, includes, _ := strings.Cut(cell, "; include ")
	f := &fact{includes: strings.Fields(includes)}
	for _, name := range strings.Fields(body) {
		exten, cid, has := strings.Cut(name, "/")
		f.set.Add(exten, cid, has)
		f.names = append(f.names, name)
	}
	f.set.Build(newEngine)
	return f
}

func find(all map[string]*fact, context, number, cid string) string {
	f := all[context]
	if i, ok := f.set.Match(number, cid, func(int) bool { return true }); ok {
		return context + ":" + f.names[i]
	}
	for _, inc := range f.includes {
		if got := find(all, inc, number, cid); got != "(no match)" {
			return got
		}
	}
	return "(no match)"
}

func TestPatternFacts(t *testing.T) {
	for engine, column := range map[bool]int{false: 5, true: 6} {
		table := rows(t, "pattern-match.tsv")
		all := make(map[string]*fact)
		for _, r := range table {
			all[r[1]] = parseFact(r[2], engine)
		}
		// A context that is only included has no row of its own: its patterns
		// are written nowhere, and nothing is expected of it.
		for _, f := range all {
			for _, inc := range f.includes {
				if all[inc] == nil {
					all[inc] = parseFact(includedOnly(t, inc), engine)
				}
			}
		}
		for _, r := range table {
			if got := find(all, r[1], r[3], r[4]); got != r[column] {
				t.Errorf("%s: new engine %v: %q with caller %q in %q: got %s, want %s", r[0], engine, r[3], r[4], r[2], got, r[column])
			}
			if exists := find(all, r[1], r[3], r[4]) != "(no match)"; !engine && exists != (r[7] == "1") {
				t.Errorf("%s: exists %v", r[0], exists)
			}
		}
	}
}

// includedOnly gives the contexts that the facts include but list in no row, as
// far as their results tell them.
func includedOnly(t *testing.T, name string) string {
	t.Helper()
	known := map[string]string{"incG": "_1XX", "incH": "", "incI": "300 _X00"}
	body, ok := known[name]
	if !ok {
		t.Fatalf("the facts include an unknown context %s", name)
	}
	return body
}

func TestOverlapFacts(t *testing.T) {
	for _, r := range rows(t, "sip-overlap.tsv") {
		var s Set
		for _, exten := range strings.Fields(r[1]) {
			s.Add(exten, "", false)
		}
		s.Build(false)
		number := r[2]
		if number == "" {
			number = "s" // where nothing is dialled
		}
		got := "404 Not Found"
		if _, ok := s.Match(number, "", func(int) bool { return true }); ok {
			got = "100 Trying -> 403 Forbidden"
		} else if r[3] == "yes" && s.CanMatch(number, "") {
			got = "484 Address Incomplete"
		}
		if got != r[4] {
			t.Errorf("%s: %q dialled in %q with allowoverlap=%s: got %s, want %s", r[0], r[2], r[1], r[3], got, r[4])
		}
	}
}
