package sipconf

import (
	"maps"
	"slices"
)

// shared is a [Common], and whether there was nothing to say of the lines that it is
// made of: then they need not be read again.
type shared struct {
	*Common
	fine bool
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

// settleLists joins an account's own networks, those of [general] and the lists
// that it names: an address must pass them all.
func (r *configReader) settleLists(p *Common) {
	p.ACL = p.ACL.And(p.named.acl)
	p.ContactACL = r.contacts.And(p.ContactACL).And(p.named.contact)
	p.DirectACL = p.DirectACL.And(p.named.direct)
	p.named = namedLists{}
}
