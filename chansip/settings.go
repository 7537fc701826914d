package chansip

import "obelus/chansip/sipconf"

// What sip.conf says, under the names this package uses all day.
type (
	Settings = sipconf.Settings
	General  = sipconf.General
	Peer     = sipconf.Peer
)
