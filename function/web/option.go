package web

import (
	"strconv"
	"strings"
	"time"

	"obelus/function/argument"
	"obelus/pbx"
)

// kind is what an option holds.
type kind int

const (
	text kind = iota
	number
	seconds
	truth
	list    // each value is added to those before
	proxy   // a kind of proxy
	hash    // yes, no or legacy
	unheard // changes nothing, as there is no ftp here
	pem     // PEM, the only form of certificates and keys that is read
)

// options are the names that CURLOPT() knows.
func options() map[string]kind {
	return map[string]kind{
		"cookie": text, "conntimeout": seconds, "dnstimeout": seconds, "followlocation": truth, "ftptext": unheard, "ftptimeout": unheard, "header": truth,
		"httpheader": list, "httptimeout": seconds, "maxredirs": number, "proxy": text, "proxytype": proxy, "proxyport": number, "proxyuserpwd": text,
		"referer": text, "useragent": text, "userpwd": text, "ssl_verifypeer": truth, "ssl_verifyhost": truth, "ssl_cainfo": text, "ssl_capath": text,
		"ssl_cert": text, "ssl_certtype": pem, "ssl_key": text, "ssl_keytype": pem, "hashcompat": hash, "failurecodes": text,
	}
}

// optionVariable is the variable that holds an option: one that no dialplan can name otherwise. It goes with the channel.
func optionVariable(name string) string { return "CURLOPT(" + name + ")" }

// option is what was set on the channel, or globally.
func option(x *pbx.Exec, name string) (string, bool) {
	if v, ok := x.Channel().Vars.Get(optionVariable(name)); ok {
		return v, true
	}
	return x.PBX().Globals.Get(optionVariable(name))
}

func readOption(x *pbx.Exec, args string) (string, error) {
	name := strings.ToLower(args)
	if _, known := options()[name]; !known {
		return "", argument.Complain("Unrecognized option: %s", args)
	}
	v, _ := option(x, name)
	return v, nil
}

func writeOption(x *pbx.Exec, args, value string) error {
	name := strings.ToLower(args)
	k, known := options()[name]
	if !known {
		return argument.Complain("Unrecognized option: %s", args)
	}
	switch k {
	case seconds, number:
		f, _, ok := argument.Float(value)
		if !ok {
			return argument.Complain("CURLOPT(%s): '%s' is not a number", name, value)
		}
		value = strconv.FormatFloat(f, 'f', -1, 64)
	case truth:
		value = argument.OneOrZero(argument.True(value) || wholeAbove(value))
	case list:
		if before, has := x.Channel().Vars.Get(optionVariable(name)); has && before != "" {
			value = before + "\n" + value
		}
	case proxy:
		return writeProxyType(x, value)
	case hash:
		return writeHash(x, value)
	case unheard:
		x.Warnf("CURLOPT(%s) changes nothing: only http and https are spoken", name)
	case pem:
		if !strings.EqualFold(value, "pem") {
			return argument.Complain("CURLOPT(%s): '%s' is not supported: PEM is", name, value)
		}
	}
	x.Channel().Vars.Set(optionVariable(name), value)
	return nil
}

// wholeAbove says whether a value is a number above 0: 2 is yes for ssl_verifyhost.
func wholeAbove(value string) bool {
	n, _, ok := argument.Int(value)
	return ok && n > 0
}

func writeHash(x *pbx.Exec, value string) error {
	switch {
	case strings.EqualFold(value, "legacy"):
		value = "legacy"
	case argument.True(value):
		value = "yes"
	default:
		value = "no"
	}
	x.Channel().Vars.Set(optionVariable("hashcompat"), value)
	return nil
}

func writeProxyType(x *pbx.Exec, value string) error {
	switch lower := strings.ToLower(value); lower {
	case "http", "socks5", "socks5h":
		x.Channel().Vars.Set(optionVariable("proxytype"), lower)
		return nil
	}
	return argument.Complain("CURLOPT(proxytype): '%s' is not supported: http and socks5 are", value)
}

// settings are the options of one request.
type settings struct{ x *pbx.Exec }

func (s settings) text(name string) string {
	v, _ := option(s.x, name)
	return v
}

func (s settings) is(name string, otherwise bool) bool {
	if v, has := option(s.x, name); has {
		return argument.True(v)
	}
	return otherwise
}

func (s settings) number(name string, otherwise int) int {
	v, _ := option(s.x, name)
	if n, _, ok := argument.Int(v); ok {
		return n
	}
	return otherwise
}

// duration is a number of seconds, otherwise where it is none or 0.
func (s settings) duration(name string, otherwise time.Duration) time.Duration {
	v, _ := option(s.x, name)
	f, _, ok := argument.Float(v)
	const most = 3600
	if !ok || f <= 0 {
		return otherwise
	}
	return time.Duration(min(f, most) * float64(time.Second))
}
