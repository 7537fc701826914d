package app

import (
	"context"
	"strconv"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

func set() pbx.Application {
	return pbx.Application{
		Name: "Set",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			name, value, ok := strings.Cut(data, "=")
			if !ok {
				x.Warn("Set requires an '=' to be a valid assignment.")
				return nil
			}
			return assign(x, name, value)
		},
	}
}

// assign sets a variable or writes a function. Blanks belong to the name, as in
// the original, which warns of them.
func assign(x *pbx.Exec, name, value string) error {
	if strings.Contains(name, " ") {
		x.Warnf("Please avoid unnecessary spaces on variables as it may lead to unexpected results ('%s' set to '%s').", name, value)
	}
	return x.Assign(name, value)
}

func mset() pbx.Application {
	return pbx.Application{
		Name: "MSet",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			for _, pair := range expand.Args(data, 1024) {
				name, value, ok := strings.Cut(pair, "=")
				if !ok {
					x.Warnf("MSet: ignoring entry '%s' with no '='", pair)
					continue
				}
				if err := assign(x, name, value); err != nil {
					x.Warn("MSet: " + err.Error())
				}
			}
			return nil
		},
	}
}

func noOp() pbx.Application {
	return pbx.Application{
		Name: "NoOp",
		Run:  func(context.Context, *pbx.Exec, string) error { return nil },
	}
}

func verbose() pbx.Application {
	return pbx.Application{
		Name: "Verbose",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			level := 0
			if before, after, ok := strings.Cut(data, ","); ok {
				if n, err := strconv.Atoi(strings.TrimSpace(before)); err == nil {
					level, data = n, after
				}
			}
			if level < 0 || level > 4 {
				x.Warn("Verbose: level must be between 0 and 4")
				level = 0
			}
			x.Verbose(level, data)
			return nil
		},
	}
}

func logApp() pbx.Application {
	return pbx.Application{
		Name: "Log",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			level, text, ok := strings.Cut(data, ",")
			if !ok {
				x.Warn("Log requires an argument: level,message")
				return nil
			}
			log, at := x.Channel().Log(), x.Place()
			where := []any{"context", at.Context, "exten", at.Exten, "priority", at.Priority}
			switch strings.ToUpper(strings.TrimSpace(level)) {
			case "ERROR":
				log.Error(text, where...)
			case "WARNING":
				log.Warn(text, where...)
			case "NOTICE":
				log.Info(text, where...)
			case "DEBUG", "DTMF":
				log.Debug(text, where...)
			case "VERBOSE":
				x.Verbose(0, text)
			default:
				x.Warnf("Unknown log level: '%s'", level)
			}
			return nil
		},
	}
}
