// Package variable is the functions that are variables, or hold several: GLOBAL, LOCAL, HASH, ARRAY, PUSH and their kin.
package variable

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
		evalFunctions(), hashFunctions(), listFunctions(), variableFunctions(),
	))
}
