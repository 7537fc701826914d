package sipconf

import "strings"

// laterOptions are those that chan_sip knows and obelus does not carry out: some
// not yet, some have nothing to do here.
func laterOptions() map[string]option {
	out := make(map[string]option)
	for _, group := range [][]family{mediaLater(), phonesLater(), serverLater()} {
		for _, f := range group {
			for name := range strings.FieldsSeq(f.names) {
				out[name] = option{later: f.instead, gone: f.why, fine: f.fine}
			}
		}
	}
	return out
}

// family is a number of options of one fate.
type family struct {
	names   string
	instead string            // later: what happens instead
	why     string            // gone: why it has no effect
	fine    func(string) bool // values that ask for what happens anyway; nil: those that mean no
}

// mediaLater are about sound and pictures.
func mediaLater() []family {
	return []family{
		{names: "dtlsenable", instead: "keys are agreed on in SDP (encryption=yes), not by DTLS"},
		{names: "icesupport", instead: "calls are made without ICE"},
		{names: "force_avp", why: "it changes nothing where there is no DTLS: RTP/AVP and RTP/SAVP are used anyway", fine: func(string) bool { return true }},
		{
			names: "dtlsverify dtlsrekey dtlscertfile dtlsprivatekey dtlscipher dtlscafile dtlscapath dtlssetup dtlsfingerprint dtlsautogeneratecert",
			why:   "there is no DTLS yet",
		},
		{names: "jbenable jbforce", instead: "packets are passed on as they come"},
		{names: "jbmaxsize jbresyncthreshold jbimpl jbtargetextra jblog jbsyncvideo", why: "there is no jitter buffer yet"},
		{names: "t38pt_rtp t38pt_tcp", instead: "T.38 goes over UDPTL: write t38pt_udptl"},
		{names: "t38pt_usertpsource", why: "a fax is sent where it comes from as nat= says"},
		{names: "faxdetect", instead: "a call does not go to extension fax by itself"},
		{names: "constantssrc", why: "a call keeps its source number for life", fine: func(string) bool { return true }},
		{names: "rtp_engine", why: "there is one way of carrying sound", fine: func(v string) bool { return strings.EqualFold(v, "asterisk") || v == "" }},
		{names: "tos", instead: "write tos_sip, tos_audio, tos_video", fine: noPriority},
	}
}

// noPriority says whether a value of tos asks for none.
func noPriority(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "", "0", "0x0", "0x00", "none", "cs0":
		return true
	}
	return false
}

// phonesLater are about lamps, transfers and other comfort of phones.
func phonesLater() []family {
	yes := func(v string) bool { return yesNo(v) || v == "" }
	return []family{
		{names: "limitonpeers", why: "calls are counted for each account, as they are since 1.6", fine: func(string) bool { return true }},
		{names: "subscribe_network_change_event", why: "the network is looked at anyway"},
		{names: "mwiexpiry mwi unsolicited_mailbox", instead: "nobody is asked for messages that wait at another server"},
		{names: "checkmwi", why: "a phone is told at once", fine: func(string) bool { return true }},
		{names: "cc_agent_policy cc_monitor_policy", instead: "nobody is called back when a phone is free again"},
		{
			names: "cc_offer_timer ccnr_available_timer ccbs_available_timer cc_recall_timer cc_max_agents cc_max_monitors cc_callback_macro cc_callback_sub cc_agent_dialstring",
			why:   "nobody is called back yet when a phone is free again",
		},
		{names: "parkinglot", instead: "calls can't be parked yet"},
		{names: "recordonfeature recordofffeature", instead: "calls are not recorded by a key yet"},
		{names: "useclientcode snom_aoc_enabled discard_remote_hold_retrieval", instead: "the phone's own ways are not known yet"},
		{names: "rpid_update rpid_immediate", why: "a caller is told who rings and who answers by 180 and 200, and of no change after that", fine: func(v string) bool { return !yesNo(v) }},
		{names: "refer_addheaders", instead: "a transfer adds no headers"},
		{names: "registertrying", why: "no 100 Trying is sent to a REGISTER, nor does the original send one now", fine: yes},
	}
}

// serverLater are about the server as a whole.
func serverLater() []family {
	yes := func(v string) bool { return yesNo(v) || v == "" }
	return []family{
		{names: "tlsservercipherorder", instead: "the server's own order counts", fine: yes},
		{names: "websocket_enabled", instead: "there is no WebSocket yet"},
		{names: "websocket_write_timeout", why: "there is no WebSocket yet"},
		{names: "ignoreregexpire", instead: "a registration ends when its time is over"},
		{names: "hash_users hash_peers hash_dialogs", why: "nothing here has a size to choose"},
		{names: "rtcachefriends rtsavesysname rtupdate rtautoclear rtsavepath", why: "accounts are read from sip.conf only"},
		{names: "pedantic", why: "messages are always read as the standard has them", fine: yes},
		{names: "sipdebug", why: "sip set debug on shows the messages"},
		{names: "recordhistory dumphistory", why: "sip set debug on shows the messages"},
		{names: "callevents authfailureevents", why: "there is no manager interface yet"},
	}
}
