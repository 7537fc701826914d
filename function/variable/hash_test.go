package variable

import (
	"testing"

	"obelus/function/functiontest"
)

// TestColumns: what CURL() left of names and values goes into a hash.
func TestColumns(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	functiontest.Must(t, x, "HASH(none)=1,2", "~ODBCFIELDS~=name,num", `HASH(p)=Ann\, of sales,100`)
	functiontest.Cases{
		{"${HASH(p,name)}|${HASH(p,num)}|${HASH(p,none)}|${HASHKEYS(p)}|${HASHKEYS(none)}", "Ann, of sales|100||num,name|", ""},
	}.Run(t, x, w)
}
