package sipconf

import (
	"time"

	"obelus/media"
)

// defaults are the original's (sip show settings of an empty sip.conf).
func defaults(product string) General {
	g := General{
		Context: "default", AllowGuest: true, UserAgent: product, Realm: "asterisk", CallerID: "asterisk", SDPSession: product,
		SDPOwner: "root", UDP: true, AlwaysAuthReject: true, AllowOverlap: true, AllowTransfer: true, AllowExternal: true,
		AllowSubscribe: true, AuthMessages: true, SRVLookup: true, ShrinkCallerID: true, SendDiversion: true,
		MessageNotices: true, MaxStoredTotal: 100_000, MaxStoredBytes: 256 << 20,
		SIPMarks: Marks{COS: 4}, AudioMarks: Marks{COS: 5}, VideoMarks: Marks{COS: 6}, TextMarks: Marks{COS: 5},
		MinExpiry: 60 * time.Second, MaxExpiry: 3600 * time.Second, DefaultExpiry: 120 * time.Second, RegisterTimeout: 20 * time.Second,
		QualifyFreq: time.Minute, QualifyGap: 100 * time.Millisecond, QualifyPeers: 1,
		Lamps: lampDefaults(), TCPAuthTimeout: 30 * time.Second, TCPAuthLimit: 100, T1Min: 100 * time.Millisecond, ExternRefresh: 10 * time.Second,
	}
	g.Default.Common = &Common{
		AcceptMessages: true, MessageExpiry: 30 * 24 * time.Hour, MaxStored: 1000, Formats: []media.Format{media.Ulaw, media.Alaw, media.GSM, media.H263}, MaxContacts: 1, MaxBitrate: 384,
		NAT: NAT{AutoForceRport: true}, Direct: DirectMedia{Allowed: true, NoNAT: true},
		AllowTransfer: true, AllowSubscribe: true, AllowOverlap: true, MaxForwards: 70, VMExten: "asterisk", SendRPID: "no", ProgressInband: "never",
		Timers: SessionTimers{Mode: "accept", Expires: 1800 * time.Second, Min: 90 * time.Second},
		T1:     500 * time.Millisecond, TimerB: 32 * time.Second,
	}
	return g
}
