package sipconf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Marks are how packets are marked for the network: tos_ and cos_ of sip.conf.
type Marks struct {
	TOS int // the byte of IP_TOS
	COS int // class of service of a VLAN, 0 to 7
}

// markOptions are those of [general].
func markOptions() map[string]option {
	out := make(map[string]option)
	for name, at := range map[string]func(*General) *Marks{
		"sip":   func(g *General) *Marks { return &g.SIPMarks },
		"audio": func(g *General) *Marks { return &g.AudioMarks },
		"video": func(g *General) *Marks { return &g.VideoMarks },
		"text":  func(g *General) *Marks { return &g.TextMarks },
	} {
		out["tos_"+name] = inGeneral(parseTOS, func(g *General) *int { return &at(g).TOS })
		out["cos_"+name] = inGeneral(number(0, 7), func(g *General) *int { return &at(g).COS })
	}
	return out
}

// tosName is a name for a value of the byte.
type tosName struct {
	name string
	tos  int
}

// tosNames are DSCP's, as the original knows them (RFC 2474, 2597, 3246).
func tosNames() []tosName {
	names := []tosName{{"ef", 46 << 2}}
	for class := range 8 {
		names = append(names, tosName{"cs" + strconv.Itoa(class), class << 5})
		for drop := 1; drop <= 3 && class >= 1 && class <= 4; drop++ {
			names = append(names, tosName{fmt.Sprintf("af%d%d", class, drop), class<<5 | drop<<3})
		}
	}
	return names
}

// parseTOS reads a name, or the byte as a number: 184, 0xb8, 0270. The names of RFC
// 1349 are those of old files.
func parseTOS(v string) (int, error) {
	v = strings.ToLower(strings.TrimSpace(v))
	names := append(tosNames(), tosName{"none", 0}, tosName{"mincost", 0x02}, tosName{"reliability", 0x04},
		tosName{"throughput", 0x08}, tosName{"lowdelay", 0x10})
	if i := slices.IndexFunc(names, func(n tosName) bool { return n.name == v }); i >= 0 {
		return names[i].tos, nil
	}
	if n, err := strconv.ParseUint(v, 0, 8); err == nil {
		return int(n), nil
	}
	return 0, fmt.Errorf("it is neither cs0 to cs7, af11 to af43 or ef, nor a number from 0 to 255")
}

// TOSName is the name of a value of the byte, as sip show settings has it.
func TOSName(tos int) string {
	for _, n := range tosNames() {
		if n.tos == tos {
			return strings.ToUpper(n.name)
		}
	}
	return "unknown"
}
