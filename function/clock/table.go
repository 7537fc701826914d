// Package clock is the functions of date and time.
package clock

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
	return pbx.DescribeFunctions(pages, timeFunctions())
}
