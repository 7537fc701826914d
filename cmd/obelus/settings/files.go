// Package settings reads the files that a server is run by: asterisk.conf, which says where everything is ([Find]), and then all others ([Read]).
package settings

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path/filepath"

	"obelus/acl"
	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/dialplan/syntax"
)

//go:embed builtin/*.conf
var builtin embed.FS

// Files is everything that the files say, read whole before any of it is used.
type Files struct {
	ACLs acl.Named
	SIP  *sipconf.Settings
	Plan *syntax.Plan
	RTP  RTP
	Own  Own
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

// Read reads every file; version is what phones are told of us. A file that is not there has the original's
// defaults; one that is broken is an error, and its findings are of value all the
// same.
func Read(d Dirs, version string) (*Files, []conf.Diagnostic, error) {
	l := d.loader()
	var found []conf.Diagnostic
	var broken []error
	load := func(name string) *conf.File {
		f, more, err := l.Load(name)
		found = append(found, more...)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			broken = append(broken, err)
		}
		return f
	}
	c := &Files{}
	sipFile, plan, rtpFile, own := load("sip.conf"), load("extensions.conf"), load("rtp.conf"), load("obelus.conf")
	lists := load("acl.conf")
	if len(broken) > 0 {
		return nil, found, errors.Join(broken...)
	}
	var more []conf.Diagnostic
	c.ACLs, more = acl.Read(lists)
	found = append(found, more...)
	c.SIP, more = sipconf.ReadSettings(sipFile, c.ACLs, "obelus "+version)
	found = append(found, more...)
	if plan == nil {
		plan = &conf.File{Path: "extensions.conf"}
	}
	c.Plan, more = syntax.Read(plan)
	found = append(found, more...)
	c.RTP, more = readRTP(rtpFile)
	found = append(found, more...)
	c.Own, more = readOwn(own)
	found = append(found, more...)
	if d.Config == "" {
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
