// Package record is the functions of call records: CDR and CDR_PROP.
package record

import (
	"embed"

	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Table returns the functions over the records, nil where there are none.
func Table(r Records) []pbx.Function { return pbx.DescribeFunctions(pages, cdrFunctions(r)) }
