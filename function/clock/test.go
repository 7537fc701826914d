package clock

import (
	"strconv"
	"strings"
	"time"

	"obelus/function/argument"
	"obelus/pbx"
)

// testTime is Set(TESTTIME()=2025/12/24 18:00:00 [zone]): the time by which GotoIfTime, ExecIfTime and IFTIME decide, on this channel and
// on those that it calls. Nothing makes it the time of the clock again.
func testTime(x *pbx.Exec, _, value string) error {
	if strings.Trim(value, argument.Blanks) == "" {
		x.Channel().Vars.Unset("TESTTIME")
		return nil
	}
	words := strings.Fields(value)
	if len(words) < 2 {
		return argument.Complain("Invalid time '%s': TESTTIME()=<year>/<month>/<day> <hour>:<minute>:<second> [<timezone>]", value)
	}
	where := time.Local
	if len(words) > 2 {
		where = zone(words[2])
	}
	day := strings.NewReplacer("-", "/", ".", "/").Replace(words[0])
	for _, layout := range []string{"2006/1/2 15:4:5", "2006/1/2 15:4"} {
		if t, err := time.ParseInLocation(layout, day+" "+words[1], where); err == nil {
			x.Set("__TESTTIME", strconv.FormatInt(t.Unix(), 10))
			return nil
		}
	}
	return argument.Complain("Invalid time '%s': TESTTIME()=<year>/<month>/<day> <hour>:<minute>:<second> [<timezone>]", value)
}
