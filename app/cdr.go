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
		Name: "NoCDR",
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
		Name: "ResetCDR",
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
		Name: "ForkCDR",
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
