// Package file is the functions that reach the system: FILE, STAT, ENV, SHELL
// and their kin.
//
// Paths are taken as the dialplan writes them, as in the original: what a caller
// may choose of one has to go through FILTER() first. Whoever asks from outside
// the dialplan needs live_dangerously.
package file

import (
	"embed"
	"os"

	"obelus/function/argument"
	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Table returns the functions; commands are run by run, and not where it is nil.
func Table(run Shell) []pbx.Function {
	return pbx.DescribeFunctions(pages, []pbx.Function{
		{Name: "FILE", Read: readFile, Write: writeFile, GuardRead: true, GuardWrite: true},
		{Name: "FILE_COUNT_LINE", Read: countLines, GuardRead: true},
		{Name: "FILE_FORMAT", Read: argument.Pure(formatOf), GuardRead: true},
		{Name: "STAT", Read: argument.Pure(stat), GuardRead: true},
		{Name: "BASENAME", Read: argument.Pure(baseName)},
		{Name: "DIRNAME", Read: argument.Pure(dirName)},
		{Name: "ENV", Read: argument.Plain(os.Getenv), Write: setEnv, GuardWrite: true},
		{Name: "SHELL", Read: run.read, GuardRead: true},
	})
}
