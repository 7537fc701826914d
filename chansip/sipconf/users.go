package sipconf

import "strings"

// users reads users.conf. What its [general] says holds for every section that does not
// say otherwise.
func (r *configReader) users(f *file) {
	if f == nil {
		return
	}
	general := new(section)
	for _, s := range f.Sections {
		if strings.EqualFold(s.Name, "general") && !s.Template {
			general = s
		}
	}
	says := func(s *section, option string) bool {
		v, ok := s.Get(option)
		if !ok {
			v, _ = general.Get(option)
		}
		return yesNo(v)
	}
	for _, s := range f.Sections {
		if s == general || s.Template || strings.EqualFold(s.Name, "general") {
			continue
		}
		if says(s, "hassip") {
			r.user(s, general)
			if says(s, "hasexten") {
				r.warn(entry{Pos: s.Pos}, "write exten => "+s.Name+",1,Dial(SIP/"+s.Name+") into extensions.conf", "hasexten of '%s' makes no extension", s.Name)
			}
		}
		if says(s, "registersip") {
			r.userRegister(s)
		}
	}
}

// user makes an account of a section of users.conf.
func (r *configReader) user(s, general *section) {
	own := &section{Name: s.Name, Pos: s.Pos}
	for _, list := range [][]entry{general.Entries, s.Entries} {
		for _, e := range list {
			if o := r.option(e); o.account != nil && !strings.EqualFold(e.Key, "type") {
				own.Entries = append(own.Entries, e)
			}
		}
	}
	own.Entries = append(own.Entries, entry{Key: "type", Value: "friend", Pos: s.Pos})
	r.account(own)
}

// userRegister makes a registration of a section of users.conf.
func (r *configReader) userRegister(s *section) {
	get := func(option string) string { v, _ := s.Get(option); return v }
	host, user := get("host"), get("username")
	if host == "" || user == "" || strings.EqualFold(host, "dynamic") {
		r.warn(entry{Pos: s.Pos}, "nothing is registered: it needs host= and username=", "registersip of '%s' can't be carried out", s.Name)
		return
	}
	reg := Register{User: user, Secret: get("secret"), AuthUser: get("authuser"), Exten: get("contact"), Line: s.Pos.String()}
	reg.Host, reg.Port = SplitHostPort(host)
	r.set.Registers = append(r.set.Registers, reg)
}
