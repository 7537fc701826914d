package sipconf

import (
	"slices"
	"strings"
	"sync"
)

// created are the accounts that autocreatepeer=yes has made since the load. As in
// the original the next load forgets them.
type created struct {
	sync.RWMutex
	byName map[string]*Peer // lower case
}

// maxCreated bounds them: nobody has to prove anything to get one.
const maxCreated = 10000

// Create makes an account for somebody who registers; nil where there are too
// many already.
func (s *Settings) Create(name string) *Peer {
	s.created.Lock()
	defer s.created.Unlock()
	key := strings.ToLower(name)
	if p := s.created.byName[key]; p != nil {
		return p
	}
	if len(s.created.byName) >= maxCreated {
		return nil
	}
	p := s.General.Default
	p.Name, p.Type, p.Dynamic, p.Host, p.Line = strings.Clone(name), TypeFriend, true, "dynamic", "autocreatepeer"
	if s.created.byName == nil {
		s.created.byName = make(map[string]*Peer)
	}
	s.created.byName[strings.Clone(key)] = &p
	return &p
}

// made returns an account that was created, nil for none.
func (s *Settings) made(name string) *Peer {
	if !s.General.AutoCreate {
		return nil
	}
	s.created.RLock()
	defer s.created.RUnlock()
	return s.created.byName[strings.ToLower(name)]
}

// All are the accounts of sip.conf and those that were created, by name.
func (s *Settings) All() []*Peer {
	out := slices.Clone(s.Peers)
	s.created.RLock()
	for _, p := range s.created.byName {
		out = append(out, p)
	}
	s.created.RUnlock()
	slices.SortFunc(out, func(a, b *Peer) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out
}
