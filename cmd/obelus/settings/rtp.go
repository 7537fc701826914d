package settings

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"obelus/conf"
	"obelus/media/rtp"
)

// RTP is what rtp.conf says; the defaults are the original's.
type RTP struct {
	Start, End int
	Strict     bool // strictrtp=yes or seqno
	Probation  int
	Replays    bool // srtpreplayprotection=no: SRTP packets are taken twice
	// DigitTimeout is dtmftimeout: samples of 8,000 a second; 0 for 3000.
	DigitTimeout int
	// Interval is rtcpinterval; 0 for 5 seconds.
	Interval    time.Duration
	NoChecksums bool // rtpchecksums=no
}

// Options are the plane's, as far as rtp.conf has them.
func (c *RTP) Options() rtp.Options {
	return rtp.Options{
		Start: c.Start, End: c.End, Lenient: !c.Strict, Probation: c.Probation, TakeReplays: c.Replays, DigitTimeout: c.DigitTimeout,
		RTCPInterval: c.Interval, NoChecksums: c.NoChecksums,
	}
}

// rtpOption reads one option of rtp.conf.
type rtpOption func(c *RTP, value string) error

// rtpNumber is an option with a number; what is out of range leaves the default.
func rtpNumber(low, high int, set func(c *RTP, n int)) rtpOption {
	return func(c *RTP, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fmt.Errorf("%q is no number from %d to %d", v, low, high)
		}
		set(c, n)
		return nil
	}
}

// rtpOptions are those that are carried out.
func rtpOptions() map[string]rtpOption {
	return map[string]rtpOption{
		"rtpstart":     rtpNumber(1, 65535, func(c *RTP, n int) { c.Start = n }),
		"rtpend":       rtpNumber(1, 65535, func(c *RTP, n int) { c.End = n }),
		"probation":    rtpNumber(1, 65535, func(c *RTP, n int) { c.Probation = n }),
		"dtmftimeout":  rtpNumber(1, 65535, func(c *RTP, n int) { c.DigitTimeout = n }),
		"rtcpinterval": rtpNumber(500, 60000, func(c *RTP, n int) { c.Interval = time.Duration(n) * time.Millisecond }),
		"srtpreplayprotection": func(c *RTP, v string) error {
			c.Replays = conf.False(v)
			return nil
		},
		"rtpchecksums": func(c *RTP, v string) error {
			c.NoChecksums = conf.False(v)
			return nil
		},
		// seqno is what yes is: a source is always learned by its sequence numbers.
		"strictrtp": func(c *RTP, v string) error {
			if !conf.True(v) && !conf.False(v) && !strings.EqualFold(v, "seqno") {
				return fmt.Errorf("%q is none of yes, no, seqno", v)
			}
			c.Strict = !conf.False(v)
			return nil
		},
	}
}

// rtpNamed are options of rtp.conf that are known and not carried out, and what
// happens instead.
func rtpNamed() map[string]string {
	const ice, turn, stun, dtls = "ICE comes with browsers", "TURN is not used", "sip.conf has stunaddr too", "DTLS comes with browsers"
	return map[string]string{
		"icesupport": ice, "ice_blacklist": ice, "ice_deny": ice, "ice_permit": ice, "ice_acl": ice, "stunaddr": stun, "stun_blacklist": stun,
		"stun_deny": stun, "stun_permit": stun, "stun_acl": stun, "stun_software_attribute": stun, "turnaddr": turn, "turnusername": turn,
		"turnpassword": turn, "rtcp_mux": "sip.conf decides", "dtls_mtu": dtls,
	}
}

// readRTP reads rtp.conf. f is nil where there is none.
func readRTP(f *conf.File) (RTP, []conf.Diagnostic) {
	c := RTP{Start: 10000, End: 20000, Strict: true, Probation: 4}
	if f == nil {
		return c, nil
	}
	s := f.Section("general")
	if s == nil {
		return c, nil
	}
	var found []conf.Diagnostic
	say := func(at conf.Pos, sev conf.Severity, hint, format string, args ...any) {
		found = append(found, conf.Diagnostic{Pos: at, Severity: sev, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	options := rtpOptions()
	for _, e := range s.Entries {
		read, ok := options[strings.ToLower(e.Key)]
		if !ok {
			rtpOther(e, options, say)
			continue
		}
		if err := read(&c, e.Value); err != nil {
			say(e.Pos, conf.Warning, "the default is kept", "%s: %v", e.Key, err)
		}
	}
	if c.End <= c.Start+1 {
		say(s.Pos, conf.Warning, "10000 to 20000 are used", "Unreasonable values for RTP start/end port: %d to %d", c.Start, c.End)
		c.Start, c.End = 10000, 20000
	}
	return c, found
}

func rtpOther(e conf.Entry, options map[string]rtpOption, say func(conf.Pos, conf.Severity, string, string, ...any)) {
	named := rtpNamed()
	if why, ok := named[strings.ToLower(e.Key)]; ok {
		sev := conf.Warning
		if conf.False(e.Value) {
			sev = conf.Note
		}
		say(e.Pos, sev, why, "%s is not supported yet", e.Key)
		return
	}
	known := slices.Concat(slices.Sorted(maps.Keys(options)), slices.Sorted(maps.Keys(named)))
	hint := "it is ignored"
	if near := conf.Nearest(e.Key, known); near != "" {
		hint += "; did you mean " + near + "?"
	}
	say(e.Pos, conf.Warning, hint, "unknown option '%s'", e.Key)
}
