package pattern

// The new engine, extenpatternmatchnew=yes, walks a tree with one level for each
// character. It differs from the default one in ways that people's files rely
// on, so they are kept:
//
//   - extensions enter the tree last first, and of siblings with equally many
//     characters the one that entered first is tried first: a pattern below a
//     literal in the file may win over it;
//   - the first extension found wins, with its caller-ID match or without;
//   - at the end of the number ! counts only where it is tried first;
//   - nothing may follow . or !;
//   - a dash at the very start of the number counts.

// node is one element of one or more extensions.
type node struct {
	element
	pattern bool // of a pattern, not of a literal
	next    []*node
	entries []int // the extensions that end here, latest first
}

// plant grows the tree.
func (s *Set) plant() *node {
	root := &node{}
	for i := len(s.entries) - 1; i >= 0; i-- {
		p := &s.entries[i].exten
		n := root
		for _, e := range p.trie {
			n = n.child(e, !p.isLit)
		}
		if n != root {
			n.entries = append([]int{i}, n.entries...)
		}
	}
	return root
}

func (n *node) child(e element, pattern bool) *node {
	at := len(n.next)
	for i, c := range n.next {
		if c.element == e && c.pattern == pattern {
			return c
		}
		if at == len(n.next) && rank(&c.element) > rank(&e) {
			at = i
		}
	}
	c := &node{element: e, pattern: pattern}
	n.next = append(n.next[:at:at], append([]*node{c}, n.next[at:]...)...)
	return c
}

// find looks for the first extension below n that takes the number.
func (n *node) find(s *Set, number, callerID string, accept func(int) bool) (int, bool) {
	if number == "" {
		if i, ok := n.take(s, callerID, accept); ok {
			return i, true
		}
		if len(n.next) > 0 && n.next[0].kind == any {
			return n.next[0].take(s, callerID, accept)
		}
		return 0, false
	}
	for _, c := range n.next {
		switch c.kind {
		case never:
			continue
		case more, any:
			if i, ok := c.take(s, callerID, accept); ok {
				return i, true
			}
			continue
		}
		if !c.set.has(number[0]) {
			continue
		}
		if i, ok := c.find(s, number[1:], callerID, accept); ok {
			return i, true
		}
	}
	if number[0] == '-' && n.element != (element{}) {
		return n.find(s, number[1:], callerID, accept)
	}
	return 0, false
}

// take picks from the extensions that end at n: one that matches any caller
// before one that does not, as the original's search meets them.
func (n *node) take(s *Set, callerID string, accept func(int) bool) (int, bool) {
	for _, withCID := range [2]bool{false, true} {
		for _, i := range n.entries {
			e := &s.entries[i]
			choosy := e.hasCID && e.cid.text != ""
			if choosy == withCID && (!choosy || e.takes(callerID)) && accept(i) {
				return i, true
			}
		}
	}
	return 0, false
}
