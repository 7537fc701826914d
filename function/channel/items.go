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
		return call.GroupNumbers(g.Call), true
	case "pickupgroup":
		return call.GroupNumbers(g.Pickup), true
	case "namedcallgroup":
		return strings.Join(g.NamedCall, ","), true
	case "namedpickupgroup":
		return strings.Join(g.NamedPickup, ","), true
	}
	return "", false
}

func groupWriteItem(x *pbx.Exec, item, value string) bool {
	ch := x.Channel()
	g := ch.Groups()
	read := func() uint64 {
		bits, err := call.ParseGroups(value)
		if err != nil {
			x.Warn(err.Error())
		}
		return bits
	}
	switch item {
	case "callgroup":
		g.Call = read()
	case "pickupgroup":
		g.Pickup = read()
	case "namedcallgroup":
		g.NamedCall = call.GroupNames(value)
	case "namedpickupgroup":
		g.NamedPickup = call.GroupNames(value)
	default:
		return false
	}
	ch.SetGroups(g)
	return true
}

// refused are the items that another technology has, or that would promise what is not kept, with why.
func refused(item string) (why string, known bool) {
	switch tech, _, _ := strings.Cut(item, ","); tech {
	case "pjsip", "rtp", "rtcp", "endpoint", "contact", "aor":
		return "it is an item of PJSIP; peername, peerip, uri, from, rtpdest, rtpsource and rtpqos tell of a phone of sip.conf", true
	}
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
