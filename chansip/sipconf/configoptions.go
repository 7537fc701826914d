package sipconf

import (
	"errors"
	"maps"
	"strings"

	"obelus/acl"
)

// option is one setting: what it does in [general] and in an account.
type option struct {
	general func(g *General, v string) error
	account func(p *Peer, v string) error
	both    bool   // in [general] it is what accounts begin with
	alone   bool   // it sets nothing of what an account may have in common with others
	later   string // not carried out yet: what happens instead
	fine    func(v string) bool
	gone    string // it has no effect, nor need have: why
}

// wanted says whether a value asks for what is not carried out yet: by default
// one that does not mean no.
func (o option) wanted(v string) bool {
	if o.fine != nil {
		return !o.fine(v)
	}
	return !offValue(v)
}

// offValue says whether a value switches something off, or sets nothing.
func offValue(v string) bool {
	v = strings.TrimSpace(v)
	return v == "" || saysNo(v) || strings.EqualFold(v, "never") || strings.EqualFold(v, "none")
}

// notYet marks an option as not carried out yet, and says what happens instead.
func (o option) notYet(instead string) option {
	o.later = instead
	return o
}

// unless says which values ask for what happens anyway.
func (o option) unless(fine func(v string) bool) option {
	o.fine = fine
	return o
}

// everywhere has an option of accounts stand in [general] too.
func (o option) everywhere() option {
	o.both = true
	return o
}

// ofOne marks an option as setting nothing of what an account may have in common
// with others.
func (o option) ofOne() option {
	o.alone = true
	return o
}

// common says whether an option sets something of what an account may have in common
// with others.
func (o option) common() bool { return o.account != nil && !o.alone }

// inGeneral is an option of [general].
func inGeneral[T any](parse func(string) (T, error), at func(*General) *T) option {
	return option{general: setting(parse, at)}
}

// ofAccount is an option of an account.
func ofAccount[T any](parse func(string) (T, error), at func(*Peer) *T) option {
	return option{account: setting(parse, at)}
}

// ofBoth is an option of accounts that [general] keeps for itself as well.
func ofBoth[T any](parse func(string) (T, error), house func(*General) *T, at func(*Peer) *T) option {
	o := ofAccount(parse, at)
	o.general = func(g *General, v string) error {
		err := setting(parse, at)(&g.Default, v)
		if used(err) {
			*house(g) = *at(&g.Default)
		}
		return err
	}
	return o
}

// ofEach is an option that [general] and an account keep each for itself.
func ofEach[T any](parse func(string) (T, error), house func(*General) *T, at func(*Peer) *T) option {
	return option{general: setting(parse, house), account: setting(parse, at)}
}

// setting sets what a value means. One that can't be read leaves what is there.
func setting[S, T any](parse func(string) (T, error), at func(*S) *T) func(*S, string) error {
	return func(s *S, v string) error {
		x, err := parse(v)
		if used(err) {
			*at(s) = x
		}
		return err
	}
}

// options are the settings of sip.conf by name, in lower case.
func options(lists acl.Named) map[string]option {
	o := generalOptions()
	maps.Copy(o, accountOptions())
	maps.Copy(o, namedOptions(lists))
	maps.Copy(o, laterOptions())
	for old, is := range oldNames() {
		o[old] = o[is]
	}
	return o
}

// oldNames are names of old versions and what they are called now.
func oldNames() map[string]string {
	return map[string]string{
		"username": "defaultuser", "canreinvite": "directmedia", "reinvite": "directmedia", "externip": "externaddr",
		"defaultexpirey": "defaultexpiry", "maxexpirey": "maxexpiry", "minexpirey": "minexpiry", "mwiexpirey": "mwiexpiry",
		"call_limit": "call-limit", "incominglimit": "call-limit", "dtmf": "dtmfmode", "musiconhold": "mohinterpret", "musicclass": "mohinterpret",
		"bindaddr": "udpbindaddr", "limitonpeer": "limitonpeers", "counteronpeer": "limitonpeers", "store_sip_cause": "storesipcause",
	}
}

// foreign says what an unknown name that resembles none of ours is about, "" if
// that is not known.
func foreign(name string) string {
	switch name {
	case "dial", "transfer", "threewaycalling", "record_in", "record_out":
		return "a name of FreePBX or users.conf, which chan_sip does not know either"
	case "rtpstart", "rtpend", "rtpchecksums":
		return "it belongs in rtp.conf"
	case "force_rport", "comedia":
		return "write nat=" + name
	case "udpenable":
		return "UDP is always on"
	case "authuser", "authid", "authname", "defaultname":
		return "defaultuser= is the name that another server knows us by"
	case "password":
		return "write secret="
	case "allow_sip_anon":
		return "write allowguest="
	case "canredirect":
		return "write promiscredir="
	}
	return ""
}

// errElsewhere says that a setting can't be made for one account.
var errElsewhere = errors.New("it counts in [general] only")
