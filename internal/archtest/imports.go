package archtest

import "slices"

// Imports holds the imports of the tree against the map: an import that is
// not on it, a room that is not on it, a room that is only on it.
func (t *Tree) Imports(m *Map) []Finding {
	var found []Finding
	for _, dir := range t.dirs() {
		if m.roomOf(dir) == nil {
			found = append(found, Finding{dir, "this room is not on the map in docs/ARCHITECTURE.md; add it, and say in the commit why it is needed"})
		}
	}
	for _, r := range m.rooms {
		if !slices.ContainsFunc(t.Files, func(f *File) bool { return under(f.Dir, r.name) }) {
			found = append(found, Finding{r.name, "this room is only on the map in docs/ARCHITECTURE.md; a folder with no file yet does not exist yet"})
		}
	}
	for _, f := range t.Files {
		if from := m.roomOf(f.Dir); from != nil {
			found = append(found, t.importsOf(f, from, m)...)
		}
	}
	return found
}

func (t *Tree) importsOf(f *File, from *room, m *Map) (found []Finding) {
	for _, spec := range f.Syntax.Imports {
		dir, ours := t.ours(spec)
		if !ours {
			continue
		}
		to := m.roomOf(dir)
		if to == nil {
			found = append(found, t.at(spec.Pos(), "%s imports %s, which is not on the map", from.name, dir))
			continue
		}
		if !from.allows(to, f.Test) {
			found = append(found, t.at(spec.Pos(), "%s may not import %s: %s", from.name, to.name, reason(from.name, to.name)))
		}
	}
	return found
}

// reason says why an import is forbidden: the law of the house it breaks.
func reason(from, to string) string {
	is := func(name string, rooms ...string) bool {
		return slices.ContainsFunc(rooms, func(r string) bool { return under(name, r) })
	}
	switch {
	case is(from, "internal"):
		return "internal/* is furniture without a telephone noun and imports no room"
	case is(to, "internal"):
		return "internal/* is for tests unless the map lists it"
	case is(to, "cmd"):
		return "nothing imports cmd, it is the only room that knows every room"
	case is(to, "scenario", "bench"):
		return "tests of the whole house are imported by nobody"
	case is(from, "sip", "iax", "stun", "media"):
		return "a protocol that knows the PBX can't be fuzzed, reused or read alone"
	case is(to, "web", "manager", "console", "cdr"):
		return "nothing but cmd imports those who look; they can be deleted and calls still go through"
	case is(from, "call"):
		return "whatever call imports, everyone imports: no driver, no protocol, no dialplan, no store"
	case is(from, "dialplan"):
		return "extensions.conf can be parsed, printed, matched and evaluated with no telephone in the house; interp is handed exec, get and set"
	case is(from, "chansip", "chaniax") && is(to, "pbx", "app", "function", "dialplan", "chansip", "chaniax"):
		return "drivers never import pbx, app, dialplan or each other; they are handed Incoming func(...) call.Order"
	case is(to, "chansip", "chaniax"):
		return "only cmd knows a driver; Dial goes by call.Dialer, texts by message.Sender"
	}
	return "the map in docs/ARCHITECTURE.md has no such arrow; it may change, in a commit that says why"
}
