package function

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
)

func cdrFunctions() []pbx.Function {
	return []pbx.Function{{
		Name: "CDR", Syntax: "CDR(name[,options])", Synopsis: "Read the record of the call so far, or add to it.",
		Description: "Names: clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, start, answer, end, duration,\n" +
			"billsec, disposition, amaflags, accountcode, uniqueid, linkedid, userfield, sequence, peeraccount, and any other\n" +
			"name that was set. Options: f writes times and durations with microseconds, u everything as numbers.",
		Read: cdrRead, Write: cdrWrite,
	}}
}

// What the dialplan adds to a record is kept with the channel, as variables
// that no dialplan can name otherwise.
func recordVariable(ch *call.Channel, name string) string {
	v, _ := ch.Vars.Get("CDR(" + name + ")")
	return v
}

func setRecordVariable(ch *call.Channel, name, value string) {
	ch.Vars.Set("CDR("+name+")", value)
}

// amaNames are the words for the kinds of accounting, from 1.
var amaNames = [...]string{1: "OMIT", 2: "BILLING", 3: "DOCUMENTATION"}

const amaDocumentation = 3

// amaFlags is the kind of accounting of a channel.
func amaFlags(ch *call.Channel) int {
	if n, _, ok := scanInt(recordVariable(ch, "amaflags")); ok {
		return n
	}
	if n := ch.Snapshot().AMAFlags; n > 0 && n < len(amaNames) {
		return n
	}
	return amaDocumentation
}

// setAMAFlags takes a word or a number.
func setAMAFlags(ch *call.Channel, value string) error {
	n, _, _ := scanInt(value)
	for i, name := range amaNames {
		if strings.EqualFold(name, value) || strings.EqualFold("default", value) && i == amaDocumentation {
			n = i
		}
	}
	if n < 1 || n >= len(amaNames) {
		return complain("Unknown AMA flags '%s': omit, billing and documentation are known", value)
	}
	setRecordVariable(ch, "amaflags", strconv.Itoa(n))
	return nil
}

// cdrOptions are the letters after the name.
type cdrOptions struct{ fraction, raw bool }

func cdrRead(x *pbx.Exec, args string) (string, error) {
	name, letters, _ := twoArgs(args)
	if name == "" {
		return "", complaint("Syntax: CDR(name[,options]) - missing argument!")
	}
	name = strings.ToLower(name)
	options := cdrOptions{strings.Contains(letters, "f"), strings.Contains(letters, "u")}
	s := x.Channel().Snapshot()
	if v, ok := cdrText(x, s, name); ok {
		return v, nil
	}
	if v, ok := cdrTime(x, s, name, options); ok {
		return v, nil
	}
	switch name {
	case "amaflags":
		n := amaFlags(x.Channel())
		if options.raw {
			return strconv.Itoa(n), nil
		}
		return amaNames[n], nil
	case "disposition":
		return disposition(x, s, options), nil
	}
	return recordVariable(x.Channel(), name), nil
}

// cdrText is the fields that are texts.
func cdrText(x *pbx.Exec, s call.Snapshot, name string) (string, bool) {
	switch name {
	case "clid":
		return quoted(s.Identity.Caller.Name, s.Identity.Caller.Number), true
	case "src":
		return s.Identity.Caller.Number, true
	case "dst":
		return x.Place().Exten, true
	case "dcontext":
		return x.Place().Context, true
	case "channel":
		return s.Name, true
	case "dstchannel":
		if s.Bridged != "" {
			return s.Bridged, true
		}
		return x.Get("DIALEDPEERNAME"), true
	case "lastapp":
		return s.App, true
	case "lastdata":
		return s.Data, true
	case "accountcode":
		return s.Account, true
	case "peeraccount":
		return s.PeerAccount, true
	case "uniqueid":
		return s.ID, true
	case "linkedid":
		return s.LinkedID, true
	case "sequence":
		_, n, _ := strings.Cut(s.ID, ".")
		return n, true
	}
	return "", false
}

// cdrTime is the fields that are times and durations.
func cdrTime(x *pbx.Exec, s call.Snapshot, name string, o cdrOptions) (string, bool) {
	switch name {
	case "start":
		return cdrMoment(s.Created, o), true
	case "answer":
		return cdrMoment(s.Answered, o), true
	case "end":
		return cdrMoment(time.Time{}, o), true // the call has not ended yet
	case "duration":
		return cdrDuration(x.Now().Sub(s.Created), o), true
	case "billsec":
		if s.Answered.IsZero() {
			return cdrDuration(0, o), true
		}
		return cdrDuration(x.Now().Sub(s.Answered), o), true
	}
	return "", false
}

func cdrMoment(t time.Time, o cdrOptions) string {
	switch {
	case t.IsZero() && o.raw:
		return "0.000000"
	case t.IsZero():
		return ""
	case o.raw:
		return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

func cdrDuration(d time.Duration, o cdrOptions) string {
	if o.fraction {
		return fmt.Sprintf("%.6f", d.Seconds())
	}
	return strconv.FormatInt(int64(d/time.Second), 10)
}

// dispositions are how a call came out, with the original's numbers.
var dispositions = [...]struct {
	name, number string
}{{"NO ANSWER", "0"}, {"FAILED", "2"}, {"BUSY", "4"}, {"ANSWERED", "8"}, {"CONGESTION", "16"}}

func disposition(x *pbx.Exec, s call.Snapshot, o cdrOptions) string {
	d := dispositions[0]
	switch status := x.Get("DIALSTATUS"); {
	case !s.Answered.IsZero():
		d = dispositions[3]
	case status == "BUSY":
		d = dispositions[2]
	case status == "CONGESTION":
		d = dispositions[4]
	case status == "CHANUNAVAIL":
		d = dispositions[1]
	}
	if o.raw {
		return d.number
	}
	return d.name
}

// cdrWrite adds to the record. What the call itself says can't be changed.
func cdrWrite(x *pbx.Exec, args, value string) error {
	name, _, _ := twoArgs(args)
	name = strings.ToLower(name)
	ch := x.Channel()
	switch name {
	case "":
		return complaint("No CDR variable specified: CDR(name[,options])=value")
	case "accountcode":
		x.Warn("Using the CDR function to set 'accountcode' is deprecated. Please use the CHANNEL function instead.")
		ch.SetAccount(value)
		return nil
	case "amaflags":
		x.Warn("Using the CDR function to set 'amaflags' is deprecated. Please use the CHANNEL function instead.")
		return setAMAFlags(ch, value)
	case "disposition", "peeraccount":
		return complain("Attempted to set the '%s' read-only variable!", name)
	}
	_, text := cdrText(x, call.Snapshot{}, name)
	_, moment := cdrTime(x, call.Snapshot{}, name, cdrOptions{})
	if text || moment {
		return complain("Attempted to set the '%s' read-only variable!", name)
	}
	setRecordVariable(ch, name, value)
	return nil
}
