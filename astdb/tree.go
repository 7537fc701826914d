package astdb

import (
	"slices"
	"strings"
)

// node is one part of a path: /family/key has the parts family and key, and a key may be below another that has a value of its own.
type node struct {
	below map[string]*node // nil for none
	value string
	set   bool // it has a value
}

// find is the node at a path, which begins with a slash; "" is the root. It allocates nothing.
func (n *node) find(path string) *node {
	for path != "" && n != nil {
		var part string
		part, path = first(path)
		n = n.below[part]
	}
	return n
}

// first cuts the first part off a path that begins with a slash.
func first(path string) (part, rest string) {
	path = path[1:]
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

// put gives a path a value, and says whether it is new.
func (n *node) put(path, value string) (added bool) {
	for path != "" {
		var part string
		part, path = first(path)
		next := n.below[part]
		if next == nil {
			if n.below == nil {
				n.below = make(map[string]*node)
			}
			next = &node{}
			n.below[strings.Clone(part)] = next
		}
		n = next
	}
	added = !n.set
	n.value, n.set = value, true
	return added
}

// remove takes the value at a path away, with all below it if tree is set, and says how many values those were.
func (n *node) remove(path string, tree bool) (removed int) {
	if path != "" {
		part, rest := first(path)
		next := n.below[part]
		if next == nil {
			return 0
		}
		removed = next.remove(rest, tree)
		if !next.set && len(next.below) == 0 {
			delete(n.below, part)
		}
		return removed
	}
	if n.set {
		removed = 1
	}
	n.value, n.set = "", false
	if tree {
		for _, b := range n.below {
			removed += b.remove("", true)
		}
		n.below = nil
	}
	return removed
}

// names are the parts that follow a path, in order.
func (n *node) names() []string {
	if n == nil {
		return nil
	}
	all := make([]string, 0, len(n.below))
	for name := range n.below {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// each appends every key at a path and below it.
func (n *node) each(path string, all []Entry) []Entry {
	if n == nil {
		return all
	}
	if n.set {
		all = append(all, Entry{path, n.value})
	}
	for name, b := range n.below {
		all = b.each(path+"/"+name, all)
	}
	return all
}
