package main

import (
	"context"
	"path/filepath"
	"strings"

	"obelus/agi"
	"obelus/cmd/obelus/settings"
	"obelus/console"
)

// agiDeps is what AGI runs with.
func (s *server) agiDeps(d settings.Dirs) agi.Deps {
	return agi.Deps{Dirs: d.Scripts(), Sounds: filepath.Join(d.DataDir, "sounds"), Env: scriptEnv(d), Version: "20.20.1", Debug: &s.agiDebug}
}

// scriptEnv is what AGI scripts find in their environment, as the original says it.
func scriptEnv(d settings.Dirs) []string {
	config := d.Config
	if config == "" {
		config = d.Data
	}
	return []string{
		"AST_CONFIG_DIR=" + config, "AST_CONFIG_FILE=" + d.Main, "AST_MODULE_DIR=" + d.Modules, "AST_SPOOL_DIR=" + d.Spool,
		"AST_MONITOR_DIR=" + filepath.Join(d.Spool, "monitor"), "AST_VAR_DIR=" + d.VarLib, "AST_DATA_DIR=" + d.DataDir, "AST_LOG_DIR=" + d.Log,
		"AST_AGI_DIR=" + d.AGI, "AST_KEY_DIR=" + d.Keys, "AST_RUN_DIR=" + d.Run,
	}
}

// agiCommands are the console commands of AGI.
func (s *server) agiCommands() []console.Command {
	return []console.Command{
		{Words: "agi set debug", Args: "{on|off}", Summary: "Enable/Disable AGI debugging", Complete: onOff(),
			Run: func(_ context.Context, c *console.Session, args []string) error {
				if len(args) != 1 || args[0] != "on" && args[0] != "off" {
					return console.ErrUsage
				}
				s.agiDebug.Store(args[0] == "on")
				c.Printf("AGI Debugging %sabled\n", map[string]string{"on": "En", "off": "Dis"}[args[0]])
				return nil
			}},
		{Words: "agi show commands", Args: "[topic <command>]", Summary: "List AGI commands or specific help",
			Run: func(_ context.Context, c *console.Session, args []string) error {
				switch {
				case len(args) == 0:
					agi.ShowCommands(c)
				case args[0] == "topic" && len(args) > 1:
					if !agi.ShowCommand(c, args[1:]) {
						c.Printf("No such command '%s'.\n", strings.Join(args[1:], " "))
					}
				default:
					return console.ErrUsage
				}
				return nil
			}},
	}
}
