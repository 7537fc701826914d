// Package settings reads the files that a server is run by: asterisk.conf, which says where everything is ([Find]), and then all others ([Read]).
package settings

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/netip"
	"path/filepath"
	"slices"

	"obelus/acl"
	"obelus/app/record"
	"obelus/app/sound"
	"obelus/cdr"
	"obelus/cdr/csv"
	"obelus/cdr/pgsql"
	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/dialplan/syntax"
	"obelus/features"
	"obelus/music"
	"obelus/prompt/say"
	"obelus/tones"
	"obelus/voicemail/mailbox"
)

//go:embed builtin/*.conf
var builtin embed.FS

// Files is everything that the files say, read whole before any of it is used.
type Files struct {
	ACLs acl.Named
	SIP  *sipconf.Settings
	Plan *syntax.Plan
	RTP  RTP
	CDR  cdr.Config
	To   Records

	Voicemail *mailbox.Settings
	Features  *features.Config

	Own     Own
	Tones   *tones.Zones
	Say     *say.Rules
	Privacy sound.Privacy
	Music   music.Config

	Listening record.Settings

	users *conf.File      // users.conf, which sip.conf is read with
	there map[string]bool // which of the files are there
}

// loader reads the files of the configuration directory, or the built-in ones.
func (d Dirs) loader() *conf.Loader {
	if d.Config != "" {
		return &conf.Loader{Dir: d.Config, ExecIncludes: d.ExecIncludes}
	}
	return &conf.Loader{
		Dir:      "builtin",
		ReadFile: func(p string) ([]byte, error) { return builtin.ReadFile(filepath.ToSlash(p)) },
		Glob:     func(p string) ([]string, error) { return fs.Glob(builtin, filepath.ToSlash(p)) },
	}
}

// reader takes one file in. f is nil where there is none.
type reader struct {
	name string
	read func(c *Files, f *conf.File) []conf.Diagnostic
}

// readers are the files besides asterisk.conf, in the order they are needed.
// version is what phones are told of us.
func readers(version string) []reader {
	return []reader{
		{"acl.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.ACLs, found = acl.Read(f)
			return found
		}},
		{"users.conf", func(c *Files, f *conf.File) []conf.Diagnostic {
			c.users = f
			return nil
		}},
		{"sip.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.SIP, found = sipconf.ReadAll(f, c.users, c.ACLs, "obelus "+version)
			return found
		}},
		{"extensions.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			if f == nil {
				f = &conf.File{Path: "extensions.conf"}
			}
			c.Plan, found = syntax.Read(f)
			return found
		}},
		{"features.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Features, found = features.Read(f)
			return found
		}},
		{"rtp.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.RTP, found = readRTP(f)
			return found
		}},
		{"cdr.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			var more []conf.Diagnostic
			c.CDR, found = cdr.Read(f)
			c.To.CSV, more = csv.ReadOptions(f)
			return slices.Concat(found, more, otherRecords(f))
		}},
		{"cdr_custom.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.To.Custom, found = csv.ReadMappings(f)
			return found
		}},
		{"cdr_pgsql.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.To.PostgreSQL, found = pgsql.Read(f)
			return found
		}},
		{"voicemail.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Voicemail, found = mailbox.Read(f)
			return found
		}},
		{"indications.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Tones, found = tones.Read(f)
			return found
		}},
		{"say.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Say, found = say.ReadRules(f)
			return found
		}},
		{"privacy.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Privacy, found = sound.ReadPrivacy(f)
			return found
		}},
		{"musiconhold.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Music, found = music.Read(f)
			return found
		}},
		{"dsp.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Listening, found = record.ReadDSP(f)
			return found
		}},
		{"amd.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Listening, found = c.Listening.ReadAMD(f)
			return found
		}},
		{"obelus.conf", func(c *Files, f *conf.File) (found []conf.Diagnostic) {
			c.Own, found = readOwn(f)
			return found
		}},
	}
}

// Names lists the files that are read.
func Names() []string {
	names := []string{"asterisk.conf"}
	for _, r := range readers("") {
		names = append(names, r.name)
	}
	return names
}

// Read reads every file; version is what phones are told of us. A file that is not
// there has the original's defaults; one that is broken is an error, and its
// findings are of value all the same.
func Read(d Dirs, version string) (*Files, []conf.Diagnostic, error) { return read(d, version, nil) }

// Again reads every file of a running server again, or only the named ones: what
// the others say is as in now. A file that was there and is not any more is an
// error, too: it is about to be replaced, or was lost.
func Again(d Dirs, version string, now *Files, names ...string) (*Files, []conf.Diagnostic, error) {
	return read(d, version, now, names...)
}

func read(d Dirs, version string, now *Files, names ...string) (*Files, []conf.Diagnostic, error) {
	l := d.loader()
	c := &Files{there: make(map[string]bool)}
	if now != nil {
		*c = *now
		c.there = maps.Clone(now.there)
	}
	var found []conf.Diagnostic
	var broken []error
	files := make(map[string]*conf.File)
	named := func(name string) bool { return len(names) == 0 || slices.Contains(names, name) }
	wanted := func(r reader) bool { return named(r.name) }
	for _, r := range readers(version) {
		if !wanted(r) {
			continue
		}
		f, more, err := l.Load(r.name)
		found = append(found, more...)
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			broken = append(broken, err)
		case err != nil && c.there[r.name]:
			broken = append(broken, fmt.Errorf("%s: it was there when it was read last and is not any more: put it back, or restart to do without it (%w)", r.name, err))
		}
		files[r.name], c.there[r.name] = f, f != nil
	}
	if len(broken) > 0 {
		return nil, found, errors.Join(broken...)
	}
	for _, r := range readers(version) {
		if wanted(r) {
			found = append(found, r.read(c, files[r.name])...)
		}
	}
	if d.Config == "" && named("sip.conf") { // else it is what the running server works with
		if err := privateOnly(c.SIP); err != nil {
			return nil, found, err
		}
	}
	return c, found, nil
}

// privateOnly has the built-in configuration, whose passwords everybody knows,
// listen on loopback and private addresses alone.
func privateOnly(s *sipconf.Settings) error {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return fmt.Errorf("list the addresses of this machine: %w", err)
	}
	var bind []netip.AddrPort
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		if ip := p.Addr(); ip.Is4() && (ip.IsPrivate() || ip.IsLoopback()) {
			bind = append(bind, netip.AddrPortFrom(ip, 5060))
		}
	}
	if len(bind) == 0 {
		bind = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:5060")}
	}
	s.General.UDPBind, s.General.TCPBind = bind, bind
	return nil
}
