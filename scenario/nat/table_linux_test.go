package nat

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// table is what passed, by the kinds of the two NATs.
type table struct {
	title string
	mu    sync.Mutex
	cells map[[2]Kind]string
}

func newTable(title string) *table { return &table{title: title, cells: make(map[[2]Kind]string)} }

// row notes, when the test ends, whether it has passed.
func (tb *table) row(t *testing.T, one, two Kind) {
	t.Cleanup(func() {
		tb.mu.Lock()
		defer tb.mu.Unlock()
		tb.cells[[2]Kind{one, two}] = verdict(t)
	})
}

// print prints the table; what was not played shows as such.
func (tb *table) print() {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	var out strings.Builder
	fmt.Fprintf(&out, "%-30s", tb.title)
	for _, two := range Kinds() {
		fmt.Fprintf(&out, "%-17s", two)
	}
	for _, one := range Kinds() {
		fmt.Fprintf(&out, "\n%-30s", one)
		for _, two := range Kinds() {
			cell := tb.cells[[2]Kind{one, two}]
			if cell == "" {
				cell = "not played"
			}
			fmt.Fprintf(&out, "%-17s", cell)
		}
	}
	fmt.Println(out.String())
}

// verdicts are how the groups ended, by name.
type verdicts struct {
	mu    sync.Mutex
	named map[string]string
}

// note notes, when a group has ended, whether it has passed.
func (v *verdicts) note(name string, t *testing.T) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.named == nil {
		v.named = make(map[string]string)
	}
	v.named[name] = verdict(t)
}

// print prints the verdicts in the order of the groups; those that were not
// played have none.
func (v *verdicts) print(groups []group) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, g := range groups {
		if verdict := v.named[g.name]; verdict != "" {
			fmt.Printf("%-30s%s\n", g.name, verdict)
		}
	}
}

func verdict(t *testing.T) string {
	if t.Failed() {
		return "FAILED"
	}
	return "passed"
}
