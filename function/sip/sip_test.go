package sip

import (
	"testing"

	"obelus/function/functiontest"
)

// book is one account.
type book map[string]string

func (b book) PeerItem(name, item string) (string, bool) {
	v, ok := b[item]
	return v, ok && name == "1001"
}

func (b book) IsDomain(name string) bool { return name == "example.org" }

func TestSIP(t *testing.T) {
	leg := &functiontest.Leg{Items: map[string]string{
		"channeltype": "SIP", "SIP_HEADER:X-Desk,": "3", "SIP_HEADER:Via,2": "second", "SIP_HEADERS:X-": "X-Desk", "SIP_HEADERS:": "Via,X-Desk",
		"peername": "1001", "t38passthrough": "0",
	}}
	x, w := functiontest.New(t, leg, Table(book{"": "10.0.0.1", "ip": "10.0.0.1", "status": "OK (3 ms)", "chanvar[Floor]": "2"}))
	functiontest.Cases{
		{"${SIP_HEADER(X-Desk)}|${SIP_HEADER( X-Desk )}|${SIP_HEADER(Via,2)}|${SIP_HEADER(X-None)}", "3|3|second|", ""},
		{"${SIP_HEADERS(X-)}|${SIP_HEADERS()}", "X-Desk|Via,X-Desk", ""},
		{"${SIP_HEADER()}", "", "This function requires a header name."},
		{"${SIPCHANINFO(PeerName)}|${SIPCHANINFO(t38passthrough)}", "1001|0", ""},
		{"${SIPCHANINFO()}", "", "This function requires a parameter name."},
		{"${SIPCHANINFO(callid)}", "", "Unrecognized argument 'callid' to SIPCHANINFO"},
		{"${SIPPEER(1001)}|${SIPPEER(1001,IP)}|${SIPPEER(1001,status)}|${SIPPEER(1001,CHANVAR[Floor])}|${SIPPEER(nosuch,ip)}|${SIPPEER(1001,nosuch)}", "10.0.0.1|10.0.0.1|OK (3 ms)|2||", ""},
		{"${SIPPEER()}", "", "SIPPEER requires the name of an account: SIPPEER(<peername>[,<item>])"},
		{"${CHECKSIPDOMAIN(example.org)}|${CHECKSIPDOMAIN(example.net)}", "example.org|", ""},
	}.Run(t, x, w)

	const other = "This function can only be used on SIP channels."
	x, w = functiontest.New(t, &functiontest.Leg{}, Table(nil))
	functiontest.Cases{
		{"${SIP_HEADER(X)}", "", other}, {"${SIP_HEADERS(X)}", "", other}, {"${SIPCHANINFO(uri)}", "", other},
		{"${SIPPEER(1001)}|${CHECKSIPDOMAIN(example.org)}", "|", ""},
	}.Run(t, x, w)
}
