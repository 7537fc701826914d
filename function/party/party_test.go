package party

import (
	"strings"
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
)

func TestCallerID(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	functiontest.Must(t, x, `CALLERID(all)="Ann Lee" <100>`, "CALLERID(tag)=t", "CALLERID(ton)=65", "CALLERID(name-charset)=ISO8859-1", "CALLERID(subaddr)=12", "CALLERID(subaddr-type)=user",
		"CALLERID(priv-num)=7", "CALLERID(priv-name)=Secret", "CALLERID(ANI)=900", "CALLERID(ani-name)=Payer", "CALLERID(ani2)=23", "CALLERID(dnid)=911", "CALLERID(dnid-num-plan)=1", "CALLERID(rdnis)=912")
	functiontest.Cases{
		{"${CALLERID(ALL)}|${CALLERID(NUM)}|${CALLERID(number)}|${CALLERID(name)}|${CALLERID(tag)}", `"Ann Lee" <100>|100|100|Ann Lee|t`, ""},
		{"${CALLERID(num-valid)}${CALLERID(name-valid)}|${CALLERID(num-plan)}|${CALLERID(ton)}|${CALLERID(name-charset)}", "11|65|65|iso8859-1", ""},
		{"${CALLERID(subaddr)}|${CALLERID(subaddr-valid)}|${CALLERID(subaddr-type)}|${CALLERID(subaddr-odd)}", "12|1|2|0", ""},
		{"${CALLERID(priv-all)}|${CALLERID(priv-num-valid)}|${CALLERID(priv-num-pres)}", `"Secret" <7>|1|allowed_not_screened`, ""},
		{"${CALLERID(ani)}|${CALLERID(ani-num)}|${CALLERID(ani-all)}|${CALLERID(ani2)}|${CALLERID(ani-num-valid)}", `900|900|"Payer" <900>|23|1`, ""},
		{"${CALLERID(DNID)}|${CALLERID(dnid-num-plan)}|${CALLERID(dnid-subaddr-valid)}|${CALLERID(rdnis)}|${REDIRECTING(from-num)}", "911|1|0|912|912", ""},
		{`${CALLERID(name,"Bob" <200>)}|${CALLERID(num,"Bob" <200>)}|${CALLERID(num-plan,Bob)}`, "Bob|200|0", ""},
		{"${CALLERID(nosuch)}", "", "Unknown callerid data type 'nosuch'."},
		{"${CALLERID()}", "", "Unknown callerid data type ''."},
	}.Run(t, x, w)
	functiontest.Must(t, x, "CALLERPRES()=prohib_passed_screen")
	functiontest.Cases{{"${CALLERPRES()}|${CALLERID(pres)}|${CALLERID(name-pres)}", "prohib_passed_screen|prohib_passed_screen|prohib_passed_screen", ""}}.Run(t, x, w)
	functiontest.Must(t, x, "CALLERID(num-valid)=no", "CALLERID(subaddr-valid)=0", "CALLERID(name-valid)=yes")
	functiontest.Cases{{"${CALLERID(all)}|${CALLERID(num-valid)}|${CALLERID(subaddr)}", `"Ann Lee" <>|0|`, ""}}.Run(t, x, w)
	for bad, want := range map[string]string{
		"CALLERID(num-pres)=loud":      "'loud' is not a valid presentation",
		"CALLERPRES()=loud":            "'loud' is not a valid presentation (see 'show function CALLERPRES')",
		"CALLERID(num-plan)=x":         "'x' is no number for num-plan",
		"CALLERID(ani2)=x":             "Unknown callerid data type 'ani2'.",
		"CALLERID(name-charset)=dingb": "Unknown callerid name-charset 'dingb', value unchanged",
		"CALLERID(nosuch)=1":           "Unknown callerid data type 'nosuch'.",
		"CONNECTEDLINE(source)=moon":   "Unknown connectedline source 'moon', value unchanged",
		"REDIRECTING(reason)=moon":     "Unknown redirecting reason 'moon', value unchanged",
		"REDIRECTING(count)=-1":        "Unknown redirecting count '-1', value unchanged",
		"REDIRECTING(priv-num)=1":      "Unknown redirecting data type ''.",
	} {
		name, value, _ := strings.Cut(bad, "=")
		if err := x.Assign(name, value); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", bad, err, want)
		}
	}
}

func TestOthers(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	functiontest.Must(t, x, "CONNECTEDLINE(all,i)=Desk <3>", "CONNECTEDLINE(source)=Transfer", "CONNECTEDLINE(priv-tag)=p", "CONNECTEDLINE(name-charset)=utf8",
		"REDIRECTING(from-all)=Ann <100>", "REDIRECTING(to-num,i)=200", "REDIRECTING(orig-name)=Boss", "REDIRECTING(priv-orig-num)=5", "REDIRECTING(reason)=CFU", `REDIRECTING(orig-reason)="moved out"`, "REDIRECTING(count)=2")
	functiontest.Cases{
		{"${CONNECTEDLINE(name)}|${CONNECTEDLINE(num)}|${CONNECTEDLINE(source)}|${CONNECTEDLINE(priv-tag)}|${CONNECTEDLINE(priv-name)}", "Desk|3|transfer|p|", ""},
		{"${REDIRECTING(from-name)}|${REDIRECTING(from-num)}|${REDIRECTING(to-num)}|${REDIRECTING(orig-name)}|${REDIRECTING(priv-orig-num)}", "Ann|100|200|Boss|5", ""},
		{"${REDIRECTING(reason)}|${REDIRECTING(orig-reason)}|${REDIRECTING(count)}", `cfu|"moved out"|2`, ""},
		{"${REDIRECTING(nosuch)}", "", "Unknown redirecting data type 'nosuch'."},
	}.Run(t, x, w)
	functiontest.Must(t, x, "REDIRECTING(reason)=2")
	if id := x.Channel().Identity(); id.RedirectReason != "cfnr" || id.RedirectCount != 2 || id.Redirecting != (call.Party{Name: "Ann", Number: "100"}) || id.Connected.Name != "Desk" {
		t.Errorf("the channel knows %+v", id)
	}
	y, w := functiontest.New(t, &functiontest.Leg{}, Table())
	functiontest.Cases{
		{"${REDIRECTING(reason)}|${REDIRECTING(orig-reason)}|${REDIRECTING(count)}|${CONNECTEDLINE(source)}|${CALLERID(ani2)}|${CALLERID(name-charset)}", "unknown|unknown|0|unknown|0|utf8", ""},
		{"${CALLERPRES()}|${CALLERID(num-valid)}|${CALLERID(priv-all)}", `allowed_not_screened|0|"" <>`, ""},
	}.Run(t, y, w)
}
