// Package app holds the applications of the dialplan, one file each or a small
// family. [Table] lists them; nothing registers itself.
//
// An application works on a [pbx.Exec] and, through it, on its channel. It
// sends texts only by [message.Senders], so it knows no driver; calls are made by
// app/dial.
package app

import (
	"embed"
	"slices"

	"obelus/event"
	"obelus/message"
	"obelus/pbx"
	"obelus/prompt"
)

// pages are the manual, one page an application.
//
//go:embed *.md
var pages embed.FS

// Deps are what applications reach the world by. They are set before the first
// channel runs and not changed then.
type Deps struct {
	Senders message.Senders
	Voice   *prompt.Voice
	Bus     *event.Bus
	DB      Database // what DBdel and DBdeltree work on; nil: nothing is in it
	Records Records  // the call records; nil: there are none
	Shell   Shell    // what System has commands carried out by; nil: none are
}

// Table lists the applications.
func Table(d *Deps) []pbx.Application {
	return pbx.Describe(pages, append(slices.Concat(new(macros).table(), conditionals(), small(d)), []pbx.Application{
		answer(), busy(), congestion(), continueWhile(), dbDel(d), dbDelTree(d), echo(), endWhile(), execIf(), execIfTime(), execute(), exitWhile(), forkCDR(d),
		gosub(), gosubIf(), goTo(), gotoIf(), gotoIfTime(), hangup(), incomplete(), logApp(),
		messageSend(d), mset(), noCDR(d), noOp(), proceeding(), progress(), resetCDR(d), return_(), ringing(),
		sendText(), set(), stackPop(), system(d), tryExec(), trySystem(d), verbose(), wait(), while(),
	}...))
}

// conditionals are If and its parts.
func conditionals() []pbx.Application {
	return []pbx.Application{else_(), elseIf(), endIf(), exitIf(), if_()}
}

// small are applications of a few lines.
func small(d *Deps) []pbx.Application {
	return []pbx.Application{
		celGenUserEvent(), clearHash(), dumpChan(), flash(), hangupCauseClear(), importVar(), minivmRecord(), raiseException(), sendImage(), sendURL(), setAMAFlags(), setCallerPres(),
		sipAddHeader(), sipDTMFMode(), sipRemoveHeader(), sipSendCustomInfo(), userEvent(d), waitForCondition(), waitUntil(),
	}
}

// answered answers the channel if nobody has yet, as most applications that
// make sound do.
func answered(x *pbx.Exec) error { return x.Channel().Answer(nil) }
