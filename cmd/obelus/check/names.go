package check

import "strings"

// asteriskApplications and asteriskFunctions are the names that Asterisk 20 has, and those of older releases that are here,
// so that check can tell what is not supported yet from what is a mistake.
func asteriskApplications() []string {
	return strings.Fields(`AddQueueMember ADSIProg AELSub AgentLogin AgentRequest AGI AlarmReceiver AMD Answer AttendedTransfer
	Authenticate BackGround BackgroundDetect BlindTransfer Bridge BridgeAdd BridgeWait Busy CallCompletionCancel CallCompletionRequest
	CELGenUserEvent ChangeMonitor ChanIsAvail ChannelRedirect ChanSpy ClearHash ConfBridge ConfKick Congestion ContinueWhile
	ControlPlayback DAHDIAcceptR2Call DAHDIBarge DAHDIRAS DAHDIScan DAHDISendCallreroutingFacility DAHDISendKeypadFacility DateTime
	DBdel DBdeltree DeadAGI Dial Dictate Directory DISA DumpChan EAGI Echo Else ElseIf EndIf EndWhile Exec ExecIf ExecIfTime ExitIf ExitWhile ExtenSpy
	ExternalIVR Festival Flash FollowMe ForkCDR GetCPEID Gosub GosubIf Goto GotoIf GotoIfTime Hangup HangupCauseClear IAX2Provision
	ICES If ImportVar Incomplete IVRDemo JabberJoin JabberLeave JabberSend JabberSendGroup JabberStatus JACK Log Macro MacroExclusive
	MacroExit MacroIf MailboxExists MeetMe MeetMeAdmin MeetMeChannelAdmin MeetMeCount MessageSend Milliwatt MinivmAccMess MinivmDelete
	MinivmGreet MinivmMWI MinivmNotify MinivmRecord MixMonitor Monitor Morsecode MP3Player MSet MusicOnHold NBScat NoCDR NoOp ODBC_Commit
	ODBC_Rollback ODBCFinish Originate OSPAuth OSPFinish OSPLookup OSPNext Page Park ParkAndAnnounce ParkedCall PauseMonitor PauseQueueMember
	Pickup PickupChan Playback PlayTones PrivacyManager Proceeding Progress Queue QueueLog QueueUpdate RaiseException Read ReadExten
	ReceiveFAX ReceiveMF ReceiveSF ReceiveText Record RemoveQueueMember ResetCDR RetryDial Return Ringing SayAlpha SayAlphaCase
	SayCountedAdj SayCountedNoun SayCountPL SayDigits SayMoney SayNumber SayOrdinal SayPhonetic SayUnixTime SendDTMF SendFAX SendImage
	SendMF SendSF SendText SendURL Set SetAMAFlags SetCallerPres SetMusicOnHold SIPAddHeader SIPDtmfMode SIPRemoveHeader SIPSendCustomINFO
	SkelGuessNumber SLAStation SLATrunk SMS SoftHangup SpeechActivateGrammar SpeechBackground SpeechCreate SpeechDeactivateGrammar
	SpeechDestroy SpeechLoadGrammar SpeechProcessingSound SpeechStart SpeechUnloadGrammar StackPop StartMusicOnHold Stasis StopMixMonitor
	StopMonitor StopMusicOnHold StopPlayTones StoreDTMF StreamEcho System TestClient TestServer ToneScan Transfer TryExec TrySystem
	UnpauseMonitor UnpauseQueueMember UserEvent Verbose VMAuthenticate VMSayName VoiceMail VoiceMailMain VoiceMailPlayMsg Wait WaitDigit
	WaitExten WaitForCondition WaitForNoise WaitForRing WaitForSilence WaitMusicOnHold WaitUntil While Zapateller`)
}

