package channel

import (
	"slices"
	"strconv"
	"strings"

	"obelus/call"
	"obelus/function/argument"
	"obelus/pbx"
)

// Some items are kept for the dialplan alone: in variables of the channel that no dialplan can name otherwise.

func itemVariable(item string) string { return "CHANNEL(" + item + ")" }

// keptItems are those, with what they are before.
func keptItems() map[string]string {
	return map[string]string{"userfield": "", "parkinglot": "", "caller_url": "", "transfercapability": "SPEECH", "trace": "0", "max_forwards": "20", "hangupsource": ""}
}

// capabilities are the words for what the bearer of a call can carry (Q.931).
func capabilities() []string {
	return []string{"SPEECH", "DIGITAL", "RESTRICTED_DIGITAL", "3K1AUDIO", "DIGITAL_W_TONES", "VIDEO"}
}

// keptRead reads a kept item.
func keptRead(ch *call.Channel, item string) (string, bool) {
	otherwise, known := keptItems()[item]
	if !known {
		return "", false
	}
	if v, set := ch.Vars.Get(itemVariable(item)); set {
		return v, true
	}
	if item == "hangupsource" && ch.IsGone() {
		return ch.Name(), true
	}
	return otherwise, true
}

// keptWrite writes a kept item.
func keptWrite(x *pbx.Exec, item, value string) error {
	switch item {
	case "transfercapability":
		value = strings.ToUpper(value)
		if !slices.Contains(capabilities(), value) {
			return argument.Complain("Unknown transfer capability '%s': %s are known", value, strings.Join(capabilities(), ", "))
		}
	case "trace":
		if argument.True(value) {
			x.Warn("CHANNEL(trace) changes nothing: steps are told to whoever watches with core set verbose 3")
		}
		value = argument.OneOrZero(argument.True(value))
	case "max_forwards":
		n, _, ok := argument.Int(value)
		if !ok || n < 0 {
			return argument.Complain("Unable to set max forwards to '%s'", value)
		}
		value = strconv.Itoa(n)
	}
	x.Channel().Vars.Set(itemVariable(item), value)
	return nil
}

// groupRead are the items of who may pick up whose calls.
func groupRead(ch *call.Channel, item string) (string, bool) {
	g := ch.Groups()
	switch item {
	case "callgroup":
		return numbers(g.Call), true
	case "pickupgroup":
		return numbers(g.Pickup), true
	case "namedcallgroup":
		return strings.Join(g.NamedCall, ","), true
	case "namedpickupgroup":
		return strings.Join(g.NamedPickup, ","), true
	}
	return "", false
}

// numbers are the numbered groups, 0 to 63.
func numbers(bits uint64) string {
	var all []string
	for n := range 64 {
		if bits&(1<<n) != 0 {
			all = append(all, strconv.Itoa(n))
		}
	}
	return strings.Join(all, ", ")
}

// parseNumbers reads 1,3-5; what is none is left out, with a warning.
func parseNumbers(x *pbx.Exec, text string) (bits uint64) {
	for piece := range strings.SplitSeq(text, ",") {
		piece = strings.Trim(piece, argument.Blanks)
		if piece == "" {
			continue
		}
		first, last, ranged := strings.Cut(piece, "-")
		if !ranged {
			last = first
		}
		from, errFrom := strconv.Atoi(first)
		to, errTo := strconv.Atoi(last)
		if errFrom != nil || errTo != nil || from < 0 || to > 63 || from > to {
			x.Warnf("Syntax error parsing group configuration '%s' at '%s'. Ignoring.", text, piece)
			continue
		}
		for n := from; n <= to; n++ {
			bits |= 1 << n
		}
	}
	return bits
}

func groupWriteItem(x *pbx.Exec, item, value string) bool {
	ch := x.Channel()
	g := ch.Groups()
	names := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	switch item {
	case "callgroup":
		g.Call = parseNumbers(x, value)
	case "pickupgroup":
		g.Pickup = parseNumbers(x, value)
	case "namedcallgroup":
		g.NamedCall = names
	case "namedpickupgroup":
		g.NamedPickup = names
	default:
		return false
	}
	ch.SetGroups(g)
	return true
}

// refused are the items that another technology has, or that would promise what is not kept, with why.
func refused(item string) (why string, known bool) {
	switch item {
	case "secure_bridge_signaling", "secure_bridge_media":
		return "calls are not held to it: encryption=yes of the account is what refuses", true
	case "dtmf_features":
		return "Dial's options say which keys count", true
	case "after_bridge_goto":
		return "Dial's F and g say where a call goes on", true
	case "rxgain", "txgain", "echocan_mode", "buffers", "no_media_path", "reversecharge", "dahdi_channel", "dahdi_span", "dahdi_group", "dahdi_type", "keypad_digits":
		return "it is an item of DAHDI", true
	case "faxdetect", "digitdetect":
		return "faxes and keys are found as the account says", true
	case "rtp_timeout", "rtp_hold_timeout":
		return "rtptimeout= and rtpholdtimeout= of the account say it", true
	}
	return "", false
}
