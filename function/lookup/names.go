package lookup

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// patience is how long an answer is waited for.
const patience = 10 * time.Second

// names are the functions that ask a resolver.
type names struct{ resolver Resolver }

// callerName is TXTCIDNAME(number[,zone-suffix]): the text at the number's name in ENUM's way of writing it (RFC 6116 section 3.2).
func (n names) callerName(x *pbx.Exec, args string) (string, error) {
	number, zone, _ := argument.Two(args)
	if number == "" {
		return "", argument.Complain("TXTCIDNAME requires an argument (number)")
	}
	if zone == "" {
		zone = "e164.arpa"
	}
	var domain strings.Builder
	for i := len(number) - 1; i >= 0; i-- {
		if c := number[i]; c >= '0' && c <= '9' {
			domain.Write([]byte{c, '.'})
		}
	}
	ctx, cancel := context.WithTimeout(x.Context(), patience)
	defer cancel()
	texts, err := n.resolver.LookupTXT(ctx, domain.String()+zone)
	if err != nil || len(texts) == 0 {
		return "", nil // most numbers have none
	}
	return texts[0], nil
}

// answersKey is where the answers of a run are kept, by what was asked.
type answersKey struct{}

func (n names) ask(x *pbx.Exec, service string) []*net.SRV {
	answers, _ := x.Recall(answersKey{}).(map[string][]*net.SRV)
	if answers == nil {
		answers = make(map[string][]*net.SRV)
		x.Remember(answersKey{}, answers)
	}
	ctx, cancel := context.WithTimeout(x.Context(), patience)
	defer cancel()
	_, found, err := n.resolver.LookupSRV(ctx, "", "", service)
	if err != nil {
		x.Warnf("SRVQUERY(%s): %v", service, err)
	}
	answers[service] = found
	return found
}

// query is SRVQUERY(service): its result is what SRVRESULT() is asked with.
func (n names) query(x *pbx.Exec, service string) (string, error) {
	if service == "" {
		return "", argument.Complain("SRVQUERY requires a service as an argument")
	}
	n.ask(x, service)
	return service, nil
}

// result is SRVRESULT(id,resultnum|getnum[,field]).
func (n names) result(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	id, which, field := expand.Arg(a, 0), expand.Arg(a, 1), expand.Arg(a, 2)
	if id == "" || which == "" {
		return "", argument.Complain("SRVRESULT requires two or three arguments (SRV query ID, result number or getnum, field)")
	}
	answers, _ := x.Recall(answersKey{}).(map[string][]*net.SRV)
	all, asked := answers[id]
	if !asked {
		all = n.ask(x, id)
	}
	if strings.EqualFold(which, "getnum") {
		return strconv.Itoa(len(all)), nil
	}
	at, _, ok := argument.Int(which)
	if !ok || at < 1 || at > len(all) {
		return "", argument.Complain("Invalid result number \"%s\"", which)
	}
	r := all[at-1]
	switch strings.ToLower(field) {
	case "", "host":
		return strings.TrimSuffix(r.Target, "."), nil
	case "port":
		return strconv.Itoa(int(r.Port)), nil
	case "priority":
		return strconv.Itoa(int(r.Priority)), nil
	case "weight":
		return strconv.Itoa(int(r.Weight)), nil
	}
	return "", argument.Complain("Unrecognized SRV field '%s'", field)
}
