// Package database is the functions of the dialplan's database: DB and its kin.
package database

import (
	"embed"

	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Table returns the functions over the database; nil: there is nothing in it, and nothing can be put there.
func Table(d Database) []pbx.Function { return pbx.DescribeFunctions(pages, dbFunctions(d)) }
