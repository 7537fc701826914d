package check

import "strings"

// never says why an application of the original is not there and is not meant to
// come, and what to do instead; "" where it may come.
func never(name string) string {
	return map[string]string{
		"adsiprog":                       "it programs screens of analogue telephones",
		"aelsub":                         "extensions.ael is not read: write extensions.conf",
		"alarmreceiver":                  "it listens to the tones of burglar alarms, which need a line without packets",
		"dahdiacceptr2call":              "there are no DAHDI lines",
		"dahdiras":                       "there are no DAHDI lines",
		"dahdiscan":                      "there are no DAHDI lines",
		"dahdisendcallreroutingfacility": "there are no DAHDI lines",
		"dahdisendkeypadfacility":        "there are no DAHDI lines",
		"externalivr":                    "AGI does the same, and everything else",
		"getcpeid":                       "it asks screens of analogue telephones",
		"iax2provision":                  "there are no IAX2 channels",
		"ices":                           "it streams to an Icecast server: MixMonitor writes what is said, and a command may send it",
		"ivrdemo":                        "it is a programmer's example",
		"jabberjoin":                     "there is no XMPP: System may run a client of it",
		"jabberleave":                    "there is no XMPP: System may run a client of it",
		"jabbersend":                     "there is no XMPP: System may run a client of it",
		"jabbersendgroup":                "there is no XMPP: System may run a client of it",
		"jabberstatus":                   "there is no XMPP: System may run a client of it",
		"jack":                           "it joins calls with the sound server JACK",
		"nbscat":                         "it plays one radio station's programme: MP3Player plays others",
		"ospauth":                        "there is no clearing house of Open Settlement Protocol",
		"ospfinish":                      "there is no clearing house of Open Settlement Protocol",
		"osplookup":                      "there is no clearing house of Open Settlement Protocol",
		"ospnext":                        "there is no clearing house of Open Settlement Protocol",
		"receivemf":                      "MF tones are of lines between old exchanges",
		"receivesf":                      "SF tones are of lines between old exchanges",
		"sendmf":                         "MF tones are of lines between old exchanges",
		"sendsf":                         "SF tones are of lines between old exchanges",
		"skelguessnumber":                "it is a programmer's example",
		"sms":                            "it sends texts by modem tones of the telephone network: MessageSend sends them by SIP",
		"testclient":                     "it tests analogue lines",
		"testserver":                     "it tests analogue lines",
	}[strings.ToLower(name)]
}
