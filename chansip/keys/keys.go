// Package keys is how an INFO carries a key that was pressed, in the two forms that
// phones send.
package keys

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/sipconf"
)

// Relay reads Signal=5 and Duration=250 of an application/dtmf-relay body.
func Relay(body string) (call.Digit, bool) {
	d := call.Digit{Duration: 250 * time.Millisecond}
	for _, line := range strings.FieldsFunc(body, func(c rune) bool { return c == '\r' || c == '\n' }) {
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			key, ok := Short(value)
			if !ok {
				return d, false
			}
			d.Key = key.Key
		case "duration":
			if ms, err := strconv.Atoi(value); err == nil && ms > 0 && ms < 10_000 {
				d.Duration = time.Duration(ms) * time.Millisecond
			}
		}
	}
	return d, d.Key != 0
}

// Short reads a key alone: itself, or its number in RFC 4733 from 10 on.
func Short(s string) (call.Digit, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	d := call.Digit{Duration: 100 * time.Millisecond}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < 16 {
		d.Key = "0123456789*#ABCD"[n]
		return d, true
	}
	if len(s) == 1 && strings.Contains("*#ABCD", s) {
		d.Key = s[0]
		return d, true
	}
	return d, false
}

// Info is a key as an INFO carries it.
func Info(d call.Digit, mode sipconf.DTMFMode) (body []byte, contentType string) {
	if mode == sipconf.DTMFShortInfo {
		return []byte{d.Key}, "application/dtmf"
	}
	ms := d.Duration.Milliseconds()
	if ms <= 0 {
		ms = 250
	}
	return fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", d.Key, ms), "application/dtmf-relay"
}

// PictureUpdate is the body of an INFO that asks for a key frame (RFC 5168).
const PictureUpdate = "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n<media_control>\r\n  <vc_primitive>\r\n    <to_encoder>\r\n" +
	"      <picture_fast_update>\r\n      </picture_fast_update>\r\n    </to_encoder>\r\n  </vc_primitive>\r\n</media_control>\r\n"
