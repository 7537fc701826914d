package check

import "strings"

// whyNoFunction says why a function of the original is not there and will not come by itself, "" where nothing more is to be said.
func whyNoFunction(name string) string {
	for _, family := range []struct{ names, why string }{
		{"REALTIME REALTIME_DESTROY REALTIME_FIELD REALTIME_HASH REALTIME_STORE", "there are no realtime engines; DB() and CURL() keep and ask"},
		{"ODBC ODBC_FETCH ODBCROWS", "there is no ODBC; CURL() and SHELL() ask other programs"},
		{"DUNDILOOKUP DUNDIQUERY DUNDIRESULT", "DUNDi is not spoken"},
		{"ENUMLOOKUP ENUMQUERY ENUMRESULT", "ENUM is not asked; TXTCIDNAME() and SRVQUERY() ask the domain name system"},
		{"CALENDAR_BUSY CALENDAR_EVENT CALENDAR_QUERY CALENDAR_QUERY_RESULT CALENDAR_WRITE", "calendars are not read; CURL() asks a server"},
		{"IAXPEER IAXVAR", "IAX2 is not spoken"},
		{"JABBER_RECEIVE JABBER_STATUS", "XMPP is not spoken"},
		{"PP_EACH_EXTENSION PP_EACH_USER", "phones are not provisioned"},
		{"SMDI_MSG SMDI_MSG_RETRIEVE", "SMDI is not spoken"},
		{"SPEECH SPEECH_ENGINE SPEECH_GRAMMAR SPEECH_RESULTS SPEECH_RESULTS_TYPE SPEECH_SCORE SPEECH_TEXT", "there is no speech recognition"},
		{"POLARITY SCRAMBLE PITCH_SHIFT FRAME_DROP FRAME_TRACE DTMF_FLASH", "sound is not changed that way"},
		{"PERIODIC_HOOK", "nothing runs by a timer beside a call; Dial's L() warns of the time"},
		{"AST_SORCERY AMI_CLIENT STIR_SHAKEN GEOLOC_PROFILE TECH_CHANNEL", "what it asks about is not there"},
		{"MINIVMACCOUNT MINIVMCOUNTER MVM", "MiniVM is not there; VoiceMail and VM_INFO() are"},
	} {
		for known := range strings.FieldsSeq(family.names) {
			if known == name {
				return family.why
			}
		}
	}
	if strings.HasPrefix(name, "ODBC_") {
		return whyNoFunction("ODBC")
	}
	if strings.HasPrefix(name, "PJSIP_") {
		return "phones are those of sip.conf; SIP_HEADER(), SIPPEER() and CHANNEL() tell of them"
	}
	return ""
}
