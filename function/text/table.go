// Package text takes texts apart and puts them together: LEN, CUT, REPLACE, REGEX, SPRINTF, URIENCODE and their kin.
package text

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
		cutFunctions(), codingFunctions(), fieldFunctions(), replaceFunctions(), sprintfFunctions(), stringFunctions(),
	))
}
