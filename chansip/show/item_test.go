package show

import (
	"net/netip"
	"testing"
	"time"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip"
)

func TestItem(t *testing.T) {
	p := &sipconf.Peer{
		Name: "1001", Dynamic: true, CallerID: call.Party{Name: "Ann", Number: "100"}, Account: "acme", Mailboxes: []string{"1@default", "2@default"},
		Vars: []sipconf.Var{{Name: "Floor", Value: "2"}}, Common: &sipconf.Common{Context: "in", Formats: []media.Format{media.Alaw, media.Ulaw}, CallLimit: 3, MaxForwards: 70, Groups: call.Groups{Call: 1<<1 | 1<<63, NamedPickup: []string{"a", "b"}}},
	}
	a := Account{Peer: p, Status: []Status{{Text: "UNKNOWN"}}}
	for item, want := range map[string]string{
		"": "(null)", "ip": "(null)", "port": "0", "status": "UNKNOWN", "curcalls": "2", "useragent": "", "expire": "-1", "dynamic": "yes", "callerid_name": "Ann", "callerid_num": "100",
		"mailbox": "1@default,2@default", "context": "in", "codecs": "(alaw|ulaw)", "codec[0]": "alaw", "codec[2]": "", "codec[x]": "", "chanvar[Floor]": "2", "chanvar[floor]": "", "limit": "3",
		"busylevel": "0", "accountcode": "acme", "maxforwards": "70", "language": "", "regexten": "", "callgroup": "1, 63", "pickupgroup": "", "namedcallgroup": "", "namedpickupgroup": "a,b",
	} {
		if got, ok := a.Item(item, 2); !ok || got != want {
			t.Errorf("%s is %q, %v, want %q", item, got, ok, want)
		}
	}
	if _, ok := a.Item("nosuch", 0); ok {
		t.Error("it has what there is not")
	}
	a.Phones = []location.Binding{{UserAgent: "Desk\x1b1", Expires: time.Unix(1700000000, 0)}}
	a.At = netip.MustParseAddrPort("10.0.0.1:5062")
	for item, want := range map[string]string{"ip": "10.0.0.1", "port": "5062", "useragent": "Desk?1", "expire": "1700000000"} {
		if got, _ := a.Item(item, 2); got != want {
			t.Errorf("registered: %s is %q, want %q", item, got, want)
		}
	}
}

func TestTell(t *testing.T) {
	m, err := sip.Parse([]byte("INVITE sip:100@x SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\nX-Desk: 3\r\nx-desk: 4\r\nUser-Agent: Phone\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	f := Facts{
		Call: Call{
			Account: "1001", CallID: "c1", Target: "sip:1001@a", Remote: netip.MustParseAddrPort("10.0.0.1:5062"), HasMedia: true,
			Stats: rtp.Stats{SSRC: 7, RemoteSSRC: 9, PacketsIn: 50, PacketsOut: 60, Lost: -1, RemoteLost: 2, Jitter: 3 * time.Millisecond, Learned: netip.MustParseAddrPort("10.0.0.1:4000")},
		},
		From: "sip:100@x", Said: "SIP 486 Busy Here", Request: m, Here: netip.MustParseAddr("10.0.0.2"), Port: 4002, Formats: []media.Format{media.Ulaw}, Secure: true,
	}
	for item, want := range map[string]string{
		"peerip": "10.0.0.1", "recvip": "10.0.0.1", "recvport": "5062", "peername": "1001", "useragent": "Phone", "from": "sip:100@x", "uri": "sip:1001@a", "channeltype": "SIP",
		"callid": "c1", "hangupcause": "SIP 486 Busy Here", "t38passthrough": "0", "secure_signaling": "1", "secure_media": "", "audioreadformat": "ulaw", "rtpdest": "10.0.0.1:4000", "rtpsource": "10.0.0.2:4002", "rtpdest,audio": "10.0.0.1:4000",
		"rtpqos,audio,all":     "ssrc=7;themssrc=9;lp=0;rxjitter=0.003000;rxcount=50;txjitter=0.000000;txcount=60;rlp=2;rtt=0.000000",
		"rtpqos":               "ssrc=7;themssrc=9;lp=0;rxjitter=0.003000;rxcount=50;txjitter=0.000000;txcount=60;rlp=2;rtt=0.000000",
		"rtpqos,audio,rxcount": "50", "rtpqos,audio,txcount": "60", "rtpqos,audio,local_ssrc": "7", "rtpqos,audio,remote_ssrc": "9", "rtpqos,audio,rxploss": "0", "rtpqos,audio,txploss": "2",
		"rtpqos,audio,rxjitter": "0.003000", "rtpqos,audio,remote_jitter": "0.000000", "rtpqos,audio,rtt": "0.000000",
		"SIP_HEADER:x-DESK,": "3", "SIP_HEADER:X-Desk,2": "4", "SIP_HEADER:v,2": "SIP/2.0/UDP b", "SIP_HEADERS:x-": "X-Desk", "SIP_HEADERS:": "Via,X-Desk,User-Agent",
	} {
		if got, ok := f.Tell(item); !ok || got != want {
			t.Errorf("%s is %q, %v, want %q", item, got, ok, want)
		}
	}
	for _, item := range []string{"nosuch", "rtpqos,audio,maxrtt", "rtpqos,video", "SIP_HEADER:X-None,", "SIP_HEADER:Via,3"} {
		if v, ok := f.Tell(item); ok {
			t.Errorf("%s is %q", item, v)
		}
	}
	f.Request, f.HasMedia = nil, false
	for item, want := range map[string]string{"useragent": ""} {
		if got, ok := f.Tell(item); !ok || got != want {
			t.Errorf("a call that we made: %s is %q", item, got)
		}
	}
	if _, ok := f.Tell("SIP_HEADER:Via,"); ok {
		t.Error("there is a header and no request")
	}
}
