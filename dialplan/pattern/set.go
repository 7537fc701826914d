package pattern

import (
	"slices"
	"sort"
	"strings"
)

// Set is the extensions of one context. It is filled with [Set.Add], closed
// with [Set.Build], and may then be read by any number of channels at once.
type Set struct {
	entries  []entry
	order    []int          // indices as the default engine tries them
	literals map[string]run // where the entries of a literal stand in order
	sorted   []string       // the literals, sorted
	patterns []int          // the tail of order: what is no literal
	root     *node          // the new engine's, nil for the default
}

type entry struct {
	exten  Pattern
	cid    Pattern
	hasCID bool
}

type run struct{ from, to int }

// Add adds an extension and returns its index: how the set names it from now
// on. cid is the caller-ID match behind a slash; with hasCID and an empty cid it
// matches a caller without a number.
func (s *Set) Add(exten, cid string, hasCID bool) int {
	s.entries = append(s.entries, entry{Parse(exten), Parse(cid), hasCID})
	return len(s.entries) - 1
}

// Len is how many extensions there are.
func (s *Set) Len() int { return len(s.entries) }

// Exten is the extension of that index.
func (s *Set) Exten(i int) *Pattern { return &s.entries[i].exten }

// Build makes the set ready. newEngine chooses how matches are looked for:
// extenpatternmatchnew of extensions.conf.
func (s *Set) Build(newEngine bool) {
	s.order = make([]int, len(s.entries))
	for i := range s.order {
		s.order[i] = i
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return s.entries[a].compare(&s.entries[b]) })
	s.literals = make(map[string]run)
	s.sorted = s.sorted[:0]
	n := 0
	for ; n < len(s.order) && s.entries[s.order[n]].exten.isLit; n++ {
		lit := s.entries[s.order[n]].exten.literal
		r, ok := s.literals[lit]
		if !ok {
			r.from = n
			s.sorted = append(s.sorted, lit)
		}
		r.to = n + 1
		s.literals[lit] = r
	}
	s.patterns = s.order[n:]
	s.root = nil
	if newEngine {
		s.root = s.plant()
	}
}

// compare puts an extension with a caller-ID match before the same one without.
func (e *entry) compare(o *entry) int {
	if d := e.exten.compare(&o.exten); d != 0 {
		return d
	}
	switch {
	case e.hasCID && o.hasCID:
		return e.cid.compare(&o.cid)
	case e.hasCID:
		return -1
	case o.hasCID:
		return 1
	}
	return 0
}

func (e *entry) takes(callerID string) bool {
	return !e.hasCID || e.cid.matches(callerID)
}

// Ordered returns the indices in the order that the default engine tries them,
// which is the order of `dialplan show`.
func (s *Set) Ordered() []int { return s.order }

// Match finds the best extension for a number and a caller. accept is asked for
// each that matches, best first, and may refuse one that lacks the priority
// wanted: the original looks for every priority anew. It returns the index.
func (s *Set) Match(number, callerID string, accept func(i int) bool) (int, bool) {
	callerID = stripDashes(callerID)
	if s.root != nil {
		return s.root.find(s, number, callerID, accept)
	}
	number = stripDashes(number)
	if r, ok := s.literals[number]; ok {
		for _, i := range s.order[r.from:r.to] {
			if s.entries[i].takes(callerID) && accept(i) {
				return i, true
			}
		}
	}
	for _, i := range s.patterns {
		e := &s.entries[i]
		if e.exten.matches(number) && e.takes(callerID) && accept(i) {
			return i, true
		}
	}
	return 0, false
}

// MatchMore says whether the number with more digits could match.
func (s *Set) MatchMore(number, callerID string) bool {
	number, callerID = stripDashes(number), stripDashes(callerID)
	for i := sort.SearchStrings(s.sorted, number); i < len(s.sorted); i++ {
		lit := s.sorted[i]
		if !strings.HasPrefix(lit, number) {
			break
		}
		if len(lit) > len(number) && s.anyTakes(s.literals[lit], callerID) {
			return true
		}
	}
	for _, i := range s.patterns {
		if e := &s.entries[i]; e.exten.extends(number) && e.takes(callerID) {
			return true
		}
	}
	return false
}

func (s *Set) anyTakes(r run, callerID string) bool {
	for _, i := range s.order[r.from:r.to] {
		if s.entries[i].takes(callerID) {
			return true
		}
	}
	return false
}

// CanMatch says whether the number matches, as it is or with more digits.
func (s *Set) CanMatch(number, callerID string) bool {
	if _, ok := s.Match(number, callerID, func(int) bool { return true }); ok {
		return true
	}
	return s.MatchMore(number, callerID)
}
