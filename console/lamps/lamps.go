// Package lamps is the console's commands about hints and the states that they show,
// in the words and the columns of the original.
package lamps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"obelus/console"
	"obelus/device"
)

// Commands lists the commands of a board.
func Commands(b *device.Board) []console.Command {
	c := commands{b}
	return []console.Command{
		{Words: "core show hints", Summary: "Show dialplan hints", Run: c.hints},
		{Words: "core show hint", Args: "<exten>", Summary: "Show dialplan hint", Run: c.hint, Complete: c.extensions},
		{Words: "devstate list", Summary: "List currently known custom device states", Run: c.devices},
		{Words: "devstate change", Args: "<device> <state>", Summary: "Change a custom device state", Run: c.change,
			Help: "The device is Custom:name; the state one of " + strings.Join(device.StateNames(), ", ") + ".", Complete: c.customs},
		{Words: "presencestate list", Summary: "List currently know custom presence states", Run: c.presences},
		{Words: "presencestate change", Args: "<entity> <state>", Summary: "Change a custom presence state", Run: c.changePresence,
			Help: "The entity is CustomPresence:name; the state is state[,subtype[,message[,options]]] as in PRESENCE_STATE.", Complete: c.people},
	}
}

type commands struct{ board *device.Board }

func writeHint(s *strings.Builder, h *device.Listed) {
	fmt.Fprintf(s, "%-20.20s: %-20.20s  State:%-15.15s Presence:%-15.15s Watchers %2d\n", h.Exten+"@"+h.Context, console.Plain(h.Text), h.State,
		h.Presence.State, h.Watchers)
}

func (c commands) hints(_ context.Context, s *console.Session, args []string) error {
	if len(args) > 0 {
		return console.ErrUsage
	}
	all := c.board.Hints()
	if len(all) == 0 {
		s.Printf("There are no registered dialplan hints\n")
		return nil
	}
	var b strings.Builder
	b.WriteString("\n    -= Registered Asterisk Dial Plan Hints =-\n")
	for i := range all {
		writeHint(&b, &all[i])
	}
	s.Printf("%s----------------\n- %d hints registered\n", &b, len(all))
	return nil
}

func (c commands) hint(_ context.Context, s *console.Session, args []string) error {
	if len(args) != 1 {
		return console.ErrUsage
	}
	var b strings.Builder
	n := 0
	exten, context, named := strings.Cut(args[0], "@")
	for _, h := range c.board.Hints() {
		if h.Exten == exten && (!named || h.Context == context) {
			writeHint(&b, &h)
			n++
		}
	}
	if n == 0 {
		s.Printf("No hints matching extension %s\n", args[0])
		return nil
	}
	plural := "s"
	if n == 1 {
		plural = ""
	}
	s.Printf("%s%d hint%s matching extension %s\n", &b, n, plural, args[0])
	return nil
}

func (c commands) extensions(args []string) []string {
	if len(args) > 0 {
		return nil
	}
	var out []string
	for _, h := range c.board.Hints() {
		out = append(out, h.Exten)
	}
	return out
}

const rule = "---------------------------------------------------------------------\n"

func (c commands) devices(_ context.Context, s *console.Session, args []string) error {
	if len(args) > 0 {
		return console.ErrUsage
	}
	var b strings.Builder
	b.WriteString("\n" + rule + "--- Custom Device States --------------------------------------------\n" + rule + "---\n")
	for _, name := range c.board.Customs() {
		fmt.Fprintf(&b, "--- Name: 'Custom:%s'  State: '%s'\n---\n", console.Plain(name), c.board.State("Custom:"+name))
	}
	s.Printf("%s%s\n", &b, rule)
	return nil
}

func (c commands) customs(args []string) []string {
	switch len(args) {
	case 0:
		var out []string
		for _, name := range c.board.Customs() {
			out = append(out, "Custom:"+name)
		}
		return out
	case 1:
		return device.StateNames()
	}
	return nil
}

func (c commands) change(_ context.Context, s *console.Session, args []string) error {
	if len(args) != 2 {
		return console.ErrUsage
	}
	err := c.board.Set(args[0], args[1])
	switch {
	case errors.Is(err, device.ErrKind):
		s.Printf("The devstate command can only be used to set 'Custom:' device states.\n")
	case errors.Is(err, device.ErrState):
		return console.ErrUsage
	case err != nil:
		return err
	default:
		s.Printf("Changing %s to %s\n", args[0], args[1])
	}
	return nil
}

func (c commands) presences(_ context.Context, s *console.Session, args []string) error {
	if len(args) > 0 {
		return console.ErrUsage
	}
	var b strings.Builder
	b.WriteString("\n" + rule + "--- Custom Presence States ------------------------------------------\n" + rule + "---\n")
	for _, name := range c.board.Presences() {
		p := c.board.Presence("CustomPresence:" + name)
		fmt.Fprintf(&b, "--- Name: 'CustomPresence:%s'\n       State: '%s'\n     Subtype: '%s'\n     Message: '%s'\n---\n", console.Plain(name), p.State,
			console.Plain(p.Subtype), console.Plain(p.Message))
	}
	s.Printf("%s%s\n", &b, rule)
	return nil
}

func (c commands) people(args []string) []string {
	switch len(args) {
	case 0:
		var out []string
		for _, name := range c.board.Presences() {
			out = append(out, "CustomPresence:"+name)
		}
		return out
	case 1:
		return device.PresenceNames()
	}
	return nil
}

func (c commands) changePresence(_ context.Context, s *console.Session, args []string) error {
	if len(args) < 2 {
		return console.ErrUsage
	}
	value := strings.Join(args[1:], " ")
	err := c.board.SetPresence(args[0], value)
	switch {
	case errors.Is(err, device.ErrKind):
		s.Printf("The presencestate command can only be used to set 'CustomPresence:' presence states.\n")
	case errors.Is(err, device.ErrState):
		return console.ErrUsage
	case err != nil:
		return err
	default:
		s.Printf("Changing %s to %s\n", args[0], value)
	}
	return nil
}
