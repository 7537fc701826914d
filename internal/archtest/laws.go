package archtest

import (
	"go/ast"
	"path"
	"strings"
)

// Laws checks what can be read off one file at a time: who imports conf, no
// init, no sleep in tests, no global logger.
func (t *Tree) Laws() []Finding {
	var found []Finding
	for _, f := range t.Files {
		found = append(found, t.confReaders(f)...)
		found = append(found, t.inits(f)...)
		found = append(found, t.sleeps(f)...)
		found = append(found, t.globalLoggers(f)...)
	}
	return found
}

// confReaders: only a file named config.go imports conf. The map lets cmd
// and dialplan; tests write configuration to try it.
func (t *Tree) confReaders(f *File) (found []Finding) {
	if f.Test || path.Base(f.Name) == "config.go" || under(f.Dir, "cmd") || under(f.Dir, "dialplan") || under(f.Dir, "conf") {
		return nil
	}
	for _, spec := range f.Syntax.Imports {
		if dir, ours := t.ours(spec); ours && under(dir, "conf") {
			found = append(found, t.at(spec.Pos(), "only a file named config.go imports conf: a room reads its own .conf into its own typed struct"))
		}
	}
	return found
}

func (t *Tree) inits(f *File) (found []Finding) {
	for _, d := range f.Syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			found = append(found, t.at(fn.Pos(), "no init(): importing a room does nothing, cmd wires"))
		}
	}
	return found
}

// sleeps: a test that sleeps is slow or fails by chance, except in a bubble,
// where sleeping costs nothing, and against real phones.
func (t *Tree) sleeps(f *File) (found []Finding) {
	if !f.Test || under(f.Dir, "scenario") || under(f.Dir, "bench") || t.bubbles(f.Dir) {
		return nil
	}
	f.selectors("time", func(sel *ast.SelectorExpr) {
		if sel.Sel.Name == "Sleep" {
			found = append(found, t.at(sel.Pos(), "no time.Sleep in tests outside a testing/synctest bubble"))
		}
	})
	return found
}

// bubbles says whether the tests of a folder run in bubbles: a helper may sleep
// for a test of another file.
func (t *Tree) bubbles(dir string) bool {
	for _, f := range t.Files {
		if f.Test && f.Dir == dir && f.importName("testing/synctest") != "" {
			return true
		}
	}
	return false
}

// globalLoggers: log/slog is handed to each room by argument.
func (t *Tree) globalLoggers(f *File) (found []Finding) {
	if f.Test || under(f.Dir, "cmd") {
		return nil
	}
	report := func(sel *ast.SelectorExpr) {
		found = append(found, t.at(sel.Pos(), "%s.%s is the global logger; rooms are handed a *slog.Logger", sel.X.(*ast.Ident).Name, sel.Sel.Name))
	}
	f.selectors("log/slog", func(sel *ast.SelectorExpr) {
		switch name := strings.TrimSuffix(sel.Sel.Name, "Context"); name {
		case "Debug", "Info", "Warn", "Error", "Log", "LogAttrs", "With", "Default", "SetDefault", "SetLogLoggerLevel":
			report(sel)
		}
	})
	f.selectors("log", func(sel *ast.SelectorExpr) {
		switch name := sel.Sel.Name; {
		case name == "New", name == "Logger", strings.HasPrefix(name, "L"):
		default:
			report(sel)
		}
	})
	return found
}

// selectors visits every name taken from an imported package.
func (f *File) selectors(pkg string, visit func(*ast.SelectorExpr)) {
	local := f.importName(pkg)
	if local == "" {
		return
	}
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
				visit(sel)
			}
		}
		return true
	})
}
