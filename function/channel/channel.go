package channel

import (
	"strconv"
	"strings"

	"obelus/call"
	"obelus/function/argument"
	"obelus/function/record"
	"obelus/pbx"
)

func channelFunctions() []pbx.Function {
	return []pbx.Function{{
		Name: "CHANNEL",
		Read: channelRead, Write: channelWrite,
	}, {
		Name:  "LANGUAGE",
		Read:  func(x *pbx.Exec, _ string) (string, error) { return x.Channel().Language(), nil },
		Write: func(x *pbx.Exec, _, value string) error { x.Channel().SetLanguage(value); return nil },
	}, {
		Name:  "MUSICCLASS",
		Read:  func(x *pbx.Exec, _ string) (string, error) { return x.Channel().Music(), nil },
		Write: func(x *pbx.Exec, _, value string) error { x.Channel().SetMusic(value); return nil },
	}}
}

func unknownItem(item string) error {
	return argument.Complain("Unknown or unavailable item requested: '%s'", item)
}

func channelRead(x *pbx.Exec, args string) (string, error) {
	ch := x.Channel()
	item := strings.ToLower(strings.Trim(args, argument.Blanks))
	for _, read := range []func(*call.Channel, string) (string, bool){channelNames, groupRead, keptRead} {
		if v, ok := read(ch, item); ok {
			return v, nil
		}
	}
	switch item {
	case "context":
		return x.Place().Context, nil
	case "exten":
		return x.Place().Exten, nil
	case "checkhangup":
		return argument.OneOrZero(ch.IsGone()), nil
	case "appname":
		return ch.Snapshot().App, nil
	case "appdata":
		return ch.Snapshot().Data, nil
	case "amaflags":
		return strconv.Itoa(record.AMAFlags(ch)), nil
	case "audioreadformat", "audiowriteformat":
		return firstFormat(ch, "audio"), nil
	case "audionativeformat":
		return nativeFormats(ch, "audio"), nil
	case "videonativeformat":
		return nativeFormats(ch, "video"), nil
	}
	if t, ok := ch.Leg().(call.Teller); ok {
		if v, ok := t.Tell(item); ok {
			return v, nil
		}
	}
	if why, known := refused(item); known {
		return "", argument.Complain("CHANNEL(%s) is not supported: %s", item, why)
	}
	return "", unknownItem(args)
}

// channelNames are the items that are in the channel as they are.
func channelNames(ch *call.Channel, item string) (string, bool) {
	switch item {
	case "name", "channame":
		return ch.Name(), true
	case "channeltype":
		tech, _, _ := strings.Cut(ch.Name(), "/")
		return tech, true
	case "uniqueid":
		return ch.ID(), true
	case "linkedid":
		return ch.LinkedID(), true
	case "state":
		return ch.State().String(), true
	case "language":
		return ch.Language(), true
	case "tonezone":
		return ch.ToneZone(), true
	case "musicclass":
		return ch.Music(), true
	case "accountcode":
		return ch.Account(), true
	case "peer":
		return ch.Snapshot().Bridged, true
	}
	return "", false
}

// formats names the leg's formats of a kind, best first.
func formats(ch *call.Channel, kind string) []string {
	var names []string
	for _, f := range ch.Leg().Formats() {
		if f.IsCodec() && f.Kind().String() == kind {
			names = append(names, f.String())
		}
	}
	return names
}

func firstFormat(ch *call.Channel, kind string) string {
	if names := formats(ch, kind); len(names) > 0 {
		return names[0]
	}
	return "none"
}

func nativeFormats(ch *call.Channel, kind string) string {
	names := formats(ch, kind)
	if len(names) == 0 {
		return "(nothing)"
	}
	return "(" + strings.Join(names, "|") + ")"
}

func channelWrite(x *pbx.Exec, args, value string) error {
	ch := x.Channel()
	item := strings.ToLower(strings.Trim(args, argument.Blanks))
	if item, _, _ = strings.Cut(item, ","); groupWriteItem(x, item, value) {
		return nil
	}
	switch item {
	case "language":
		ch.SetLanguage(value)
	case "tonezone":
		ch.SetToneZone(strings.TrimSpace(value))
	case "musicclass":
		ch.SetMusic(value)
	case "accountcode":
		ch.SetAccount(value)
	case "amaflags":
		return record.SetAMAFlags(ch, value)
	case "hangup_handler_push", "hangup_handler_pop", "hangup_handler_wipe":
		return changeHandlers(x, item, value)
	default:
		if _, known := keptItems()[item]; known {
			return keptWrite(x, item, value)
		}
		if why, known := refused(item); known {
			return argument.Complain("CHANNEL(%s) is not supported: %s", item, why)
		}
		return unknownItem(args)
	}
	return nil
}
