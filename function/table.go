// Package function is the dialplan functions: ${NAME(args)} and
// Set(NAME(args)=value).
//
// There is one room a family; [Table] lists the functions of them all.
package function

import (
	"slices"

	"obelus/function/channel"
	"obelus/function/clock"
	"obelus/function/database"
	"obelus/function/file"
	"obelus/function/lock"
	"obelus/function/lookup"
	"obelus/function/message"
	"obelus/function/number"
	"obelus/function/party"
	"obelus/function/plan"
	"obelus/function/record"
	"obelus/function/sip"
	"obelus/function/text"
	"obelus/function/variable"
	"obelus/function/web"
	"obelus/pbx"
)

// Deps are what functions reach the world by. They are set before the first
// channel runs and not changed then. A test that needs none of it hands in an
// empty one.
type Deps struct {
	// DB is what the DB functions read and write; nil: there is nothing in it, and nothing can be put there.
	DB Database
	// Records is what CDR() reads and writes; nil: there are none.
	Records Records
	// Shell carries commands out; nil: there is none.
	Shell file.Shell
	// Accounts are those of sip.conf; nil: there are none.
	Accounts sip.Accounts
	// Resolver is asked for names; nil: the system's.
	Resolver lookup.Resolver
	// Config is the directory of configuration, "" for none.
	Config string
	// Web opens connections to web servers; nil: as the system does.
	Web web.Dialer
}

// Database and Records are what the functions of those rooms work on.
type (
	Database = database.Database
	Records  = record.Records
)

// Table returns the functions.
func Table(d *Deps) []pbx.Function {
	return slices.Concat(
		channel.Table(), clock.Table(), database.Table(d.DB), file.Table(d.Shell), lock.Table(), lookup.Table(d.Resolver, d.Config), message.Table(), number.Table(), party.Table(), plan.Table(), record.Table(d.Records), sip.Table(d.Accounts),
		text.Table(), variable.Table(), web.Table(d.Web),
	)
}
