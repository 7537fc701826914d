package sipconf

import (
	"maps"
	"slices"
	"strings"

	"obelus/conf"
)

// shared is a [Common], and whether there was nothing to say of the lines that it is
// made of: then they need not be read again.
type shared struct {
	*Common
	fine bool
}

// fill reads the lines of a new account. Those that an account has in common with
// others are read once for all accounts that have the same.
func (r *configReader) fill(p *Peer, s *conf.Section) {
	key := r.commonKey(s)
	known, ok := r.common[key]
	if ok && known.fine {
		p.Common = known.Common
		for _, e := range s.Entries {
			if !r.option(e).common() {
				r.accountEntry(p, e)
			}
		}
		return
	}
	p.Common = p.Common.clone()
	if p.Context == "" {
		p.Context = r.set.General.Context
	}
	fine := true
	for _, e := range s.Entries {
		before := r.spoke
		r.accountEntry(p, e)
		fine = fine && (r.spoke == before || !r.option(e).common())
	}
	before := r.spoke
	r.settleTimers(p, s)
	if ok {
		p.Common = known.Common
		return
	}
	r.common[key] = shared{p.Common, fine && r.spoke == before}
}

// option is that of a line; the zero option where there is none of that name.
func (r *configReader) option(e conf.Entry) option { return r.options[strings.ToLower(e.Key)] }

// commonKey is what the lines of an account say that it may have in common with
// others, in their order.
func (r *configReader) commonKey(s *conf.Section) string {
	key := r.key[:0]
	for _, e := range s.Entries {
		if r.option(e).common() {
			key = append(key, e.Key...)
			key = append(key, '=')
			key = append(key, e.Value...)
			key = append(key, '\n')
		}
	}
	r.key = key
	return string(key)
}

// Clone is an account that may be changed without changing others.
func (p *Peer) Clone() Peer {
	own := *p
	own.Common = p.Common.clone()
	return own
}

// clone is a Common to be changed without changing that of others.
func (c *Common) clone() *Common {
	own := *c
	own.Formats, own.Transports = slices.Clone(c.Formats), slices.Clone(c.Transports)
	own.Ptime = maps.Clone(c.Ptime)
	return &own
}
