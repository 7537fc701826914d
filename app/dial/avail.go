package dial

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
)

// The numbers of device states that matter here.
const (
	stateUnknown     = 0
	stateNotInUse    = 1
	stateInUse       = 2
	stateInvalid     = 4
	stateUnavailable = 5
)

func chanIsAvail(d *Deps) pbx.Application {
	return pbx.Application{Name: "ChanIsAvail", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		args := expand.Args(data, 2)
		if expand.Arg(args, 0) == "" {
			x.Warn("ChanIsAvail requires an argument (DAHDI/1&DAHDI/2)")
			return pbx.ErrHangup
		}
		options := expand.Arg(args, 1)
		var available, original, states, causes []string
		for _, name := range splitDestinations(args[0]) {
			tech, _, ok := strings.Cut(name, "/")
			if !ok {
				x.Warnf("ChanIsAvail channel takes input in format tech/resource: '%s'", name)
				return pbx.ErrHangup
			}
			state := stateUnknown
			switch {
			case strings.Contains(options, "s"):
				state = d.state(name)
			case strings.Contains(options, "t"):
				state = inUse(x.Channel().Registry(), name)
			}
			states = append(states, strconv.Itoa(state))
			cause := d.reachable(name, tech)
			causes = append(causes, strconv.Itoa(int(cause)))
			if state > stateNotInUse || cause != call.CauseNone {
				continue
			}
			available, original = append(available, name+"-00000000"), append(original, name)
			if !strings.Contains(options, "a") {
				break
			}
		}
		x.Set("AVAILCHAN", strings.Join(available, "&"))
		x.Set("AVAILORIGCHAN", strings.Join(original, "&"))
		x.Set("AVAILSTATUS", strings.Join(states, "&"))
		x.Set("AVAILCAUSECODE", strings.Join(causes, "&"))
		return nil
	}}
}

// state is the state of a device as a number.
func (d *Deps) state(device string) int {
	if d.State == nil {
		return stateUnknown
	}
	return d.State(device)
}

// reachable says why a device could not be called, CauseNone where it could.
func (d *Deps) reachable(name, tech string) call.Cause {
	if d.Dialers.Driver(tech) == nil {
		return call.CauseNotImplemented
	}
	switch d.state(name) {
	case stateUnavailable:
		return call.CauseSubscriberAbsent
	case stateInvalid:
		if strings.Contains(name, "@") { // somebody at a host, or at a trunk
			return call.CauseNone
		}
		return call.CauseNoRoute
	}
	return call.CauseNone
}

// inUse is the state of a device by the channels that there are.
func inUse(r *call.Registry, device string) int {
	for _, c := range r.All() {
		if base, _, ok := cutLast(c.Name(), "-"); ok && strings.EqualFold(base, device) {
			return stateInUse
		}
	}
	return stateUnknown
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func softHangup() pbx.Application {
	return pbx.Application{Name: "SoftHangup", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		args := expand.Args(data, 2)
		name := expand.Arg(args, 0)
		if name == "" {
			x.Warn("SoftHangup requires an argument (Technology/resource)")
			return nil
		}
		all := strings.Contains(expand.Arg(args, 1), "a")
		for _, c := range x.Channel().Registry().All() {
			own := c.Name()
			if all {
				own, _, _ = cutLast(own, "-")
			}
			if !strings.EqualFold(own, name) {
				continue
			}
			x.Warnf("Soft hanging %s up.", c.Name())
			c.Hangup(call.CauseNormalClearing)
			if !all {
				break
			}
		}
		return nil
	}}
}

func channelRedirect() pbx.Application {
	return pbx.Application{Name: "ChannelRedirect", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		name, target, ok := strings.Cut(data, ",")
		if name = strings.TrimSpace(name); !ok || name == "" {
			x.Warn("ChannelRedirect requires an argument (channel,[[context,]exten,]priority)")
			return pbx.ErrHangup
		}
		ch := channelNamed(x.Channel().Registry(), name)
		if ch == nil {
			x.Warnf("No such channel: %s", name)
			x.Set("CHANNELREDIRECT_STATUS", "NOCHANNEL")
			return nil
		}
		to, err := x.Target(target)
		if err == nil {
			err = ch.Do(x.PBX().Run(to.Context, to.Exten, to.Priority))
		}
		if err != nil {
			x.Warnf("%s not redirected: %v", name, err)
			return nil
		}
		x.Set("CHANNELREDIRECT_STATUS", "SUCCESS")
		return nil
	}}
}

// channelNamed finds a channel by its name, by its unique id, or by the beginning of its name, as the original's ast_channel_get_by_name_prefix.
func channelNamed(r *call.Registry, name string) *call.Channel {
	if c := r.Find(name); c != nil {
		return c
	}
	for _, c := range r.All() {
		if len(c.Name()) > len(name) && strings.EqualFold(c.Name()[:len(name)], name) {
			return c
		}
	}
	return nil
}

func transfer() pbx.Application {
	return pbx.Application{Name: "Transfer", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		set := func(status string, code int) error {
			x.Set("TRANSFERSTATUS", status)
			x.Set("TRANSFERSTATUSPROTOCOL", strconv.Itoa(code))
			return nil
		}
		to := strings.TrimSpace(data)
		if to == "" {
			x.Warn("Transfer requires an argument ([Tech/]destination)")
			return set("FAILURE", 0)
		}
		ch := x.Channel()
		if tech, dest, ok := strings.Cut(to, "/"); ok {
			own, _, _ := strings.Cut(ch.Name(), "/")
			if !strings.EqualFold(tech, own) {
				x.Warn(fmt.Sprintf("Transfer: %s can't be transferred to %s", ch.Name(), to))
				return set("FAILURE", 0)
			}
			to = dest
		}
		t, ok := ch.Leg().(call.Transferer)
		if !ok {
			return set("UNSUPPORTED", 0)
		}
		code, err := t.Transfer(ctx, to)
		if ctx.Err() != nil {
			set("SUCCESS", code) // whoever was transferred has hung up
			return context.Cause(ctx)
		}
		if err != nil {
			x.Channel().Log().Info("a transfer was not made", "to", to, "why", err)
			return set("FAILURE", code)
		}
		return set("SUCCESS", code)
	}}
}
