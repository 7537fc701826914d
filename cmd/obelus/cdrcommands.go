package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"obelus/cdr"
	"obelus/cdr/outbox"
	"obelus/console"
)

// cdrCommands are the console commands about call records.
func (s *server) cdrCommands() []console.Command {
	return []console.Command{
		{Words: "cdr show status", Summary: "Display the CDR status", Run: s.showRecords},
		{Words: "cdr submit", Summary: "Posts all pending batched CDR data", Run: func(_ context.Context, c *console.Session, _ []string) error {
			s.outbox.Submit()
			c.Printf("Submitted CDRs to backend engines for processing.  This may take a while.\n")
			return nil
		}},
		{Words: "cdr show pgsql status", Summary: "Show connection status of the PostgreSQL CDR driver (cdr_pgsql)",
			Run: func(_ context.Context, c *console.Session, _ []string) error {
				s.sinks.mu.Lock()
				to := s.sinks.pgsql
				s.sinks.mu.Unlock()
				if to == nil {
					c.Printf("Call records do not go to PostgreSQL: there is no cdr_pgsql.conf.\n")
					return nil
				}
				var b strings.Builder
				to.ShowStatus(&b, time.Now())
				c.Printf("%s", b.String())
				return nil
			}},
		{Words: "cdr show active", Args: "[channel]", Summary: "Display all active CDRs, or details about a CDR", Run: s.showActive,
			Complete: func(args []string) (names []string) {
				if len(args) > 0 {
					return nil
				}
				for _, ch := range s.calls.All() {
					names = append(names, ch.Name())
				}
				return names
			}},
	}
}

// showRecords is cdr show status, and how the records do on their way.
func (s *server) showRecords(ctx context.Context, c *console.Session, _ []string) error {
	var b strings.Builder
	st := s.outbox.Status(ctx)
	var to cdr.Shipping
	for _, k := range st.Sinks {
		name, _, _ := strings.Cut(k.Name, " ")
		if name == "custom" {
			name = "cdr-custom"
		}
		if !slices.Contains(to.Backends, name) {
			to.Backends = append(to.Backends, name)
		}
		to.Waiting = max(to.Waiting, k.Waiting)
		if !k.Next.IsZero() {
			to.Next = max(to.Next, time.Until(k.Next))
		}
	}
	s.records.ShowStatus(&b, to)
	showShipping(&b, &st)
	c.Printf("%s", b.String())
	return nil
}

// showShipping says what has been kept and how far each place has come, which the original does not tell.
func showShipping(w io.Writer, st *outbox.Status) {
	fmt.Fprintf(w, "* Records on their way\n  --------------------\n")
	fmt.Fprintf(w, "    to the disk: %d waiting, %d failures\n", st.Writing.Waiting, st.Writing.Failures)
	if st.Lost > 0 {
		fmt.Fprintf(w, "    only in the log, because the disk refused too many: %d\n", st.Lost)
	}
	for _, k := range st.Sinks {
		fmt.Fprintf(w, "    to %s: %d waiting, %d shipped since the start", k.Name, k.Waiting, k.Shipped)
		if k.Err != nil {
			fmt.Fprintf(w, "; fails for %v: %v", time.Since(k.Since).Round(time.Second), k.Err)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}

func (s *server) showActive(_ context.Context, c *console.Session, args []string) error {
	var b strings.Builder
	switch len(args) {
	case 0:
		s.records.ShowActive(&b, s.calls.All())
	case 1:
		ch := s.calls.Find(args[0])
		if ch == nil || !s.records.ShowChannel(&b, ch) {
			c.Printf("Unknown channel: %s\n", args[0])
			return nil
		}
	default:
		return console.ErrUsage
	}
	c.Printf("%s", b.String())
	return nil
}
