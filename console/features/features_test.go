package features

import (
	"testing"

	"obelus/features"
)

func TestShow(t *testing.T) {
	c := features.Defaults()
	c.Map["blindxfer"] = "#1"
	want := `Builtin Feature           Default Current
---------------           ------- -------
Pickup                    *8      *8     
Blind Transfer            #       #1     
Attended Transfer         (none)  (none) 
One Touch Monitor         (none)  (none) 
Disconnect Call           *       *      
Park Call                 (none)  (none) 
One Touch MixMonitor      (none)  (none) 

Dynamic Feature           Default Current
---------------           ------- -------
(none)

Feature Groups:
---------------
(none)
`
	if got := Show(c); got != want {
		t.Errorf("%s", got)
	}
	c.Dynamic = map[string]features.Dynamic{"b": {Name: "B", Keys: "#9"}, "a": {Name: "a", Keys: "7"}}
	c.Groups = map[string][]features.Member{"g": {{Name: "a", Keys: "8"}, {Name: "b"}}}
	want = want[:len(want)-len("(none)\n\nFeature Groups:\n---------------\n(none)\n")] + `a                         no def  7      
B                         no def  #9     

Feature Groups:
---------------
===> Group: g
===> --> a (8)
===> --> b ((none))
`
	if got := Show(c); got != want {
		t.Errorf("%s", got)
	}
}