func asteriskFunctions() []string {
	return strings.Fields(`ABS AES_DECRYPT AES_ENCRYPT AGC AGENT AMI_CLIENT ARRAY AST_CONFIG AST_SORCERY AUDIOHOOK_INHERIT BASE64_DECODE
	BASE64_ENCODE BASENAME BLACKLIST CALENDAR_BUSY CALENDAR_EVENT CALENDAR_QUERY CALENDAR_QUERY_RESULT CALENDAR_WRITE CALLCOMPLETION CALLERID
	CALLERPRES CDR CDR_PROP CHANNEL CHANNELS CHECK_MD5 CHECKSIPDOMAIN CONFBRIDGE CONFBRIDGE_CHANNELS CONFBRIDGE_INFO CONNECTEDLINE CSV_QUOTE CURL
	CURLOPT CUT DB DB_DELETE DB_EXISTS DB_KEYCOUNT DB_KEYS DEC DENOISE DEVICE_STATE DIALGROUP DIALPLAN_EXISTS DIRNAME DTMF_FLASH DUNDILOOKUP
	DUNDIQUERY DUNDIRESULT ENUMLOOKUP ENUMQUERY ENUMRESULT ENV EVAL EVAL_EXTEN EXCEPTION EXISTS EXPORT EXTENSION_STATE FAXOPT FEATURE
	FEATUREMAP FIELDNUM FIELDQTY FILE FILE_COUNT_LINE FILE_FORMAT FILTER FRAME_DROP FRAME_TRACE GLOBAL GEOLOC_PROFILE GROUP GROUP_COUNT GROUP_LIST
	GROUP_MATCH_COUNT HANGUPCAUSE HANGUPCAUSE_KEYS HASH HASHKEYS HINT HOLD_INTERCEPT IAXPEER IAXVAR ICONV IF IFMODULE IFTIME IMPORT INC
	ISNULL JABBER_RECEIVE JABBER_STATUS JITTERBUFFER JSON_DECODE KEYPADHASH LANGUAGE LEN LISTFILTER LOCAL LOCAL_PEEK LOCK LTRIM MAILBOX_EXISTS
	MASTER_CHANNEL MATH MAX MD5 MEETME_INFO MESSAGE MESSAGE_DATA MIN MINIVMACCOUNT MINIVMCOUNTER MIXMONITOR MUSICCLASS MUTEAUDIO MVM ODBC ODBC_FETCH ODBCROWS
	PARK_GET_CHANNEL PASSTHRU PERIODIC_HOOK PITCH_SHIFT PJSIP_AOR PJSIP_CONTACT PJSIP_DIAL_CONTACTS PJSIP_DTMF_MODE PJSIP_ENDPOINT
	PJSIP_HEADER PJSIP_MEDIA_OFFER PJSIP_MOH_PASSTHROUGH PJSIP_PARSE_URI PJSIP_SEND_SESSION_REFRESH POLARITY POP PP_EACH_EXTENSION
	PP_EACH_USER PRESENCE_STATE PUSH QUEUE_EXISTS QUEUE_GET_CHANNEL QUEUE_MEMBER QUEUE_MEMBER_COUNT QUEUE_MEMBER_LIST QUEUE_MEMBER_PENALTY
	QUEUE_VARIABLES QUEUE_WAITING_COUNT QUOTE RAND REALTIME REALTIME_DESTROY REALTIME_FIELD REALTIME_HASH REALTIME_STORE REDIRECTING REGEX
	REPLACE RTRIM SAYFILES SCRAMBLE SET SHA1 SHARED SHELL SHIFT SIP_HEADER SIP_HEADERS SIPCHANINFO SIPPEER SMDI_MSG SMDI_MSG_RETRIEVE SORT
	SPEECH SPEECH_ENGINE SPEECH_GRAMMAR SPEECH_RESULTS SPEECH_RESULTS_TYPE SPEECH_SCORE SPEECH_TEXT SPRINTF SQL_ESC SQL_ESC_BACKSLASHES SRVQUERY SRVRESULT STACK_PEEK
	STAT STRBETWEEN STRFTIME STRPTIME STRREPLACE SYSINFO TALK_DETECT TECH_CHANNEL TESTTIME TIMEOUT TOLOWER TOUPPER TRIM TRYLOCK
	TXTCIDNAME UNLOCK UNSHIFT URIDECODE URIENCODE STIR_SHAKEN VALID_EXTEN VERSION VM_INFO VMCOUNT VOLUME`)
}
