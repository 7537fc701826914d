package switchboard

import (
	"log/slog"
	"strings"

	"obelus/call"
	"obelus/chansip"
	"obelus/device"
	"obelus/pbx"
)

// Lamps is what a board of devices is made of. The drivers and the switchboard are
// asked for when a state is: they are made after the board, and need it.
type Lamps struct {
	Log   *slog.Logger
	DB    device.Database
	PBX   func() *pbx.PBX
	SIP   func() *chansip.Driver
	Local *call.Local
}

// NewBoard makes the board of devices of a whole house.
func NewBoard(l *Lamps) *device.Board {
	b := device.New(device.Config{
		Log: l.Log, DB: l.DB,
		Expand: func(context, exten, text string) string { return l.PBX().Fill(context, exten, text) },
		Providers: map[string]device.Provider{
			"SIP":   device.ProviderFunc(func(name string) device.State { return l.SIP().Lamps().DeviceState(name) }),
			"MWI":   device.ProviderFunc(func(name string) device.State { return l.SIP().Lamps().MailboxState(name) }),
			"Local": localDevices{l.Local},
		},
	})
	l.Local.Changed = func(target string) { b.Changed("Local/" + target) }
	return b
}

// localDevices are extensions that are dialled by Local/exten@context.
type localDevices struct{ *call.Local }

// DeviceState is that of an extension: in use while it is dialled so.
func (l localDevices) DeviceState(name string) device.State {
	target, _, _ := strings.Cut(name, "/")
	exten, context, ok := strings.Cut(target, "@")
	switch {
	case !ok || !l.Exists(context, exten, ""):
		return device.Invalid
	case l.InUse(target):
		return device.InUse
	}
	return device.NotInUse
}

// Passes says that they come and go with calls.
func (localDevices) Passes() {}
