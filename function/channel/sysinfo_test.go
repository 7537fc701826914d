package channel

import (
	"runtime"
	"testing"

	"obelus/function/argument"
	"obelus/function/functiontest"
)

func TestSysInfo(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	functiontest.Cases{
		{"${SYSINFO(numcalls)}", "1", ""},
		{"${SYSINFO()}", "", "Syntax: SYSINFO(<parameter>) - missing argument!"},
		{"${SYSINFO(nosuch)}", "", "Unknown sysinfo parameter type 'nosuch'."},
	}.Run(t, x, w)
	for _, what := range []string{"loadavg", "uptime", "totalram", "freeram", "bufferram", "totalswap", "freeswap", "NumProcs"} {
		f, _, ok := argument.Float(x.Expand("${SYSINFO(" + what + ")}"))
		if ok != (runtime.GOOS == "linux") || f < 0 || ok && f == 0 && (what == "totalram" || what == "NumProcs") {
			t.Errorf("%s is %v, %v", what, f, ok)
		}
	}
}
