package file

import (
	"context"
	"os"
	"strings"
	"testing"

	"obelus/function/functiontest"
	"obelus/internal/shell"
)

func TestEnv(t *testing.T) {
	t.Setenv("OBELUS_TEST", "before")
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(shell.Output))
	functiontest.Must(t, x, "ENV(OBELUS_TEST)=after")
	functiontest.Cases{{"${ENV(OBELUS_TEST)}|${ENV(OBELUS_NOSUCH)}", "after|", ""}}.Run(t, x, w)
	functiontest.Must(t, x, "ENV(OBELUS_TEST)=")
	if _, set := os.LookupEnv("OBELUS_TEST"); set {
		t.Error("it is still there")
	}
	if x.Assign("ENV(a=b)", "x") == nil {
		t.Error("ENV took a name with =")
	}
}

// TestGuards: what reaches the system is closed to those outside.
func TestGuards(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(shell.Output))
	x = x.PBX().Look(x.Channel())
	for _, read := range []string{"SHELL(echo hi)", "FILE(/dev/null)", "STAT(e,/)", "FILE_COUNT_LINE(/dev/null)", "FILE_FORMAT(/dev/null)"} {
		name, _, _ := strings.Cut(read, "(")
		functiontest.Cases{{"${" + read + "}", "", "Dangerous function " + name + " read blocked"}}.Run(t, x, w)
	}
	for _, write := range []string{"ENV(OBELUS_TEST)", "FILE(/dev/null)"} {
		name, _, _ := strings.Cut(write, "(")
		if err := x.Assign(write, "1"); err == nil || err.Error() != "Dangerous function "+name+" write blocked" {
			t.Errorf("%s: %v", write, err)
		}
	}
	if context.Cause(x.Context()) != nil {
		t.Error("the channel has ended")
	}
}
