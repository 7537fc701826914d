package sip

// StatusText returns the reason phrase of a status, from the RFC that
// registered it; "" for an unknown one.
func StatusText(status int) string {
	switch status {
	case 100:
		return "Trying"
	case 180:
		return "Ringing"
	case 181:
		return "Call Is Being Forwarded"
	case 182:
		return "Queued"
	case 183:
		return "Session Progress"
	case 199:
		return "Early Dialog Terminated"
	case 200:
		return "OK"
	case 202:
		return "Accepted"
	case 204:
		return "No Notification"
	case 300:
		return "Multiple Choices"
	case 301:
		return "Moved Permanently"
	case 302:
		return "Moved Temporarily"
	case 305:
		return "Use Proxy"
	case 380:
		return "Alternative Service"
	}
	switch {
	case status < 500:
		return clientErrorText(status)
	default:
		return serverErrorText(status)
	}
}

func clientErrorText(status int) string {
	if i := status - 400; i >= 0 && i < len(clientErrors) {
		return clientErrors[i]
	}
	return ""
}

var clientErrors = [...]string{
	0: "Bad Request", 1: "Unauthorized", 2: "Payment Required", 3: "Forbidden", 4: "Not Found",
	5: "Method Not Allowed", 6: "Not Acceptable", 7: "Proxy Authentication Required",
	8: "Request Timeout", 10: "Gone", 12: "Conditional Request Failed", 13: "Request Entity Too Large",
	14: "Request-URI Too Long", 15: "Unsupported Media Type", 16: "Unsupported URI Scheme",
	17: "Unknown Resource-Priority", 20: "Bad Extension", 21: "Extension Required",
	22: "Session Interval Too Small", 23: "Interval Too Brief", 24: "Bad Location Information",
	25: "Bad Alert Message", 28: "Use Identity Header", 29: "Provide Referrer Identity",
	30: "Flow Failed", 33: "Anonymity Disallowed", 36: "Bad Identity-Info",
	37: "Unsupported Credential", 38: "Invalid Identity Header", 39: "First Hop Lacks Outbound Support",
	40: "Max-Breadth Exceeded", 69: "Bad Info Package", 70: "Consent Needed",
	80: "Temporarily Unavailable", 81: "Call/Transaction Does Not Exist", 82: "Loop Detected",
	83: "Too Many Hops", 84: "Address Incomplete", 85: "Ambiguous", 86: "Busy Here",
	87: "Request Terminated", 88: "Not Acceptable Here", 89: "Bad Event", 91: "Request Pending",
	93: "Undecipherable", 94: "Security Agreement Required",
}

func serverErrorText(status int) string {
	switch status {
	case 500:
		return "Server Internal Error"
	case 501:
		return "Not Implemented"
	case 502:
		return "Bad Gateway"
	case 503:
		return "Service Unavailable"
	case 504:
		return "Server Time-out"
	case 505:
		return "Version Not Supported"
	case 513:
		return "Message Too Large"
	case 580:
		return "Precondition Failure"
	case 600:
		return "Busy Everywhere"
	case 603:
		return "Decline"
	case 604:
		return "Does Not Exist Anywhere"
	case 606:
		return "Not Acceptable"
	case 607:
		return "Unwanted"
	case 608:
		return "Rejected"
	default:
		return ""
	}
}
