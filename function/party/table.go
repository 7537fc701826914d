// Package party is the functions of who calls whom: CALLERID, CONNECTEDLINE, REDIRECTING.
package party

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
	return pbx.DescribeFunctions(pages, callerIDFunctions())
}
