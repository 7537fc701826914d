// Package plan is the functions that decide, and those that look at the dialplan itself.
package plan

import (
	"embed"
	"slices"

	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Table returns the functions.
func Table() []pbx.Function {
	return pbx.DescribeFunctions(pages, slices.Concat(
		dialplanFunctions(), logicFunctions(),
	))
}
