// Package channel is the functions of a channel, of others and of all: CHANNEL, TIMEOUT, GROUP, CHANNELS.
package channel

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
		causeFunctions(), channelFunctions(), groupFunctions(), systemFunctions(), timeoutFunctions(),
	))
}
