package show

import (
	"fmt"
	"io"
	"math"

	"obelus/chansip/sipconf"
)

// Users prints sip show users: the accounts that may call in. Secrets are not shown, as
// the original does.
func Users(w io.Writer, set *sipconf.Settings) {
	const row = "%-25.25s  %-15.15s  %-15.15s  %-15.15s  %-5.5s%-10.10s\n"
	fmt.Fprintf(w, row, "Username", "Secret", "Accountcode", "Def.Context", "ACL", "Forcerport")
	for _, p := range set.All() {
		if p.Type&sipconf.TypeUser == 0 {
			continue
		}
		secret := ""
		if p.Secret != "" || p.MD5Secret != "" {
			secret = "<Set>"
		}
		fmt.Fprintf(w, row, p.Name, secret, p.Account, p.Context, yes(len(p.ACL) > 0), nat(p.NAT.ForceRport, p.NAT.AutoForceRport, false))
	}
}

// Domains prints sip show domains.
func Domains(w io.Writer, g *sipconf.General) {
	const row = "%-40.40s %-20.20s %-16.16s\n"
	if !g.HasDomains() {
		fmt.Fprint(w, "SIP Domain support not enabled.\n\n")
		return
	}
	fmt.Fprintf(w, row, "Our local SIP domains:", "Context", "Set by")
	for _, d := range g.Domains {
		by := "[Configured]"
		if d.Auto {
			by = "[Automatic]"
		}
		fmt.Fprintf(w, row, d.Name, wordOr(d.Context, "(default)"), by)
	}
	fmt.Fprintln(w)
}

// InUse prints sip show inuse: how many calls the accounts have that may have so many at
// most, with all those of every account.
func InUse(w io.Writer, set *sipconf.Settings, all bool, calls func(account string) (inUse, ringing, held int)) {
	const row = "%-25.25s %-15.15s %-15.15s \n"
	fmt.Fprintf(w, row, "* Peer name", "In use", "Limit")
	for _, p := range set.All() {
		limit := "N/A"
		switch {
		case p.CallLimit > 0:
			limit = fmt.Sprint(p.CallLimit)
		case p.CallCounter:
			limit = fmt.Sprint(math.MaxInt32) // as in the original
		case !all:
			continue
		}
		n, ringing, held := calls(p.Name)
		fmt.Fprintf(w, row, p.Name, fmt.Sprintf("%d/%d/%d", n, ringing, held), limit)
	}
}
