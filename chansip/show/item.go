package show

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
)

// Item is what SIPPEER(peer,item) says of an account, which has that many calls;
// false where there is no such item.
func (a *Account) Item(item string, calls int) (string, bool) {
	if v, ok := a.settingItem(item); ok {
		return v, true
	}
	host, port := "(null)", 0
	if a.At.IsValid() {
		host, port = a.At.Addr().String(), int(a.At.Port())
	}
	switch item {
	case "", "ip":
		return host, true
	case "port":
		return strconv.Itoa(port), true
	case "status":
		return a.Status[0].Text, true
	case "curcalls":
		return strconv.Itoa(calls), true
	case "useragent":
		if len(a.Phones) == 0 {
			return "", true
		}
		return Plain(a.Phones[0].UserAgent), true
	case "expire":
		if len(a.Phones) == 0 {
			return "-1", true
		}
		return strconv.FormatInt(a.Phones[0].Expires.Unix(), 10), true
	}
	return "", false
}

// settingItem are the items that sip.conf says.
func (a *Account) settingItem(item string) (string, bool) {
	p := a.Peer
	switch item {
	case "mailbox":
		return strings.Join(p.Mailboxes, ","), true
	case "context":
		return p.Context, true
	case "dynamic":
		return strings.ToLower(yes(p.Dynamic)), true
	case "callerid_name":
		return p.CallerID.Name, true
	case "callerid_num":
		return p.CallerID.Number, true
	case "codecs":
		return "(" + formats(p.Formats) + ")", true
	case "callgroup":
		return call.GroupNumbers(p.Groups.Call), true
	case "pickupgroup":
		return call.GroupNumbers(p.Groups.Pickup), true
	case "namedcallgroup":
		return strings.Join(p.Groups.NamedCall, ","), true
	case "namedpickupgroup":
		return strings.Join(p.Groups.NamedPickup, ","), true
	case "regexten":
		return p.Exten, true
	case "limit":
		return strconv.Itoa(p.CallLimit), true
	case "busylevel":
		return strconv.Itoa(p.BusyLevel), true
	case "language":
		return p.Language, true
	case "accountcode":
		return p.Account, true
	case "maxforwards":
		return strconv.Itoa(p.MaxForwards), true
	}
	if name, ok := inBrackets(item, "chanvar"); ok {
		for _, v := range p.Vars {
			if v.Name == name {
				return v.Value, true
			}
		}
		return "", true
	}
	if n, ok := inBrackets(item, "codec"); ok {
		if i, err := strconv.Atoi(n); err == nil && i >= 0 && i < len(p.Formats) {
			return p.Formats[i].String(), true
		}
		return "", true
	}
	return "", false
}

// inBrackets is what stands in the brackets of chanvar[x].
func inBrackets(item, name string) (string, bool) {
	rest, ok := strings.CutPrefix(item, name+"[")
	if !ok {
		return "", false
	}
	return strings.TrimSuffix(rest, "]"), true
}

// Quality is what CHANNEL(rtpqos,audio,item) says of a stream; false where there is no
// such item. Nothing is kept of how these numbers were before.
func (c *Call) Quality(item string) (string, bool) {
	s := &c.Stats
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
	switch item {
	case "all":
		return fmt.Sprintf("ssrc=%d;themssrc=%d;lp=%d;rxjitter=%s;rxcount=%d;txjitter=%s;txcount=%d;rlp=%d;rtt=%s",
			int32(s.SSRC), s.RemoteSSRC, max(s.Lost, 0), seconds(s.Jitter), s.PacketsIn, seconds(s.RemoteJitter), s.PacketsOut, max(s.RemoteLost, 0), seconds(s.RTT)), true
	case "local_ssrc":
		return strconv.FormatUint(uint64(s.SSRC), 10), true
	case "remote_ssrc":
		return strconv.FormatUint(uint64(s.RemoteSSRC), 10), true
	case "rxcount":
		return strconv.FormatUint(s.PacketsIn, 10), true
	case "txcount":
		return strconv.FormatUint(s.PacketsOut, 10), true
	case "rxjitter", "local_jitter":
		return seconds(s.Jitter), true
	case "txjitter", "remote_jitter":
		return seconds(s.RemoteJitter), true
	case "rxploss", "local_lostpackets":
		return strconv.FormatInt(max(s.Lost, 0), 10), true
	case "txploss", "remote_lostpackets":
		return strconv.FormatInt(max(s.RemoteLost, 0), 10), true
	case "rtt":
		return seconds(s.RTT), true
	}
	return "", false
}
