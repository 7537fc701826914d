package check

import "strings"

// former says what an application of older releases has become, for a hint: in
// Asterisk 20, and here, a step that names it ends the call. Names are in lower
// case.
func former(name string) string {
	return map[string]string{
		"absolutetimeout":       "Set(TIMEOUT(absolute)=seconds)",
		"agentcallbacklogin":    "AddQueueMember()",
		"appendcdruserfield":    "Set(CDR(userfield)=${CDR(userfield)}more)",
		"checkgroup":            "GotoIf($[${GROUP_COUNT()} > n]?...)",
		"curl":                  "Set(name=${CURL(url)})",
		"cut":                   "Set(name=${CUT(variable,delimiter,fields)})",
		"dahdibarge":            "ChanSpy(DAHDI/...)",
		"dbget":                 "Set(name=${DB(family/key)})",
		"dbput":                 "Set(DB(family/key)=value)",
		"digittimeout":          "Set(TIMEOUT(digit)=seconds)",
		"enumlookup":            "${ENUMLOOKUP(number)}",
		"eval":                  "Set(name=${EVAL(text)})",
		"hasnewvoicemail":       "GotoIf($[${VM_INFO(mailbox,count,INBOX)} > 0]?...)",
		"hasvoicemail":          "GotoIf($[${VM_INFO(mailbox,count,INBOX)} > 0]?...)",
		"lookupblacklist":       "GotoIf(${BLACKLIST()}?...)",
		"lookupcidname":         "Set(CALLERID(name)=${DB(cidname/${CALLERID(num)})})",
		"math":                  "Set(name=${MATH(a+b)})",
		"md5":                   "Set(name=${MD5(text)})",
		"md5check":              "GotoIf($[\"${MD5(text)}\" = \"hash\"]?...)",
		"prefix":                "Goto(prefix${EXTEN},1)",
		"random":                "GotoIf($[${RAND(1,100)} <= percent]?...)",
		"readfile":              "Set(name=${FILE(path)})",
		"realtime":              "${REALTIME(family,field,value)}",
		"realtimeupdate":        "Set(REALTIME(...)=value)",
		"responsetimeout":       "Set(TIMEOUT(response)=seconds)",
		"rxfax":                 "ReceiveFAX(file)",
		"setaccount":            "Set(CHANNEL(accountcode)=code)",
		"setcallerid":           "Set(CALLERID(all)=name <number>)",
		"setcdruserfield":       "Set(CDR(userfield)=value)",
		"setcidname":            "Set(CALLERID(name)=name)",
		"setcidnum":             "Set(CALLERID(num)=number)",
		"setglobalvar":          "Set(GLOBAL(name)=value)",
		"setgroup":              "Set(GROUP()=name)",
		"setlanguage":           "Set(CHANNEL(language)=code)",
		"setrdnis":              "Set(CALLERID(rdnis)=number)",
		"settransfercapability": "Set(CHANNEL(transfercapability)=...)",
		"setvar":                "Set(name=value)",
		"sipgetheader":          "Set(name=${SIP_HEADER(name)})",
		"sort":                  "${SORT(key:value,...)}",
		"stripmsd":              "Goto(${EXTEN:n},1)",
		"striplsd":              "Goto(${EXTEN:0:-n},1)",
		"substring":             "${variable:offset:length}",
		"suffix":                "Goto(${EXTEN}suffix,1)",
		"txfax":                 "SendFAX(file)",
		"txtcidname":            "${TXTCIDNAME(number)}",
		"zapbarge":              "ChanSpy()",
		"zapscan":               "ChanSpy()",
	}[strings.ToLower(name)]
}
