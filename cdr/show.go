package cdr

import (
	"fmt"
	"io"
	"strings"
	"time"

	"obelus/call"
)

// Shipping is where complete records go on to, as cdr show status shows it.
type Shipping struct {
	Backends []string      // csv, cdr-custom, pgsql
	Waiting  int           // records that have not gone on
	Next     time.Duration // when they do, in batch mode
}

// ShowStatus is cdr show status, in the original's layout.
func (e *Engine) ShowStatus(w io.Writer, s Shipping) {
	c := e.Config()
	fmt.Fprintf(w, "\nCall Detail Record (CDR) settings\n----------------------------------\n")
	fmt.Fprintf(w, "  Logging:                    %s\n", word(c.Enable, "Enabled", "Disabled"))
	fmt.Fprintf(w, "  Mode:                       %s\n", word(c.Batch.On, "Batch", "Simple"))
	if c.Enable {
		fmt.Fprintf(w, "  Log calls by default:       %s\n", yesNo(c.ChannelDefaultEnabled))
		fmt.Fprintf(w, "  Log unanswered calls:       %s\n", yesNo(c.Unanswered))
		fmt.Fprintf(w, "  Log congestion:             %s\n\n", yesNo(c.Congestion))
		fmt.Fprintf(w, "  Ignore bridging changes:    %s\n\n", yesNo(c.IgnoreBridges))
		fmt.Fprintf(w, "  Ignore dial state changes:  %s\n\n", yesNo(c.IgnoreDials))
		if c.Batch.On {
			e.showBatch(w, &c.Batch, s)
		}
		fmt.Fprintf(w, "* Registered Backends\n  -------------------\n")
		for _, b := range s.Backends {
			fmt.Fprintf(w, "    %s\n", b)
		}
		if len(s.Backends) == 0 {
			fmt.Fprintf(w, "    (none)\n")
		}
	}
	fmt.Fprintln(w)
}

func (e *Engine) showBatch(w io.Writer, b *Batch, s Shipping) {
	fmt.Fprintf(w, "* Batch Mode Settings\n  -------------------\n")
	fmt.Fprintf(w, "  Safe shutdown:              %s\n", word(b.SafeShutdown, "Enabled", "Disabled"))
	fmt.Fprintf(w, "  Threading model:            Scheduler plus separate threads\n")
	fmt.Fprintf(w, "  Current batch size:         %d %s\n", s.Waiting, word(s.Waiting == 1, "record", "records"))
	fmt.Fprintf(w, "  Maximum batch size:         %d %s\n", b.Size, word(b.Size == 1, "record", "records"))
	fmt.Fprintf(w, "  Maximum batch time:         %d seconds\n", int(b.Time.Seconds()))
	fmt.Fprintf(w, "  Next batch processing time: %d seconds\n\n", int(s.Next.Seconds()))
}

func word(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func yesNo(is bool) string { return word(is, "Yes", "No") }

// The columns of cdr show active, as the original has them.
const (
	activeColumns = "%-25.25s %-25.25s %-15.15s %-8.8s %-8.8s %-8.8s %-8.8s %-8.8s\n"
	recordColumns = "%-10.10s %-20.20s %-25.25s %-15.15s %-15.15s %-8.8s %-8.8s %-8.8s %-8.8s %-8.8s\n"
)

// ShowActive is cdr show active: a line for each channel that will have a record.
func (e *Engine) ShowActive(w io.Writer, channels []*call.Channel) {
	fmt.Fprintf(w, "\nChannels with Call Detail Record (CDR) Information\n--------------------------------------------------\n")
	fmt.Fprintf(w, activeColumns, "Channel", "Dst. Channel", "LastApp", "Start", "Answer", "End", "Billsec", "Duration")
	for _, ch := range channels {
		if l := lineOf(ch); l != nil {
			l.show(w)
		}
	}
}

// show writes a channel's line: over all of its records that are not in the log yet.
func (l *line) show(w io.Writer) {
	g := l.lock()
	defer g.mu.Unlock()
	if l.dialed {
		return
	}
	start, answer, r := l.chain[0].start, time.Time{}, l.last()
	for _, old := range l.chain {
		if !old.answer.IsZero() && answer.IsZero() {
			answer = old.answer
		}
	}
	end := r.end
	if end.IsZero() {
		end = time.Now()
	}
	other, billed := "<none>", 0
	if r.b != nil {
		other = r.b.ch.Name()
	}
	if !answer.IsZero() {
		billed = int(end.Sub(answer) / time.Second)
	}
	fmt.Fprintf(w, activeColumns, l.ch.Name(), other, r.app, clock(start), clock(answer), clock(r.end), fmt.Sprint(billed),
		fmt.Sprint(int(end.Sub(start)/time.Second)))
}

// ShowChannel is cdr show active <channel>: its records, one a line; false where it has none.
func (e *Engine) ShowChannel(w io.Writer, ch *call.Channel) bool {
	l := lineOf(ch)
	if l == nil {
		return false
	}
	g := l.lock()
	defer g.mu.Unlock()
	fmt.Fprintf(w, "\nCall Detail Record (CDR) Information for %s\n--------------------------------------------------\n", ch.Name())
	fmt.Fprintf(w, recordColumns, "AccountCode", "CallerID", "Dst. Channel", "LastApp", "Data", "Start", "Answer", "End", "Billsec", "Duration")
	c := e.settings.Load()
	for _, r := range l.chain {
		v := r.now(time.Now(), c)
		fmt.Fprintf(w, recordColumns, v.AccountCode, plain(v.CallerID), v.DstChannel, v.LastApp, plain(v.LastData), clock(v.Start), clock(v.Answer), clock(v.End),
			fmt.Sprint(v.BillSec), fmt.Sprint(v.Duration))
	}
	return true
}

// plain is a text of others fit for a terminal: it can't move the cursor or start a new line.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// clock is a time of day, nothing for none.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.TimeOnly)
}
