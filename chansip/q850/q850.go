// Package q850 is what the causes of the telephone network (Q.850) and the answers of
// SIP mean to each other.
package q850

import (
	"strconv"
	"strings"

	"obelus/call"
	"obelus/sip"
)

// Status is the answer to an INVITE that a cause stands for, as in the
// original: 603 where there is none of its own.
func Status(cause call.Cause) int {
	switch cause {
	case call.CauseUnallocated, call.CauseNoRouteTransit, call.CauseNoRoute:
		return 404
	case call.CauseCongestion, call.CauseSwitchCongestion, call.CauseNotImplemented:
		return 503
	case call.CauseNoUserResponse:
		return 408
	case call.CauseNoAnswer, call.CauseSubscriberAbsent, call.CauseNormalUnspecified:
		return 480
	case call.CauseCallRejected:
		return 403
	case call.CauseNumberChanged:
		return 410
	case call.CauseInvalidNumber:
		return 484
	case call.CauseUserBusy:
		return 486
	case call.CauseNetworkOutOfOrder, call.CauseInterworking, call.CauseTemporaryFailure:
		return 500
	case call.CauseFacilityRejected:
		return 501
	case call.CauseOutOfOrder:
		return 502
	case call.CauseBearerNotAvail, call.CauseIncompatible:
		return 488
	case call.CauseTimerExpired:
		return 504
	}
	return 603
}

// Of is the cause that an answer to our INVITE stands for, as in the
// original.
func Of(status int) call.Cause {
	switch status {
	case 401, 402, 403, 407, 603:
		return call.CauseCallRejected
	case 404, 485, 604:
		return call.CauseUnallocated
	case 408:
		return call.CauseNoUserResponse
	case 410:
		return call.CauseNumberChanged
	case 480, 483:
		return call.CauseNoAnswer
	case 484:
		return call.CauseInvalidNumber
	case 486, 600:
		return call.CauseUserBusy
	case 488, 606:
		return call.CauseBearerNotAvail
	case 500:
		return call.CauseNetworkOutOfOrder
	case 501:
		return call.CauseFacilityRejected
	case 502:
		return call.CauseOutOfOrder
	case 503:
		return call.CauseCongestion
	case 504:
		return call.CauseTimerExpired
	}
	return call.CauseInterworking
}

// Reason reads the Q.850 cause of a Reason header (RFC 3326), CauseNone
// where there is none.
func Reason(m *sip.Message) call.Cause {
	for v := range m.HeaderValues("Reason") {
		for _, one := range strings.Split(v, ",") {
			protocol, params, _ := strings.Cut(strings.TrimSpace(one), ";")
			if !strings.EqualFold(strings.TrimSpace(protocol), "Q.850") {
				continue
			}
			if s, ok := sip.Params(params).Get("cause"); ok {
				if n, err := strconv.Atoi(s); err == nil && n > 0 && n < 128 {
					return call.Cause(n)
				}
			}
		}
	}
	return call.CauseNone
}
