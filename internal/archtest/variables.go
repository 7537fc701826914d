package archtest

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// Variables finds package-level variables that change: assigned to,
// their address taken, or of a kind that is only there to change (a mutex, an
// atomic, a channel). Sentinel errors, compiled expressions, embedded files and
// tables that nobody writes to are constants in all but name.
func (t *Tree) Variables() []Finding {
	var found []Finding
	for _, dir := range t.dirs() {
		found = append(found, t.variablesIn(dir)...)
	}
	return found
}

func (t *Tree) variablesIn(dir string) (found []Finding) {
	byPackage := make(map[string][]*File)
	for _, f := range t.Files {
		if f.Dir == dir {
			byPackage[f.Syntax.Name.Name] = append(byPackage[f.Syntax.Name.Name], f)
		}
	}
	for _, files := range byPackage {
		found = append(found, t.changes(files)...)
		for _, f := range files {
			if !f.Test {
				found = append(found, t.changeable(f)...)
			}
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.Where, b.Where) })
	return found
}

// changes finds what writes to a package-level variable, in tests too: a
// variable that tests replace is one that changes.
func (t *Tree) changes(files []*File) []Finding {
	info := resolve(t.fset, files)
	s := &search{tree: t, info: info}
	for _, f := range files {
		s.file = f
		ast.Inspect(f.Syntax, s.visit)
	}
	return s.found
}

// resolve finds out what every name stands for. Other packages are taken
// as empty: for what is asked here their contents don't matter, and what the
// checker complains about is the compiler's business.
func resolve(fset *token.FileSet, files []*File) *types.Info {
	info := &types.Info{
		Uses:       make(map[*ast.Ident]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection),
	}
	conf := types.Config{Importer: emptyPackages{}, Error: func(error) {}}
	var syntax []*ast.File
	for _, f := range files {
		syntax = append(syntax, f.Syntax)
	}
	// The error is the first of those that were passed over above.
	_, _ = conf.Check("p", fset, syntax, info)
	return info
}

type emptyPackages struct{}

func (emptyPackages) Import(p string) (*types.Package, error) {
	pkg := types.NewPackage(p, path.Base(p))
	pkg.MarkComplete()
	return pkg, nil
}

type search struct {
	tree  *Tree
	info  *types.Info
	file  *File
	found []Finding
}

func (s *search) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, to := range n.Lhs {
				s.written(to, "assigned to")
			}
		}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			s.written(n.Key, "assigned to")
			s.written(n.Value, "assigned to")
		}
	case *ast.IncDecStmt:
		s.written(n.X, "assigned to")
	case *ast.SendStmt:
		s.written(n.Chan, "sent to")
	case *ast.UnaryExpr:
		if _, row := n.X.(*ast.IndexExpr); n.Op == token.AND && !row { // a row of a table is pointed at to spare the copy
			s.written(n.X, "its address is taken")
		}
	case *ast.CallExpr:
		s.call(n)
	}
	return true
}

// call looks for the built-in functions that change their argument and for
// methods with a pointer receiver.
func (s *search) call(n *ast.CallExpr) {
	switch fun := n.Fun.(type) {
	case *ast.Ident:
		if b, ok := s.info.Uses[fun].(*types.Builtin); ok && len(n.Args) > 0 && slices.Contains([]string{"delete", "clear", "copy", "close"}, b.Name()) {
			s.written(n.Args[0], b.Name()+" changes it")
		}
	case *ast.SelectorExpr:
		sel, ok := s.info.Selections[fun]
		if !ok {
			return
		}
		method, ok := sel.Obj().(*types.Func)
		if !ok || method.Signature().Recv() == nil {
			return
		}
		_, byPointer := method.Signature().Recv().Type().(*types.Pointer)
		_, isPointer := sel.Recv().Underlying().(*types.Pointer)
		if byPointer && !isPointer {
			s.written(fun.X, "a method with a pointer receiver is called")
		}
	}
}

// written notes a write to the variable at the root of x, if that is one of
// a package.
func (s *search) written(x ast.Expr, how string) {
	root := rootOf(x)
	if root == nil {
		return
	}
	switch obj := s.info.Uses[root].(type) {
	case *types.PkgName:
		_, direct := x.(*ast.SelectorExpr)
		ours := under(obj.Imported().Path(), s.tree.Module)
		if direct && how == "assigned to" && (ours || !s.file.Test) { // a test may set time.Local
			s.add(x, "a variable of package "+obj.Imported().Path(), how)
		}
	case *types.Var:
		if obj.Parent() == nil || obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
			return
		}
		declared := s.tree.fset.Position(obj.Pos()).Filename
		if strings.HasSuffix(declared, "_test.go") {
			return
		}
		s.add(x, obj.Name(), how)
	}
}

func (s *search) add(x ast.Expr, name, how string) {
	s.found = append(s.found, s.tree.at(x.Pos(), "no package-level variable that changes: %s (%s)", name, how))
}

// rootOf returns the x of x, x.f, x[i], *x and (x).
func rootOf(x ast.Expr) *ast.Ident {
	for {
		switch e := x.(type) {
		case *ast.Ident:
			return e
		case *ast.SelectorExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.SliceExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.ParenExpr:
			x = e.X
		default:
			return nil
		}
	}
}

// changeable finds variables declared with a type that exists to change.
func (t *Tree) changeable(f *File) (found []Finding) {
	for _, d := range f.Syntax.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.VAR {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.ValueSpec)
			if what := f.changingKind(spec); what != "" && spec.Names[0].Name != "_" {
				found = append(found, t.at(spec.Pos(), "no package-level variable that changes: %s is a %s", spec.Names[0].Name, what))
			}
		}
	}
	return found
}

// changingKind looks into the type and the value of a declaration, but not
// into functions: what they declare is theirs.
func (f *File) changingKind(spec *ast.ValueSpec) (what string) {
	locks, atomics := f.importName("sync"), f.importName("sync/atomic")
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.FuncType:
			return false
		case *ast.ChanType:
			what = "channel"
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			switch {
			case !ok:
			case x.Name == locks && !strings.HasPrefix(n.Sel.Name, "Once"), x.Name == locks && n.Sel.Name == "Once", x.Name == atomics:
				what = x.Name + "." + n.Sel.Name
			}
		}
		return true
	}
	if spec.Type != nil {
		ast.Inspect(spec.Type, look)
	}
	for _, v := range spec.Values {
		ast.Inspect(v, look)
	}
	return what
}
