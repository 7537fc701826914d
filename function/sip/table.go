// Package sip is the functions of SIP calls and accounts: SIP_HEADER, SIPPEER and
// their kin.
package sip

import (
	"embed"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Accounts is what is known of the accounts of sip.conf.
type Accounts interface {
	// PeerItem is an item of an account; false where there is no such account, or no such item.
	PeerItem(name, item string) (string, bool)
	// IsDomain says whether sip.conf has a domain for ours.
	IsDomain(name string) bool
}

// Table returns the functions over the accounts, nil where there are none.
func Table(a Accounts) []pbx.Function {
	return pbx.DescribeFunctions(pages, []pbx.Function{
		{Name: "SIP_HEADER", Read: header},
		{Name: "SIP_HEADERS", Read: headers},
		{Name: "SIPCHANINFO", Read: channelInfo},
		{Name: "SIPPEER", Read: func(_ *pbx.Exec, args string) (string, error) { return peer(a, args) }},
		{Name: "CHECKSIPDOMAIN", Read: argument.Plain(func(domain string) string {
			if a == nil || !a.IsDomain(domain) {
				return ""
			}
			return domain
		})},
	})
}

// sipLeg is the leg of a SIP channel.
func sipLeg(x *pbx.Exec) (call.Teller, error) {
	if t, ok := x.Channel().Leg().(call.Teller); ok {
		if tech, _ := t.Tell("channeltype"); tech == "SIP" {
			return t, nil
		}
	}
	return nil, argument.Complain("This function can only be used on SIP channels.")
}

// header is SIP_HEADER(name[,number]).
func header(x *pbx.Exec, args string) (string, error) {
	if strings.Trim(args, argument.Blanks) == "" {
		return "", argument.Complain("This function requires a header name.")
	}
	leg, err := sipLeg(x)
	if err != nil {
		return "", err
	}
	a := expand.Args(args, 2)
	v, _ := leg.Tell("SIP_HEADER:" + strings.Trim(a[0], argument.Blanks) + "," + expand.Arg(a, 1))
	return v, nil
}

// headers is SIP_HEADERS([prefix]).
func headers(x *pbx.Exec, prefix string) (string, error) {
	leg, err := sipLeg(x)
	if err != nil {
		return "", err
	}
	v, _ := leg.Tell("SIP_HEADERS:" + prefix)
	return v, nil
}

// channelInfo is SIPCHANINFO(item), which CHANNEL() has taken the place of.
func channelInfo(x *pbx.Exec, args string) (string, error) {
	if args == "" {
		return "", argument.Complain("This function requires a parameter name.")
	}
	leg, err := sipLeg(x)
	if err != nil {
		return "", err
	}
	switch item := strings.ToLower(args); item {
	case "peerip", "recvip", "from", "uri", "useragent", "peername", "t38passthrough":
		v, _ := leg.Tell(item)
		return v, nil
	}
	return "", argument.Complain("Unrecognized argument '%s' to SIPCHANINFO", args)
}

// peer is SIPPEER(name[,item]). Of an account that there is not nothing is said, without a warning.
func peer(a Accounts, args string) (string, error) {
	name, item, _ := argument.Two(args)
	if name == "" {
		return "", argument.Complain("SIPPEER requires the name of an account: SIPPEER(<peername>[,<item>])")
	}
	if a == nil {
		return "", nil
	}
	word, rest, bracket := strings.Cut(item, "[")
	if word = strings.ToLower(word); bracket {
		word += "[" + rest // the name of a variable is as it is written
	}
	if v, ok := a.PeerItem(name, word); ok {
		return v, nil
	}
	return "", nil
}
