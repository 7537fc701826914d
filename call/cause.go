package call

import "strconv"

// Cause is why a call ended or failed: a Q.850 cause value. Drivers map it to
// their protocol's own codes.
type Cause int

// The causes that obelus itself gives. Others arrive from the far end.
const (
	CauseNone              Cause = 0
	CauseUnallocated       Cause = 1
	CauseNoRouteTransit    Cause = 2
	CauseNoRoute           Cause = 3
	CauseNormalClearing    Cause = 16
	CauseUserBusy          Cause = 17
	CauseNoUserResponse    Cause = 18
	CauseNoAnswer          Cause = 19
	CauseSubscriberAbsent  Cause = 20
	CauseCallRejected      Cause = 21
	CauseNumberChanged     Cause = 22
	CauseAnsweredElsewhere Cause = 26
	CauseOutOfOrder        Cause = 27
	CauseInvalidNumber     Cause = 28
	CauseFacilityRejected  Cause = 29
	CauseNormalUnspecified Cause = 31
	CauseCongestion        Cause = 34
	CauseNetworkOutOfOrder Cause = 38
	CauseTemporaryFailure  Cause = 41
	CauseSwitchCongestion  Cause = 42
	CauseChannelUnavail    Cause = 44
	CauseNotSubscribed     Cause = 50
	CauseBearerNotAvail    Cause = 58
	CauseNotImplemented    Cause = 66
	CauseFacilityNotImpl   Cause = 69
	CauseIncompatible      Cause = 88
	CauseTimerExpired      Cause = 102
	CauseProtocolError     Cause = 111
	CauseInterworking      Cause = 127
)

type causeName struct {
	cause Cause
	name  string // the constant's name in Asterisk: what Hangup(NAME) takes
	text  string // the words in X-Asterisk-HangupCause and on the console
}

// causes follows the original's table: name and description of each.
var causes = [...]causeName{
	{CauseUnallocated, "UNALLOCATED", "Unallocated (unassigned) number"},
	{CauseNoRouteTransit, "NO_ROUTE_TRANSIT_NET", "No route to specified transmit network"},
	{CauseNoRoute, "NO_ROUTE_DESTINATION", "No route to destination"},
	{5, "MISDIALLED_TRUNK_PREFIX", "Misdialed trunk prefix"},
	{6, "CHANNEL_UNACCEPTABLE", "Channel unacceptable"},
	{7, "CALL_AWARDED_DELIVERED", "Call awarded and being delivered in an established channel"},
	{8, "PRE_EMPTED", "Pre-empted"},
	{14, "NUMBER_PORTED_NOT_HERE", "Number ported elsewhere"},
	{CauseNormalClearing, "NORMAL_CLEARING", "Normal Clearing"},
	{CauseUserBusy, "USER_BUSY", "User busy"},
	{CauseNoUserResponse, "NO_USER_RESPONSE", "No user responding"},
	{CauseNoAnswer, "NO_ANSWER", "User alerting, no answer"},
	{CauseSubscriberAbsent, "SUBSCRIBER_ABSENT", "Subscriber absent"},
	{CauseCallRejected, "CALL_REJECTED", "Call Rejected"},
	{CauseNumberChanged, "NUMBER_CHANGED", "Number changed"},
	{23, "REDIRECTED_TO_NEW_DESTINATION", "Redirected to new destination"},
	{CauseAnsweredElsewhere, "ANSWERED_ELSEWHERE", "Answered elsewhere"},
	{CauseOutOfOrder, "DESTINATION_OUT_OF_ORDER", "Destination out of order"},
	{CauseInvalidNumber, "INVALID_NUMBER_FORMAT", "Invalid number format"},
	{CauseFacilityRejected, "FACILITY_REJECTED", "Facility rejected"},
	{30, "RESPONSE_TO_STATUS_ENQUIRY", "Response to STATus ENQuiry"},
	{CauseNormalUnspecified, "NORMAL_UNSPECIFIED", "Normal, unspecified"},
	{CauseCongestion, "NORMAL_CIRCUIT_CONGESTION", "Circuit/channel congestion"},
	{CauseNetworkOutOfOrder, "NETWORK_OUT_OF_ORDER", "Network out of order"},
	{CauseTemporaryFailure, "NORMAL_TEMPORARY_FAILURE", "Temporary failure"},
	{CauseSwitchCongestion, "SWITCH_CONGESTION", "Switching equipment congestion"},
	{43, "ACCESS_INFO_DISCARDED", "Access information discarded"},
	{CauseChannelUnavail, "REQUESTED_CHAN_UNAVAIL", "Requested channel not available"},
	{CauseNotSubscribed, "FACILITY_NOT_SUBSCRIBED", "Facility not subscribed"},
	{52, "OUTGOING_CALL_BARRED", "Outgoing call barred"},
	{54, "INCOMING_CALL_BARRED", "Incoming call barred"},
	{57, "BEARERCAPABILITY_NOTAUTH", "Bearer capability not authorized"},
	{CauseBearerNotAvail, "BEARERCAPABILITY_NOTAVAIL", "Bearer capability not available"},
	{65, "BEARERCAPABILITY_NOTIMPL", "Bearer capability not implemented"},
	{CauseNotImplemented, "CHAN_NOT_IMPLEMENTED", "Channel not implemented"},
	{CauseFacilityNotImpl, "FACILITY_NOT_IMPLEMENTED", "Facility not implemented"},
	{81, "INVALID_CALL_REFERENCE", "Invalid call reference value"},
	{CauseIncompatible, "INCOMPATIBLE_DESTINATION", "Incompatible destination"},
	{95, "INVALID_MSG_UNSPECIFIED", "Invalid message unspecified"},
	{96, "MANDATORY_IE_MISSING", "Mandatory information element is missing"},
	{97, "MESSAGE_TYPE_NONEXIST", "Message type nonexist."},
	{98, "WRONG_MESSAGE", "Wrong message"},
	{99, "IE_NONEXIST", "Info. element nonexist or not implemented"},
	{100, "INVALID_IE_CONTENTS", "Invalid information element contents"},
	{101, "WRONG_CALL_STATE", "Message not compatible with call state"},
	{CauseTimerExpired, "RECOVERY_ON_TIMER_EXPIRE", "Recover on timer expiry"},
	{103, "MANDATORY_IE_LENGTH_ERROR", "Mandatory IE length error"},
	{CauseProtocolError, "PROTOCOL_ERROR", "Protocol error, unspecified"},
	{CauseInterworking, "INTERWORKING", "Interworking, unspecified"},
}

// String returns the original's words for the cause ("Normal Clearing"), or
// "Unknown" for a value it has none for.
func (c Cause) String() string {
	for i := range causes {
		if causes[i].cause == c {
			return causes[i].text
		}
	}
	return "Unknown"
}

// ParseCause reads a cause as Hangup() takes it: a number from 0 to 127 or a
// name of the original ("USER_BUSY"), in the case given there.
func ParseCause(s string) (Cause, bool) {
	for i := range causes {
		if causes[i].name == s {
			return causes[i].cause, true
		}
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 127 {
		return CauseNone, false
	}
	return Cause(n), true
}
