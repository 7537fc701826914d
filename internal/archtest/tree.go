// Package archtest holds the house to its plan: which room may import which,
// as docs/ARCHITECTURE.md draws it, and the few laws that can be read off the
// syntax. It needs the sources and the standard library, nothing else, and its
// own test runs it over the tree it is part of.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Tree is the Go source of a module.
type Tree struct {
	Module string
	Files  []*File
	fset   *token.FileSet
}

// File is one Go file of a tree.
type File struct {
	Name   string // with slashes, from the root of the module
	Dir    string // "." for the root
	Test   bool   // _test.go
	Lines  int
	Syntax *ast.File
}

// Finding is one place where a law is broken.
type Finding struct {
	Where string // file:line, or the name of a room
	What  string // what is wrong and the reason of the law
}

// String returns the finding as a compiler would print it.
func (f Finding) String() string { return f.Where + ": " + f.What }

// Load reads the module whose root is fsys. It leaves out what the go
// command leaves out: testdata, vendor and names that begin with "." or "_".
// Files for every operating system are in.
func Load(fsys fs.FS) (*Tree, error) {
	mod, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return nil, fmt.Errorf("read the module name: %w", err)
	}
	t := &Tree{fset: token.NewFileSet()}
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "module" {
			t.Module = strings.Trim(f[1], `"`)
		}
	}
	if t.Module == "" {
		return nil, fmt.Errorf("go.mod: no module line")
	}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && ignored(d):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasPrefix(d.Name(), "_") || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		return t.read(fsys, name)
	})
	return t, err
}

func ignored(d fs.DirEntry) bool {
	n := d.Name()
	return d.IsDir() && (n == "testdata" || n == "vendor" || n[0] == '.' || n[0] == '_')
}

func (t *Tree) read(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	syntax, err := parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	t.Files = append(t.Files, &File{
		Name: name, Dir: path.Dir(name), Test: strings.HasSuffix(name, "_test.go"),
		Lines:  t.fset.File(syntax.Pos()).LineCount(),
		Syntax: syntax,
	})
	return nil
}

// at makes a finding at a place in the source.
func (t *Tree) at(pos token.Pos, format string, args ...any) Finding {
	p := t.fset.Position(pos)
	return Finding{fmt.Sprintf("%s:%d", p.Filename, p.Line), fmt.Sprintf(format, args...)}
}

// dirs returns the folders that hold Go files, sorted.
func (t *Tree) dirs() []string {
	var all []string
	for _, f := range t.Files {
		all = append(all, f.Dir)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ours turns the path of an import into a folder of this module.
func (t *Tree) ours(spec *ast.ImportSpec) (dir string, ok bool) {
	p := importPath(spec)
	if p == t.Module {
		return ".", true
	}
	return strings.CutPrefix(p, t.Module+"/")
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic("archtest: the parser let a broken import through: " + spec.Path.Value)
	}
	return p
}

// importName returns the name a file knows a package of the standard
// library by, "" when it doesn't import it.
func (f *File) importName(p string) string {
	for _, spec := range f.Syntax.Imports {
		switch {
		case importPath(spec) != p:
		case spec.Name != nil:
			return spec.Name.Name
		default:
			return path.Base(p)
		}
	}
	return ""
}

// under says whether a folder is the given one or inside it.
func under(dir, parent string) bool {
	return dir == parent || strings.HasPrefix(dir, parent+"/")
}
