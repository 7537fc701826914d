// Package number is the functions that reckon: MATH, INC, RAND and their kin.
package number

import (
	"embed"

	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Table returns the functions.
func Table() []pbx.Function {
	return pbx.DescribeFunctions(pages, mathFunctions())
}
