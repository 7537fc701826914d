package channel

import (
	"strconv"
	"strings"

	"obelus/function/argument"
	"obelus/pbx"
)

// machine is what SYSINFO() says of the computer; memory in KiB.
type machine struct {
	load                                   float64 // of the last minute
	hours                                  int64   // since it was started
	total, free, buffers, swap, swapFree   uint64
	processes                              int
	hasLoad, hasHours, hasMemory, hasCount bool
}

// sysInfo is SYSINFO(parameter). What the system does not tell is empty.
func sysInfo(x *pbx.Exec, args string) (string, error) {
	if args == "" {
		return "", argument.Missing("SYSINFO(<parameter>)")
	}
	what := strings.ToLower(args)
	if what == "numcalls" {
		return strconv.Itoa(calls(x)), nil
	}
	m := look()
	number := func(has bool, n uint64) (string, error) {
		if !has {
			return "", nil
		}
		return strconv.FormatUint(n, 10), nil
	}
	switch what {
	case "loadavg":
		if !m.hasLoad {
			return "", nil
		}
		return strconv.FormatFloat(m.load, 'f', 6, 64), nil
	case "uptime":
		return number(m.hasHours, uint64(max(m.hours, 0)))
	case "totalram":
		return number(m.hasMemory, m.total)
	case "freeram":
		return number(m.hasMemory, m.free)
	case "bufferram":
		return number(m.hasMemory, m.buffers)
	case "totalswap":
		return number(m.hasMemory, m.swap)
	case "freeswap":
		return number(m.hasMemory, m.swapFree)
	case "numprocs":
		return number(m.hasCount, uint64(max(m.processes, 0)))
	}
	return "", argument.Complain("Unknown sysinfo parameter type '%s'.", args)
}

// calls counts the calls: channels that belong to one count once.
func calls(x *pbx.Exec) int {
	linked := make(map[string]bool)
	for _, ch := range x.Channel().Registry().All() {
		linked[ch.LinkedID()] = true
	}
	return len(linked)
}
