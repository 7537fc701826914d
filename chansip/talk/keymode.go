package talk

import (
	"obelus/chansip/sipconf"
	"obelus/media/rtp"
)

// KeyMode is dtmfmode as the media plane has it.
func KeyMode(m sipconf.DTMFMode) rtp.KeyMode {
	switch m {
	case sipconf.DTMFInfo, sipconf.DTMFShortInfo:
		return rtp.KeysElsewhere
	case sipconf.DTMFInband:
		return rtp.KeysAsTones
	case sipconf.DTMFAuto:
		return rtp.KeysByEither
	}
	return rtp.KeysAsEvents
}
