package main

import (
	"fmt"
	"strconv"
	"strings"

	"obelus/conf"
)

// rtpConf is what rtp.conf says; the defaults are the original's.
type rtpConf struct {
	Start, End int
	Strict     bool
	Probation  int
	Replays    bool // srtpreplayprotection=no: SRTP packets are taken twice
	// DigitTimeout is dtmftimeout: samples of 8,000 a second; 0 for 3000.
	DigitTimeout int
}

// rtpNamed are options of rtp.conf that are known and not carried out.
var rtpNamed = map[string]string{
	"rtpchecksums": "the system's default holds", "rtcpinterval": "5 seconds",
	"icesupport": "ICE comes with browsers", "stunaddr": "the server asks no STUN server", "turnaddr": "TURN is not used",
	"turnusername": "TURN is not used", "turnpassword": "TURN is not used", "rtcp_mux": "sip.conf decides", "dtls_mtu": "DTLS comes with browsers",
	"ice_blacklist": "ICE comes with browsers", "ice_deny": "ICE comes with browsers", "ice_permit": "ICE comes with browsers",
	"stun_blacklist": "the server asks no STUN server", "stun_deny": "the server asks no STUN server",
}

// readRTP reads rtp.conf. f is nil where there is none.
func readRTP(f *conf.File) (rtpConf, []conf.Diagnostic) {
	c := rtpConf{Start: 10000, End: 20000, Strict: true, Probation: 4}
	if f == nil {
		return c, nil
	}
	s := f.Section("general")
	if s == nil {
		return c, nil
	}
	var found []conf.Diagnostic
	say := func(e conf.Entry, sev conf.Severity, hint, format string, args ...any) {
		found = append(found, conf.Diagnostic{Pos: e.Pos, Severity: sev, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	for _, e := range s.Entries {
		key := strings.ToLower(e.Key)
		switch key {
		case "rtpstart", "rtpend", "probation", "dtmftimeout":
			n, err := strconv.Atoi(e.Value)
			if err != nil || n < 1 || n > 65535 {
				say(e, conf.Warning, "the default is kept", "%s: %q is no number from 1 to 65535", e.Key, e.Value)
				continue
			}
			switch key {
			case "rtpstart":
				c.Start = n
			case "rtpend":
				c.End = n
			case "dtmftimeout":
				c.DigitTimeout = n
			default:
				c.Probation = n
			}
		case "srtpreplayprotection":
			c.Replays = conf.False(e.Value)
		case "strictrtp":
			c.Strict = !conf.False(e.Value)
		default:
			rtpOther(e, say)
		}
	}
	if c.End <= c.Start+1 {
		found = append(found, conf.Diagnostic{
			Pos: s.Pos, Severity: conf.Warning, Message: fmt.Sprintf("Unreasonable values for RTP start/end port: %d to %d", c.Start, c.End),
			Hint: "10000 to 20000 are used",
		})
		c.Start, c.End = 10000, 20000
	}
	return c, found
}

func rtpOther(e conf.Entry, say func(conf.Entry, conf.Severity, string, string, ...any)) {
	key := strings.ToLower(e.Key)
	if why, ok := rtpNamed[key]; ok {
		sev := conf.Warning
		if conf.False(e.Value) {
			sev = conf.Note
		}
		say(e, sev, why, "%s is not supported yet", e.Key)
		return
	}
	known := []string{"rtpstart", "rtpend", "strictrtp", "probation", "srtpreplayprotection", "dtmftimeout"}
	for k := range rtpNamed {
		known = append(known, k)
	}
	hint := "it is ignored"
	if near := conf.Nearest(e.Key, known); near != "" {
		hint += "; did you mean " + near + "?"
	}
	say(e, conf.Warning, hint, "unknown option '%s'", e.Key)
}
