package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/dialplan/expand"
	"obelus/event"
	"obelus/pbx"
)

// mostFields is how many lines UserEvent tells.
const mostFields = 100

func userEvent(d *Deps) pbx.Application {
	return pbx.Application{Name: "UserEvent", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		if data == "" {
			x.Warn("UserEvent requires an argument (eventname,optional event body)")
			return pbx.ErrHangup
		}
		args := expand.Args(data, mostFields+1)
		fact := event.UserEvent{Channel: x.Fact(), Name: oneLine(args[0])}
		for _, a := range args[1:] {
			name, value, ok := strings.Cut(a, ":")
			if name = strings.TrimSpace(oneLine(name)); ok && name != "" {
				fact.Fields = append(fact.Fields, event.Field{Name: name, Value: strings.TrimSpace(oneLine(value))})
			}
		}
		event.Publish(d.Bus, fact)
		return nil
	}}
}

// oneLine takes line ends and other controls out of what observers are told in
// lines, so that nobody can say lines of his own.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

func celGenUserEvent() pbx.Application {
	return pbx.Application{Name: "CELGenUserEvent", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		if data == "" {
			x.Warn("CELGenUserEvent requires an argument (event-name[,extra])")
		}
		return nil
	}, Check: func(string) []string {
		return []string{"CELGenUserEvent does nothing: no channel event log is kept (cel.conf), as in the original without one; UserEvent tells observers"}
	}}
}

func dumpChan() pbx.Application {
	return pbx.Application{Name: "DumpChan", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		level, _ := strconv.Atoi(strings.TrimSpace(data))
		x.Verbose(level, dump(x))
		return nil
	}}
}

// dump writes what is known of the channel in the original's layout, as far as
// there is the like here.
func dump(x *pbx.Exec) string {
	ch := x.Channel()
	s := ch.Snapshot()
	const line = "================================================================================\n"
	var b strings.Builder
	fmt.Fprintf(&b, "\nDumping Info For Channel: %s:\n%sInfo:\n", s.Name, line)
	field := func(name string, value any) { fmt.Fprintf(&b, "%-20s%s\n", name+"=", oneLine(fmt.Sprint(value))) }
	known := func(name, value string) {
		if value == "" {
			value = "(N/A)"
		}
		field(name, value)
	}
	tech, _, _ := strings.Cut(s.Name, "/")
	field("Name", s.Name)
	field("Type", tech)
	field("UniqueID", s.ID)
	field("LinkedID", s.LinkedID)
	known("CallerIDNum", s.Identity.Caller.Number)
	known("CallerIDName", s.Identity.Caller.Name)
	known("ConnectedLineIDNum", s.Identity.Connected.Number)
	known("ConnectedLineIDName", s.Identity.Connected.Name)
	known("DNIDDigits", s.Identity.DNID)
	known("RDNIS", s.Identity.Redirecting.Number)
	field("Language", s.Language)
	field("State", fmt.Sprintf("%s (%d)", s.State, int(s.State)))
	var formats []string
	for _, f := range ch.Leg().Formats() {
		formats = append(formats, f.String())
	}
	field("NativeFormat", "("+strings.Join(formats, "|")+")")
	hangup := int64(0)
	if at := x.Absolute(); !at.IsZero() {
		hangup = int64(time.Until(at).Seconds())
	}
	field("TimetoHangup", hangup)
	var up time.Duration
	if !s.Answered.IsZero() {
		up = time.Since(s.Answered)
	}
	field("ElapsedTime", fmt.Sprintf("%dh%dm%ds", int(up.Hours()), int(up.Minutes())%60, int(up.Seconds())%60))
	known("BridgeID", s.BridgeID)
	field("Context", s.Place.Context)
	field("Extension", s.Place.Exten)
	field("Priority", s.Place.Priority)
	field("Application", s.App)
	known("Data", s.Data)
	b.WriteString("\nVariables:\n")
	ch.Vars.Named(func(name, value string) bool {
		fmt.Fprintf(&b, "%s=%s\n", name, oneLine(value))
		return true
	})
	b.WriteString(line)
	return b.String()
}
