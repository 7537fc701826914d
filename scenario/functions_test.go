package scenario

import (
	"testing"

	"obelus/sip"
)

// houseAccounts are the accounts of a house, whose driver is made after its functions.
type houseAccounts struct{ h *house }

func (a houseAccounts) PeerItem(name, item string) (string, bool) {
	return a.h.sip.PeerItem(name, item)
}
func (a houseAccounts) IsDomain(name string) bool { return a.h.sip.IsDomain(name) }

// askingPlan has a call ask of itself, of the account that it calls and of how that came out.
const askingPlan = `[my]
exten => 700,1,Set(DB(t/header)=${SIP_HEADER(X-Desk)} ${SIP_HEADER(X-Desk,2)} ${SIP_HEADERS(X-)})
 same => n,Set(DB(t/channel)=${CHANNEL(peername)} ${CHANNEL(peerip)} ${CHANNEL(useragent)} ${CHANNEL(channeltype)} ${CHANNEL(recvport)})
 same => n,Set(DB(t/peer)=${SIPPEER(1002)} ${SIPPEER(1002,port)} ${SIPPEER(1002,dynamic)} ${SIPPEER(1002,context)} ${SIPPEER(1001,curcalls)}${SIPPEER(nobody)})
 same => n,Set(DB(t/why)=${REDIRECTING(reason)} ${REDIRECTING(from-num)})
 same => n,Dial(SIP/1002)
 same => n,Set(channels=${HANGUPCAUSE_KEYS()})
 same => n,Set(last=${SHIFT(channels)})
 same => n,Set(DB(t/cause)=${CUT(last,-,1)} ${HANGUPCAUSE(${last},tech)} / ${HANGUPCAUSE(${last},ast)})
 same => n,Hangup(17)
exten => 701,1,Answer()
 same => n,Wait(1)
 same => n,Set(DB(t/rtp)=${CUT(CHANNEL(rtpqos,audio,all),\;,5)} ${CHANNEL(rtpqos,audio,rxcount)} ${CHANNEL(rtpsource):0:9})
exten => h,1,Set(DB(t/h)=${CHANNEL(checkhangup)} ${CHANNEL(hangupsource):0:8})
`

// TestAsking has the dialplan ask what it may of real calls.
func TestAsking(t *testing.T) {
	f := seed(t)
	f.extensions = askingPlan
	inHouse(t, f, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.call("700", "X-Desk: 3", "User-Agent: Desk 1", "x-desk: 4", "Diversion: <sip:900@10.99.0.9>;reason=no-answer")
		two.reply(two.asked(sip.INVITE), 486)
		two.asked(sip.ACK)
		caller.ackRefusal(one.final())
		for key, want := range map[string]string{
			"header": "3 4 X-Desk", "channel": "1001 10.99.0.2 Desk 1 SIP 5070", "peer": "10.99.0.3 5070 yes my 1", "why": "cfnr 900", "cause": "SIP/1002 SIP 486 Busy Here / User busy",
		} {
			if got, _ := h.db.Get("t", key); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
		caller = one.call("701")
		caller.accepted()
		one.reply(one.asked(sip.BYE), 200)
		for key, want := range map[string]string{"rtp": "rxcount=0 0 10.99.0.1", "h": "0 "} {
			if got, _ := h.db.Get("t", key); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
		h.quiet()
	})
}
