package lookup

import (
	"context"
	"errors"
	"net"
	"testing"

	"obelus/function/functiontest"
	"obelus/internal/filetree"
)

// zone is a domain name system of two names.
type zone struct{ asked int }

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	if name == "1.2.3.e164.arpa" || name == "1.2.3.names.example.org" {
		return []string{"Ann, of " + name[6:], "second"}, nil
	}
	return nil, errors.New("no such host")
}

func (z *zone) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	z.asked++
	if name == "_sip._udp.example.org" {
		return name, []*net.SRV{{Target: "a.example.org.", Port: 5060, Priority: 1, Weight: 5}, {Target: "b.example.org.", Port: 5062, Priority: 2}}, nil
	}
	return "", nil, errors.New("no such host")
}

func TestNames(t *testing.T) {
	z := &zone{}
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(z, ""))
	x.Set("s", "_sip._udp.example.org")
	functiontest.Cases{
		{"${TXTCIDNAME(+321)}|${TXTCIDNAME(321,names.example.org)}|${TXTCIDNAME(999)}", "Ann, of e164.arpa|Ann, of names.example.org|", ""},
		{"${TXTCIDNAME()}", "", "TXTCIDNAME requires an argument (number)"},
		{"${SRVQUERY(${s})}|${SRVRESULT(${s},getnum)}|${SRVRESULT(${s},1)}|${SRVRESULT(${s},2,host)}:${SRVRESULT(${s},2,PORT)}", "_sip._udp.example.org|2|a.example.org|b.example.org:5062", ""},
		{"${SRVRESULT(${s},1,priority)}|${SRVRESULT(${s},1,weight)}", "1|5", ""},
		{"${SRVRESULT(${s},3)}", "", `Invalid result number "3"`},
		{"${SRVRESULT(${s},1,x)}", "", "Unrecognized SRV field 'x'"},
		{"${SRVRESULT(_none._udp.x,getnum)}", "0", "SRVQUERY(_none._udp.x): no such host"},
		{"${SRVQUERY()}", "", "SRVQUERY requires a service as an argument"},
		{"${SRVRESULT(x)}", "", "SRVRESULT requires two or three arguments (SRV query ID, result number or getnum, field)"},
	}.Run(t, x, w)
	if z.asked != 2 {
		t.Errorf("asked %d times", z.asked)
	}
}

func TestConfig(t *testing.T) {
	dir := filetree.Write(t, map[string]string{
		"house.conf": "[rooms](!)\nfloor=1\n[hall](rooms)\nname=Hall\nname=Lobby\nname=Foyer\n", "bad.conf": "x=1\n", "auth.conf": "[a]\nsecret=s\n",
	})
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(&zone{}, dir))
	functiontest.Cases{
		{"${AST_CONFIG(house.conf,hall,name)}|${AST_CONFIG(house.conf,hall,name,1)}|${AST_CONFIG(house.conf,hall,name,-1)}|${AST_CONFIG(house.conf,hall,floor)}", "Hall|Lobby|Foyer|1", ""},
		{"${AST_CONFIG(house.conf,hall,name,9)}", "", "'name' at [hall] in 'house.conf' has no value 9"},
		{"${AST_CONFIG(house.conf,hall,name,x)}", "", "Failed to parse index 'x' of AST_CONFIG()"},
		{"${AST_CONFIG(house.conf,hall,none)}", "", "'none' not found at [hall] in 'house.conf'"},
		{"${AST_CONFIG(none.conf,hall,name)}", "", "Config file none.conf was not found"},
		{"${AST_CONFIG(house.conf,hall)}", "", "AST_CONFIG() requires a variable_name"},
	}.Run(t, x, w)
	if got := x.Expand("${AST_CONFIG(bad.conf,a,b)}"); got != "" || len(w.Take()) != 1 {
		t.Errorf("a broken file gives %q", got)
	}
	outside := x.PBX().Look(x.Channel())
	functiontest.Cases{{"${AST_CONFIG(auth.conf,a,secret)}", "", "Dangerous function AST_CONFIG read blocked"}}.Run(t, outside, w)
	x, w = functiontest.New(t, &functiontest.Leg{}, Table(nil, ""))
	functiontest.Cases{{"${AST_CONFIG(house.conf,hall,name)}", "", "Config file house.conf was not found: there is no directory of configuration"}}.Run(t, x, w)
}
