package sipconf

import "strings"

// exten is an extension of a context.
type exten struct{ context, name string }

// regExtens notes which extension exists while an account is registered: those of
// regexten=, else its name, in regcontext= or behind an @.
func (s *Settings) regExtens(p *Peer) {
	if s.General.RegContext == "" || p.Type&TypePeer == 0 {
		return
	}
	list := p.Exten
	if list == "" {
		list = p.Name
	}
	for one := range strings.SplitSeq(list, "&") {
		name, context, own := strings.Cut(strings.TrimSpace(one), "@")
		if !own {
			context = s.General.RegContext
		}
		if s.byExten == nil {
			s.byExten = make(map[exten][]*Peer)
		}
		at := exten{context, name}
		s.byExten[at] = append(s.byExten[at], p)
	}
}

// OfExtension are the accounts that have an extension exist while they are registered.
func (s *Settings) OfExtension(context, name string) []*Peer { return s.byExten[exten{context, name}] }
