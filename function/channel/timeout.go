package channel

import (
	"fmt"
	"time"

	"obelus/function/argument"
	"obelus/pbx"
)

func timeoutFunctions() []pbx.Function {
	return []pbx.Function{{
		Name: "TIMEOUT",
		Read: timeoutRead, Write: timeoutWrite,
	}}
}

func timeoutRead(x *pbx.Exec, args string) (string, error) {
	if args == "" {
		return "", argument.Complain("Must specify type of timeout to get.")
	}
	digit, response := x.Waits()
	switch args[0] {
	case 'a', 'A':
		at := x.Absolute()
		if at.IsZero() {
			return "0", nil
		}
		return seconds(at.Sub(x.Now())), nil
	case 'd', 'D':
		return seconds(digit), nil
	case 'r', 'R':
		return seconds(response), nil
	}
	return "", argument.Complain("Unknown timeout type specified.")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// maxTimeout is ten years: no call lasts longer, and no arithmetic overflows.
const maxTimeout = 10 * 365 * 24 * 3600

func timeoutWrite(x *pbx.Exec, args, value string) error {
	if args == "" {
		return argument.Complain("Must specify type of timeout to set.")
	}
	f, _, ok := argument.Float(value)
	if !ok {
		f = 0
	}
	d := time.Duration(min(max(f, 0), maxTimeout) * float64(time.Second))
	digit, response := x.Waits()
	switch args[0] {
	case 'a', 'A':
		x.SetAbsolute(d)
		if d == 0 {
			x.Verbose(3, "Channel hangup cancelled.")
		} else {
			x.Verbose(3, "Channel will hangup at "+x.Now().Add(d).Format("2006-01-02 15:04:05.000 MST")+".")
		}
	case 'd', 'D':
		x.SetWaits(d, response)
		x.Verbose(3, "Digit timeout set to "+seconds(d))
	case 'r', 'R':
		x.SetWaits(digit, d)
		x.Verbose(3, "Response timeout set to "+seconds(d))
	default:
		return argument.Complain("Unknown timeout type specified.")
	}
	return nil
}
