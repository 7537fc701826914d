package console

import (
	"bytes"
	"context"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
)

func (c *Core) plan() []Command {
	return []Command{
		{Words: "dialplan show", Args: "[[exten@]context]", Summary: "Show dialplan", Run: c.showPlan, Complete: func(args []string) []string {
			if len(args) > 0 {
				return nil
			}
			return c.PBX.Contexts()
		}},
		{Words: "dialplan show globals", Summary: "Show global variables", Run: func(_ context.Context, s *Session, _ []string) error {
			n := 0
			c.PBX.Globals.Each(func(name, value string) bool {
				n++
				s.Printf("   %s=%s\n", name, value)
				return true
			})
			s.Printf("\n    -- %d variable(s)\n", n)
			return nil
		}},
		{Words: "dialplan set global", Args: "<name> <value>", Summary: "Set global variable", Run: func(_ context.Context, s *Session, args []string) error {
			if len(args) != 2 {
				return ErrUsage
			}
			c.PBX.Globals.Set(args[0], args[1])
			s.Printf("\n    -- Global variable '%s' set to '%s'\n", args[0], args[1])
			return nil
		}},
		{Words: "channel originate", Args: "<tech/data> {application <appname> [appdata] | extension [exten][@context]}", Summary: "Originate a call", Run: c.originate},
	}
}

func (c *Core) showPlan(_ context.Context, s *Session, args []string) error {
	filter := ""
	switch len(args) {
	case 0:
	case 1:
		filter = args[0]
	default:
		return ErrUsage
	}
	var out bytes.Buffer // one write, however long
	if err := c.PBX.ShowPlan(&out, filter); err != nil {
		return err
	}
	_, err := out.WriteTo(s)
	return err
}

// originateTime is how long an originated call may ring, as in the original.
const originateTime = 30 * time.Second

func (c *Core) originate(_ context.Context, s *Session, args []string) error {
	if len(args) < 2 {
		return ErrUsage
	}
	o := pbx.Originate{To: args[0], Timeout: originateTime}
	switch strings.ToLower(args[1]) {
	case "application":
		if len(args) < 3 {
			return ErrUsage
		}
		o.App, o.Data = args[2], strings.Join(args[3:], " ")
	case "extension":
		o.At = call.Place{Exten: "s", Context: "default", Priority: 1}
		if len(args) > 2 {
			exten, context, ok := strings.Cut(args[2], "@")
			if exten != "" {
				o.At.Exten = exten
			}
			if ok && context != "" {
				o.At.Context = context
			}
		}
	default:
		return ErrUsage
	}
	// The console does not wait for the answer, as in the original; what
	// becomes of the call is told to whoever watches.
	c.PBX.Originate(o, func(err error) {
		if err != nil {
			s.Printf("The call to %s was not made: %v\n", o.To, err)
		}
	})
	return nil
}
