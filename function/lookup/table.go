// Package lookup is the functions that look something up elsewhere: in the domain
// name system (TXTCIDNAME, SRVQUERY, SRVRESULT) and in configuration files
// (AST_CONFIG).
package lookup

import (
	"context"
	"embed"
	"net"

	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Resolver asks the domain name system, as [net.Resolver] does.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// Table returns the functions. r is asked for names, nil is the system's resolver; dir is where .conf files are.
func Table(r Resolver, dir string) []pbx.Function {
	if r == nil {
		r = net.DefaultResolver
	}
	n := names{r}
	return pbx.DescribeFunctions(pages, []pbx.Function{
		{Name: "TXTCIDNAME", Read: n.callerName},
		{Name: "SRVQUERY", Read: n.query},
		{Name: "SRVRESULT", Read: n.result},
		{Name: "AST_CONFIG", GuardRead: true, Read: func(_ *pbx.Exec, args string) (string, error) { return setting(dir, args) }},
	})
}
