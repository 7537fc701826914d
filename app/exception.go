package app

import (
	"context"
	"strconv"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

func raiseException() pbx.Application {
	return pbx.Application{Name: "RaiseException", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		at := x.Place()
		x.Set("EXCEPTION_REASON", data)
		x.Set("EXCEPTION_CONTEXT", at.Context)
		x.Set("EXCEPTION_EXTEN", at.Exten)
		x.Set("EXCEPTION_PRIORITY", strconv.Itoa(at.Priority))
		x.Jump(call.Place{Context: at.Context, Exten: "e", Priority: 1})
		return nil
	}}
}

func importVar() pbx.Application {
	return pbx.Application{Name: "ImportVar", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		x.Warn("ImportVar is deprecated.  Please use Set(varname=${IMPORT(channel,variable)}) instead.")
		name, rest, ok := strings.Cut(data, "=")
		channel, variable, has := strings.Cut(rest, ",")
		if !ok || !has || name == "" || variable == "" {
			x.Warn("ImportVar requires an argument (newvar=channel,variable)")
			return nil
		}
		value := ""
		if ch := x.PBX().Registry().Find(channel); ch != nil {
			value = x.Elsewhere(ch).Expand("${" + variable + "}")
		}
		x.Set(name, value)
		return nil
	}}
}

func clearHash() pbx.Application {
	return pbx.Application{Name: "ClearHash", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		vars, entry := &x.Channel().Vars, "~HASH~"+data+"~" // as HASH() keeps them
		vars.Each(func(name, _ string) bool {
			if strings.HasPrefix(name, entry) {
				vars.Unset(name)
			}
			return true
		})
		return nil
	}}
}

func setAMAFlags() pbx.Application {
	return pbx.Application{Name: "SetAMAFlags", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		x.Warn("The SetAMAFlags application is deprecated. Please use the CHANNEL function instead.")
		return x.Assign("CHANNEL(amaflags)", data)
	}}
}

func setCallerPres() pbx.Application {
	return pbx.Application{Name: "SetCallerPres", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		x.Warnf("SetCallerPres is deprecated.  Please use Set(CALLERPRES()=%s) instead.", data)
		pres, ok := call.ParsePresentation(strings.TrimSpace(data))
		if !ok {
			x.Warnf("'%s' is not a valid presentation (see 'show application SetCallerPres')", data)
			return nil
		}
		x.Channel().ChangeIdentity(func(id *call.Identity) { id.Caller.NumPres, id.Caller.NamePres = pres, pres })
		return nil
	}}
}

// minivmRecord fails as the original's does where the mailbox can't be recorded
// into: there is no MiniVM here.
func minivmRecord() pbx.Application {
	return pbx.Application{Name: "MinivmRecord", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		log := x.Channel().Log()
		if strings.TrimSpace(data) == "" {
			log.Error("MinivmRecord needs at least an account argument")
			return pbx.ErrHangup
		}
		log.Error("MinivmRecord: there is no MiniVM (minivm.conf) for account '" + data + "'; VoiceMail records")
		x.Set("MVM_RECORD_STATUS", "FAILED")
		return nil
	}, Check: func(string) []string {
		return []string{"MinivmRecord is not supported: MVM_RECORD_STATUS becomes FAILED; VoiceMail records and mails"}
	}}
}

func hangupCauseClear() pbx.Application {
	return pbx.Application{Name: "HangupCauseClear", Run: func(_ context.Context, x *pbx.Exec, _ string) error {
		x.ForgetEndings()
		return nil
	}}
}
