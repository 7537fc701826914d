package record

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/function/argument"
	"obelus/pbx"
	"obelus/store"
)

// Records is the call records as functions see them. A channel that is no call, as that of a text, has none.
type Records interface {
	// Current is a channel's record as it is now.
	Current(ch *call.Channel) (store.CallRecord, bool)
	SetVariable(ch *call.Channel, name, value string)
	SetUserField(ch *call.Channel, value string)
	// Prefer has the channel be Party A where it can be.
	Prefer(ch *call.Channel, on bool)
	// Disable keeps no record of the channel.
	Disable(ch *call.Channel, on bool)
}

func cdrFunctions(r Records) []pbx.Function {
	f := cdrFunction{r}
	return []pbx.Function{{
		Name: "CDR",
		Read: f.read, Write: f.write,
	}, {
		Name:  "CDR_PROP",
		Write: f.property,
	}}
}

// amaNames are the words for the kinds of accounting, from 1.
var amaNames = [...]string{1: "OMIT", 2: "BILLING", 3: "DOCUMENTATION"}

const amaDocumentation = 3

// AMAFlags is the kind of accounting of a channel.
func AMAFlags(ch *call.Channel) int {
	if n := ch.AMAFlags(); n > 0 && n < len(amaNames) {
		return n
	}
	return amaDocumentation
}

// SetAMAFlags takes a word or a number.
func SetAMAFlags(ch *call.Channel, value string) error {
	n, _, _ := argument.Int(value)
	for i, name := range amaNames {
		if strings.EqualFold(name, value) || strings.EqualFold("default", value) && i == amaDocumentation {
			n = i
		}
	}
	if n < 1 || n >= len(amaNames) {
		return argument.Complain("Unknown AMA flags '%s': omit, billing and documentation are known", value)
	}
	ch.SetAMAFlags(n)
	return nil
}

// cdrFunction is CDR() over the records, nil where there are none.
type cdrFunction struct{ records Records }

// cdrOptions are the letters after the name.
type cdrOptions struct{ fraction, raw bool }

func (f cdrFunction) read(x *pbx.Exec, args string) (string, error) {
	if f.records == nil {
		return "", nil
	}
	r, ok := f.records.Current(x.Channel())
	if !ok {
		return "", nil
	}
	return Field(&r, args, x.Now())
}

// Field is what CDR(args) reads of a record; one that has no end yet is as it would be if it ended now.
func Field(r *store.CallRecord, args string, now time.Time) (string, error) {
	name, letters, _ := argument.Two(args)
	if name == "" {
		return "", argument.Complain("Syntax: CDR(name[,options]) - missing argument!")
	}
	options := cdrOptions{strings.Contains(letters, "f"), strings.Contains(letters, "u")}
	lower := strings.ToLower(name)
	if v, ok := cdrText(r, lower); ok {
		return v, nil
	}
	if v, ok := cdrTime(r, lower, now, options); ok {
		return v, nil
	}
	if v, ok := cdrWord(r, lower, options); ok {
		return v, nil
	}
	for _, v := range r.Variables {
		if strings.EqualFold(v.Name, name) {
			return v.Value, nil
		}
	}
	return "", nil
}

// cdrText is the fields that are texts.
func cdrText(r *store.CallRecord, name string) (string, bool) {
	switch name {
	case "clid":
		return r.CallerID, true
	case "src":
		return r.Src, true
	case "dst":
		return r.Dst, true
	case "dcontext":
		return r.DContext, true
	case "channel":
		return r.Channel, true
	case "dstchannel":
		return r.DstChannel, true
	case "lastapp":
		return r.LastApp, true
	case "lastdata":
		return r.LastData, true
	case "accountcode":
		return r.AccountCode, true
	case "peeraccount":
		return r.PeerAccount, true
	case "uniqueid":
		return r.UniqueID, true
	case "linkedid":
		return r.LinkedID, true
	case "userfield":
		return r.UserField, true
	case "sequence":
		return strconv.FormatInt(r.Sequence, 10), true
	}
	return "", false
}

