package call

import "sync"

// localUse counts the pairs of Local channels that live, by what was dialled.
type localUse struct {
	mu sync.Mutex
	n  map[string]int
}

// InUse says whether a pair lives that was dialled by that target, exten@context.
func (l *Local) InUse(target string) bool {
	l.used.mu.Lock()
	defer l.used.mu.Unlock()
	return l.used.n[target] > 0
}

// count counts a pair as long as its near half lives.
func (l *Local) count(target string, near *Channel) {
	l.used.add(target, 1)
	l.tellChanged(target)
	near.AtEnd(func() {
		l.used.add(target, -1)
		l.tellChanged(target)
	})
}

func (u *localUse) add(target string, more int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n == nil {
		u.n = make(map[string]int)
	}
	if u.n[target] += more; u.n[target] == 0 {
		delete(u.n, target)
	}
}

func (l *Local) tellChanged(target string) {
	if l.Changed != nil {
		l.Changed(target)
	}
}
