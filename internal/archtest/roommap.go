package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Map is the map of the house: which room may import which.
type Map struct {
	rooms []room
}

// room is one name on the left of an arrow.
type room struct {
	name  string
	floor int      // the line of the block: arrows go down only
	may   []string // rooms it may import
	all   bool     // "*"
}

const (
	fence   = "```"
	opening = fence + "rooms"
)

// ParseMap reads the fenced block "rooms" of a Markdown text. Its lines are
//
//	room, room -> room room
//
// where "*" on the right stands for every room and "(nothing)" for none.
// Arrows go down: a room is imported by rooms above it only.
func ParseMap(markdown string) (*Map, error) {
	m := &Map{}
	inside, found := false, false
	number := 0
	for line := range strings.Lines(markdown) {
		number++
		line = strings.TrimSpace(line)
		switch {
		case !inside && line == opening:
			if found {
				return nil, fmt.Errorf("line %d: a second block of rooms", number)
			}
			inside, found = true, true
		case inside && line == fence:
			inside = false
		case inside && line != "":
			if err := m.add(line, number); err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
		}
	}
	if !found || inside {
		return nil, fmt.Errorf("no block that begins with %q and ends with %q", opening, fence)
	}
	return m, m.check()
}

func (m *Map) add(line string, floor int) error {
	left, right, ok := strings.Cut(line, "->")
	if !ok {
		return fmt.Errorf("no arrow in %q; write: room -> rooms it may import", line)
	}
	may := strings.FieldsFunc(right, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
	r := room{floor: floor, may: may}
	switch {
	case len(may) == 0:
		return fmt.Errorf("nothing on the right of %q; write (nothing)", line)
	case len(may) == 1 && may[0] == "*":
		r.all, r.may = true, nil
	case len(may) == 1 && may[0] == "(nothing)":
		r.may = nil
	}
	for name := range strings.SplitSeq(left, ",") {
		r.name = strings.TrimSpace(name)
		if r.name == "" {
			return fmt.Errorf("a room without a name in %q", line)
		}
		if m.find(r.name) != nil {
			return fmt.Errorf("%s is on the map twice", r.name)
		}
		m.rooms = append(m.rooms, r)
	}
	return nil
}

// check holds the right sides against the left ones.
func (m *Map) check() error {
	for _, r := range m.rooms {
		for _, name := range r.may {
			to := m.find(name)
			if to == nil {
				return fmt.Errorf("line %d: %s may import %s, which is not on the map", r.floor, r.name, name)
			}
			if to.floor <= r.floor {
				return fmt.Errorf("line %d: the arrow from %s to %s does not go down", r.floor, r.name, name)
			}
		}
	}
	return nil
}

func (m *Map) find(name string) *room {
	for i := range m.rooms {
		if m.rooms[i].name == name {
			return &m.rooms[i]
		}
	}
	return nil
}

// roomOf returns the room that a folder belongs to: the longest name on the
// map that it is in. What is not on the map is furniture (internal/...), one
// of the two rooms of tests, or nothing.
func (m *Map) roomOf(dir string) *room {
	var best *room
	for i := range m.rooms {
		r := &m.rooms[i]
		if under(dir, r.name) && (best == nil || len(r.name) > len(best.name)) {
			best = r
		}
	}
	if best != nil {
		return best
	}
	if parts := strings.SplitN(dir, "/", 3); parts[0] == "internal" && len(parts) > 1 {
		return &room{name: "internal/" + parts[1]}
	}
	for _, tests := range [...]string{"scenario", "bench"} {
		if under(dir, tests) {
			return &room{name: tests, all: true}
		}
	}
	return nil
}

// allows says whether a file of one room may import another. Tests may
// also import furniture and every room below theirs.
func (from *room) allows(to *room, test bool) bool {
	switch {
	case from.all, from.name == to.name, slices.Contains(from.may, to.name):
		return true
	case under(from.name, to.name) || under(to.name, from.name):
		return true // a room and the folders in it
	case !test:
		return false
	case under(to.name, "internal"):
		return true
	}
	return from.floor > 0 && to.floor > from.floor
}
