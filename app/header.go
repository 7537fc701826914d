package app

import (
	"context"
	"fmt"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

// addedHeaders is how the variables are called that hold what SIPAddHeader asks for:
// with a number behind it, from 01 on. The driver reads them.
const addedHeaders = "SIPADDHEADER"

// mostHeaders is how many there can be.
const mostHeaders = 50

func sipAddHeader() pbx.Application {
	return pbx.Application{Name: "SIPAddHeader", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		if data == "" {
			x.Warn("This application requires the argument: Header")
			return nil
		}
		header := unescape(data)
		name, _, ok := strings.Cut(header, ":")
		if !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(header, "\r\n\x00") {
			x.Warnf("SIPAddHeader: %q is no header of one line, name: value", header)
			return nil
		}
		for n := 1; n <= mostHeaders; n++ {
			variable := fmt.Sprintf("%s%02d", addedHeaders, n)
			if _, taken := x.Channel().Vars.Get(variable); !taken {
				x.Set("__"+variable, header) // whom the channel dials gets it, through Local channels too
				return nil
			}
		}
		x.Warn("Too many SIP headers added, max 50")
		return nil
	}, Check: func(data string) []string {
		if !strings.Contains(data, ":") && !strings.Contains(data, "${") {
			return []string{"SIPAddHeader wants name: value, and adds nothing"}
		}
		return nil
	}}
}

func sipRemoveHeader() pbx.Application {
	return pbx.Application{Name: "SIPRemoveHeader", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		vars := &x.Channel().Vars
		vars.Each(func(name, value string) bool {
			begins := len(value) >= len(data) && strings.EqualFold(value[:len(data)], data)
			if strings.HasPrefix(name, addedHeaders) && begins {
				vars.Unset(name)
			}
			return true
		})
		return nil
	}}
}

func sipDTMFMode() pbx.Application {
	return pbx.Application{Name: "SIPDtmfMode", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		mode := strings.TrimSpace(data)
		switch strings.ToLower(mode) {
		case "":
			x.Warn("This application requires the argument: info, inband, rfc2833")
			return nil
		case "info", "shortinfo", "inband", "rfc2833", "auto":
		default:
			x.Warnf("I don't know about this dtmf mode: %s", mode)
			return nil
		}
		if err := x.Channel().Leg().Indicate(call.KeyMode{Mode: mode}); err != nil {
			x.Warnf("Call this application only on SIP incoming calls (%v)", err)
		}
		return nil
	}}
}

func sipSendCustomInfo() pbx.Application {
	return pbx.Application{Name: "SIPSendCustomINFO", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		body, agent, _ := strings.Cut(data, ",")
		if body == "" {
			x.Warn("You must provide data to be sent")
			return nil
		}
		info := call.Info{ContentType: "text/plain", Body: []byte(body)}
		if agent != "" {
			if strings.ContainsAny(agent, "\r\n\x00") {
				x.Warn("SIPSendCustomINFO: a User-Agent has one line")
				return nil
			}
			info.Headers = []call.Header{{Name: "User-Agent", Value: agent}}
		}
		if err := x.Channel().Leg().Indicate(info); err != nil {
			x.Warnf("Failed to create payload for custom SIP INFO: %v", err)
		}
		return nil
	}}
}

// unsupported are the applications that send what no phone here takes. They do what
// they do in the original for such a phone: they say so, and go on.
func unsupported(name, variable, missing string) pbx.Application {
	return pbx.Application{Name: name, Run: func(_ context.Context, x *pbx.Exec, data string) error {
		if data == "" {
			x.Warn(missing)
			return pbx.ErrHangup
		}
		x.Set(variable, "UNSUPPORTED")
		return nil
	}}
}

func sendURL() pbx.Application {
	return unsupported("SendURL", "SENDURLSTATUS", "SendURL requires an argument (URL)")
}

func sendImage() pbx.Application {
	return unsupported("SendImage", "SENDIMAGESTATUS", "SendImage requires an argument (filename[|options])")
}

func flash() pbx.Application {
	return pbx.Application{Name: "Flash", Run: func(_ context.Context, x *pbx.Exec, _ string) error {
		x.Warnf("%s is not a DAHDI channel", x.Channel().Name())
		return pbx.ErrHangup
	}, Check: func(string) []string {
		return []string{"Flash is for lines of copper (DAHDI): on any other channel it ends the call, as in the original"}
	}}
}
