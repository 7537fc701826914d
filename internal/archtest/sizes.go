package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// The sizes above which a thing is split by meaning.
const (
	longestFile = 800  // lines, tests included
	longestRoom = 4200 // lines of one folder without tests
)

// Size is how many lines something has.
type Size struct {
	Name  string
	Lines int
}

// String returns the size as a line of a list.
func (s Size) String() string { return fmt.Sprintf("%6d  %s", s.Lines, s.Name) }

// Sizes are the sizes of a tree, the greatest first.
type Sizes struct {
	Functions, Files, Rooms []Size // functions and folders without tests
}

// Sizes measures the tree. Files that say they are generated are left out.
func (t *Tree) Sizes() Sizes {
	var s Sizes
	rooms := make(map[string]int)
	for _, f := range t.Files {
		if ast.IsGenerated(f.Syntax) {
			continue
		}
		s.Files = append(s.Files, Size{f.Name, f.Lines})
		if f.Test {
			continue
		}
		s.Functions = append(s.Functions, t.functions(f)...)
		rooms[f.Dir] += f.Lines
	}
	for name, lines := range rooms {
		s.Rooms = append(s.Rooms, Size{name, lines})
	}
	for _, list := range [...][]Size{s.Functions, s.Files, s.Rooms} {
		slices.SortFunc(list, func(a, b Size) int {
			return cmp.Or(cmp.Compare(b.Lines, a.Lines), strings.Compare(a.Name, b.Name))
		})
	}
	return s
}

func (t *Tree) functions(f *File) (all []Size) {
	for _, d := range f.Syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		first, last := t.fset.Position(fn.Pos()).Line, t.fset.Position(fn.End()).Line
		all = append(all, Size{fmt.Sprintf("%s:%d %s", f.Name, first, fn.Name.Name), last - first + 1})
	}
	return all
}

// TooLong finds what is above the limits.
func (s Sizes) TooLong() (found []Finding) {
	for _, f := range s.Files {
		if f.Lines > longestFile {
			found = append(found, Finding{f.Name, fmt.Sprintf("%d lines; no file is longer than %d: split it by meaning", f.Lines, longestFile)})
		}
	}
	for _, r := range s.Rooms {
		if r.Lines > longestRoom {
			found = append(found, Finding{r.Name, fmt.Sprintf("%d lines without tests; no room is longer than %d: split it by meaning", r.Lines, longestRoom)})
		}
	}
	return found
}

// Report writes the ten worst of each kind, and how the functions spread.
func (s Sizes) Report() string {
	var b strings.Builder
	for _, part := range [...]struct {
		title string
		list  []Size
	}{{"functions", s.Functions}, {"files", s.Files}, {"rooms", s.Rooms}} {
		fmt.Fprintf(&b, "\n%d %s", len(part.list), part.title)
		if n := len(part.list); n > 0 {
			fmt.Fprintf(&b, ", median %d lines, 95 %% at most %d", part.list[n/2].Lines, part.list[n/20].Lines)
		}
		for _, one := range part.list[:min(10, len(part.list))] {
			b.WriteString("\n" + one.String())
		}
	}
	return b.String()
}
