// Package lamp is the functions of what lamps show: the states of devices and of
// extensions, hints, and presence.
package lamp

import (
	"embed"
	"encoding/base64"
	"errors"
	"strings"

	"obelus/device"
	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Table returns the functions of a board.
func Table(b *device.Board) []pbx.Function {
	f := functions{b}
	return pbx.DescribeFunctions(pages, []pbx.Function{
		{Name: "DEVICE_STATE", Read: f.state, Write: f.setState},
		{Name: "EXTENSION_STATE", Read: f.extension},
		{Name: "HINT", Read: f.hint},
		{Name: "PRESENCE_STATE", Read: f.presence, Write: f.setPresence},
	})
}

type functions struct{ board *device.Board }

func (f functions) state(_ *pbx.Exec, name string) (string, error) {
	if name == "" {
		return "", argument.Complain("DEVICE_STATE function requires a device name")
	}
	return f.board.State(name).String(), nil
}

func (f functions) setState(_ *pbx.Exec, name, value string) error {
	const kind = "Custom:"
	switch {
	case len(name) < len(kind) || !strings.EqualFold(name[:len(kind)], kind):
		return argument.Complain("The DEVICE_STATE function can only be used to set 'Custom:' device state!")
	case len(name) == len(kind):
		return argument.Complain("DEVICE_STATE function called with no custom device name!")
	}
	err := f.board.Set(name, value)
	if errors.Is(err, device.ErrState) {
		return argument.Complain("DEVICE_STATE function given invalid state value '%s'", value)
	}
	return err
}

// place reads exten[@context]; the context is default where there is none.
func place(s string) (exten, context string) {
	exten, context, _ = strings.Cut(s, "@")
	if context == "" {
		context = "default"
	}
	return exten, context
}

func (f functions) extension(_ *pbx.Exec, args string) (string, error) {
	exten, context := place(args)
	if exten == "" {
		return "", argument.Complain("EXTENSION_STATE requires an extension")
	}
	s, ok := f.board.Extension(context, exten)
	if !ok {
		return "UNKNOWN", nil
	}
	return s.State.Word(), nil
}

func (f functions) hint(_ *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 2)
	exten, context := place(expand.Arg(a, 0))
	if exten == "" {
		return "", argument.Complain("The HINT function requires an extension")
	}
	text, name, ok := f.board.Hint(context, exten)
	switch {
	case !ok:
		return "", nil
	case strings.Contains(expand.Arg(a, 1), "n"):
		return name, nil
	}
	return text, nil
}

func (f functions) presence(_ *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	provider, field, options := expand.Arg(a, 0), expand.Arg(a, 1), expand.Arg(a, 2)
	if provider == "" || field == "" {
		return "", argument.Complain("PRESENCE_STATE reading requires both presence provider and presence field arguments.")
	}
	p := f.board.Presence(provider)
	if p.State == device.PresenceInvalid {
		return "", argument.Complain("PRESENCE_STATE unknown")
	}
	text := ""
	switch strings.ToLower(field) {
	case "value":
		return p.State.String(), nil
	case "subtype":
		text = p.Subtype
	case "message":
		text = p.Message
	default:
		return "", argument.Complain("PRESENCE_STATE has no field '%s': value, subtype and message are known", field)
	}
	if strings.Contains(options, "e") {
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return text, nil
}

func (f functions) setPresence(_ *pbx.Exec, provider, value string) error {
	const kind = "CustomPresence:"
	switch {
	case len(provider) < len(kind) || !strings.EqualFold(provider[:len(kind)], kind):
		return argument.Complain("The PRESENCE_STATE function can only set CustomPresence: presence providers.")
	case len(provider) == len(kind):
		return argument.Complain("PRESENCE_STATE function called with no custom device name!")
	}
	err := f.board.SetPresence(provider, value)
	if errors.Is(err, device.ErrState) {
		return argument.Complain("Invalid arguments to PRESENCE_STATE")
	}
	return err
}