// cdrTime is the fields that are times and durations.
func cdrTime(r *store.CallRecord, name string, now time.Time, o cdrOptions) (string, bool) {
	end := r.End
	if end.IsZero() {
		end = now
	}
	switch name {
	case "start":
		return cdrMoment(r.Start, o), true
	case "answer":
		return cdrMoment(r.Answer, o), true
	case "end":
		return cdrMoment(r.End, o), true
	case "duration":
		return cdrDuration(end.Sub(r.Start), r.Duration, o), true
	case "billsec":
		if r.Answer.IsZero() {
			end = r.Answer
		}
		return cdrDuration(end.Sub(r.Answer), r.BillSec, o), true
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

func cdrDuration(d time.Duration, seconds int, o cdrOptions) string {
	if o.fraction {
		return fmt.Sprintf("%.6f", d.Seconds())
	}
	return strconv.Itoa(seconds)
}

// cdrWord is the fields that are words, and numbers with option u.
func cdrWord(r *store.CallRecord, name string, o cdrOptions) (string, bool) {
	switch name {
	case "amaflags":
		if o.raw || r.AMAFlags < 1 || r.AMAFlags >= len(amaNames) {
			return strconv.Itoa(r.AMAFlags), true
		}
		return amaNames[r.AMAFlags], true
	case "disposition":
		if o.raw {
			return dispositionNumber(r.Disposition), true
		}
		return r.Disposition, true
	}
	return "", false
}

// dispositionNumber is the original's number for how a call came out.
func dispositionNumber(name string) string {
	switch name {
	case "FAILED":
		return "2"
	case "BUSY":
		return "4"
	case "ANSWERED":
		return "8"
	case "CONGESTION":
		return "16"
	}
	return "0"
}

// write adds to the record. What the call itself says can't be changed.
func (f cdrFunction) write(x *pbx.Exec, args, value string) error {
	name, _, _ := argument.Two(args)
	ch := x.Channel()
	switch lower := strings.ToLower(name); lower {
	case "":
		return argument.Complain("No CDR variable specified: CDR(name[,options])=value")
	case "accountcode":
		x.Warn("Using the CDR function to set 'accountcode' is deprecated. Please use the CHANNEL function instead.")
		ch.SetAccount(value)
		return nil
	case "amaflags":
		x.Warn("Using the CDR function to set 'amaflags' is deprecated. Please use the CHANNEL function instead.")
		return SetAMAFlags(ch, value)
	case "peeraccount":
		return argument.Complain("The 'peeraccount' setting is not supported. Please set the 'accountcode' on the appropriate channel using the CHANNEL function.")
	case "userfield":
		if f.records != nil {
			f.records.SetUserField(ch, value)
		}
		return nil
	default:
		if readOnly(lower) {
			return argument.Complain("Attempt to set the '%s' read-only variable!.", name)
		}
	}
	if f.records != nil {
		f.records.SetVariable(ch, name, value)
	}
	return nil
}

func readOnly(name string) bool {
	var r store.CallRecord
	_, text := cdrText(&r, name)
	_, moment := cdrTime(&r, name, time.Time{}, cdrOptions{})
	_, word := cdrWord(&r, name, cdrOptions{})
	return text || moment || word
}

// property is Set(CDR_PROP(name)=).
func (f cdrFunction) property(x *pbx.Exec, args, value string) error {
	name, _, _ := argument.Two(args)
	if f.records == nil {
		return nil
	}
	switch strings.ToLower(name) {
	case "":
		return argument.Complain("No property specified: CDR_PROP(property)=value")
	case "party_a":
		f.records.Prefer(x.Channel(), argument.True(value))
	case "disable":
		f.records.Disable(x.Channel(), argument.True(value))
	default:
		return argument.Complain("Unknown CDR property %s", name)
	}
	return nil
}
