package app

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

// Records is the call records, as far as applications change them.
type Records interface {
	// Fork begins another record beside the channel's last; the letters of options are those of ForkCDR.
	Fork(ch *call.Channel, options string) error
	// Reset begins the records anew.
	Reset(ch *call.Channel, keepVariables bool)
	// Disable keeps no record of the channel.
	Disable(ch *call.Channel, on bool)
}

func noCDR(d *Deps) pbx.Application {
	return pbx.Application{
		Name:     "NoCDR",
		Synopsis: "Tell Asterisk to not maintain a CDR for this channel.",
		Syntax:   "NoCDR()",
		Description: `No record is kept of the call, from this step on. Deprecated in the original:
Set(CDR_PROP(disable)=1) does the same.`,
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			if d.Records != nil {
				d.Records.Disable(x.Channel(), true)
			}
			return nil
		},
	}
}

func resetCDR(d *Deps) pbx.Application {
	return pbx.Application{
		Name:     "ResetCDR",
		Synopsis: "Resets the Call Data Record.",
		Syntax:   "ResetCDR([options])",
		Description: `The call's record starts now, and was answered now where the call is up. Its
variables are wiped.

Options:
  v  Keep the variables.
  e  Keep a record again after NoCDR. Deprecated: use Set(CDR_PROP(disable)=0).`,
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if d.Records == nil {
				return nil
			}
			if strings.Contains(data, "e") {
				d.Records.Disable(x.Channel(), false)
			}
			d.Records.Reset(x.Channel(), strings.Contains(data, "v"))
			return nil
		},
		Check: letters("ResetCDR", "ve"),
	}
}

func forkCDR(d *Deps) pbx.Application {
	return pbx.Application{
		Name:     "ForkCDR",
		Synopsis: "Forks the current Call Data Record for this channel.",
		Syntax:   "ForkCDR([options])",
		Description: `Begins another record of the call beside the last. Both go on, unless an option
says otherwise.

Options:
  a  The new one was answered now, if the call is up.
  e  The old one is over, and nothing changes it any more.
  r  The new one starts now, and was answered now if the call is up.
  v  The new one begins without the variables of the old.`,
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if d.Records == nil {
				return nil
			}
			if err := d.Records.Fork(x.Channel(), data); err != nil {
				x.Warnf("Failed to fork CDR for channel %s: %v", x.Channel().Name(), err)
			}
			return nil
		},
		Check: letters("ForkCDR", "aerv"),
	}
}

// letters checks options without arguments.
func letters(app, known string) func(data string) []string {
	return func(data string) (out []string) {
		for _, c := range data {
			if strings.Contains(data, "${") {
				return nil
			}
			if !strings.ContainsRune(known, c) && c != ' ' {
				out = append(out, app+" has no option "+string(c))
			}
		}
		return out
	}
}
