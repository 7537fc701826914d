package transaction

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

const theirs = "z9hG4bKtheirs"

// Timers G and H: a refusal is sent again until its ACK comes, at most 64*T1.
func TestRefusalUnacknowledged(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.INVITE, theirs))
		h.reply(486)
		after(40 * time.Second)
		h.expectSent("0.0 486", "0.5 486", "1.5 486", "3.5 486", "7.5 486", "11.5 486", "15.5 486", "19.5 486", "23.5 486", "27.5 486", "31.5 486")
		h.expectTold("INVITE")
		h.expectForgotten()
	})
}

// Timer I: after the ACK nothing is sent, and what comes again is swallowed for T4.
func TestRefusalAcknowledged(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.INVITE, theirs))
		h.reply(486)
		after(600 * time.Millisecond)
		h.hear(asked(sip.INVITE, theirs)) // our refusal was lost: again
		h.hear(acked(theirs))
		h.hear(acked(theirs))
		h.hear(asked(sip.INVITE, theirs))
		after(4 * time.Second)
		h.hear(acked(theirs))
		h.expectSent("0.0 486", "0.5 486", "0.6 486")
		h.expectTold("INVITE")
		after(2 * time.Second)
		h.expectForgotten()
	})
	inHouse(t, transport.TCP, func(h *house) {
		h.hear(asked(sip.INVITE, theirs))
		h.reply(486)
		after(20 * time.Second)
		h.hear(acked(theirs))
		h.expectSent("0.0 486")
		h.expectTold("INVITE")
		h.expectForgotten()
	})
}

// An INVITE that comes again gets the last 1xx; before the first answer nothing.
func TestInviteAgain(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.INVITE, theirs))
		h.hear(asked(sip.INVITE, theirs))
		h.reply(100)
		h.hear(asked(sip.INVITE, theirs))
		h.reply(180)
		h.hear(asked(sip.INVITE, theirs))
		h.expectSent("0.0 100", "0.0 100", "0.0 180", "0.0 180")
		h.expectTold("INVITE")
		h.reply(486)
		h.hear(acked(theirs))
		after(time.Minute)
		h.expectForgotten()
	})
}

// Timer L (RFC 6026 section 7.1): after a 2xx the INVITE that comes again is
// swallowed, an ACK is the dialog's, and a second final answer is refused.
func TestInviteAnswered(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.INVITE, theirs))
		h.reply(200)
		h.hear(asked(sip.INVITE, theirs))
		h.hear(acked(theirs)) // of a phone that uses the INVITE's branch again
		h.hear(acked("z9hG4bKanother"))
		if err := h.server().Reply(486, nil); !errors.Is(err, ErrAnswered) {
			t.Errorf("a second final answer: %v", err)
		}
		after(31 * time.Second)
		h.hear(asked(sip.INVITE, theirs))
		h.expectSent("0.0 200")
		h.expectTold("INVITE", "ACK", "ACK")
		after(2 * time.Second)
		h.expectForgotten()
	})
}

// Timer J: for 64*T1 the request that comes again gets the answer again.
func TestRequestAgain(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.MESSAGE, theirs))
		h.hear(asked(sip.MESSAGE, theirs))
		h.reply(202)
		h.hear(asked(sip.MESSAGE, theirs))
		after(31 * time.Second)
		h.hear(asked(sip.MESSAGE, theirs))
		h.expectSent("0.0 202", "0.0 202", "31.0 202")
		h.expectTold("MESSAGE")
		after(2 * time.Second)
		h.expectForgotten()
		h.hear(asked(sip.MESSAGE, theirs))
		h.expectTold("MESSAGE")
	})
	inHouse(t, transport.TCP, func(h *house) {
		h.hear(asked(sip.MESSAGE, theirs))
		h.reply(202)
		h.expectForgotten()
	})
}

// What is given again are the bytes that were given first, whatever their owner
// does with them since.
func TestAnswerIsKept(t *testing.T) {
	for _, method := range []sip.Method{sip.INVITE, sip.MESSAGE} {
		inHouse(t, transport.UDP, func(h *house) {
			h.hear(asked(method, theirs))
			b := answerTo(h.server().Request(), 486, "ours")
			first := string(b)
			if err := h.server().Reply(486, b); err != nil {
				t.Fatal(err)
			}
			clear(b)
			h.hear(asked(method, theirs))
			if again := string(h.lastSent().Bytes()); again != first {
				t.Errorf("%s: given again %q, at first %q", method, again, first)
			}
			after(time.Minute)
		})
	}
}

// An INVITE that its user drops, by a panic for one, is not kept for ever; one that
// rings is.
func TestInviteThatNobodyAnswers(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.INVITE, theirs))
		after(31 * time.Second)
		if h.layer.Serving() != 1 {
			t.Error("an INVITE was forgotten before its sender gave up")
		}
		after(2 * time.Second)
		h.expectForgotten()
		h.hear(asked(sip.INVITE, "z9hG4bKrings"))
		h.reply(180)
		after(time.Hour)
		h.reply(486)
		h.expectSent("33.0 180", "3633.0 486")
		after(time.Minute)
		h.expectForgotten()
	})
}

func TestRequestThatNobodyAnswers(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.MESSAGE, theirs))
		after(33 * time.Second)
		h.expectForgotten()
		if err := h.server().Reply(200, []byte("late")); !errors.Is(err, ErrAnswered) {
			t.Errorf("an answer to a forgotten request: %v", err)
		}
		h.expectSent()
	})
}

// A transaction is named by branch, sent-by and method (RFC 3261 section 17.2.3).
func TestRequestsAreToldApart(t *testing.T) {
	for name, other := range map[string]string{
		"branch":  asked(sip.OPTIONS, "z9hG4bKelse"),
		"method":  asked(sip.INFO, theirs),
		"sent-by": strings.Replace(asked(sip.OPTIONS, theirs), "UDP 192.0.2.1:5060", "UDP 192.0.2.7:5060", 1),
		"port":    strings.Replace(asked(sip.OPTIONS, theirs), "UDP 192.0.2.1:5060", "UDP 192.0.2.1:5062", 1),
	} {
		inHouse(t, transport.UDP, func(h *house) {
			h.hear(asked(sip.OPTIONS, theirs))
			h.hear(other)
			if len(h.servers) != 2 {
				t.Errorf("another %s is taken for the same request", name)
			}
			after(time.Minute)
		})
	}
}

// Phones of RFC 2543 send branches that are not unique, or none.
func TestOldBranches(t *testing.T) {
	for _, via := range []string{";branch=1", ""} {
		inHouse(t, transport.UDP, func(h *house) {
			old := func(s string) string { return strings.Replace(s, ";branch="+theirs, via, 1) }
			h.hear(old(asked(sip.INVITE, theirs)))
			h.hear(old(asked(sip.INVITE, theirs)))
			h.hear(strings.Replace(old(asked(sip.INVITE, theirs)), "102 INVITE", "103 INVITE", 1))
			h.expectTold("INVITE", "INVITE")
			h.reply(486)
			h.hear(strings.Replace(old(acked(theirs)), "102 ACK", "103 ACK", 1))
			h.expectTold()
			if n := len(h.servers); n != 2 {
				t.Errorf("%d transactions with %q", n, via)
			}
		})
	}
}

// A bare cookie names nothing (RFC 4475 section 3.2.1): it is taken as an old branch.
func TestBareCookie(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		bare := asked(sip.INVITE, sip.BranchCookie)
		h.hear(bare)
		h.hear(bare)
		h.expectTold("INVITE")
		h.reply(486)
		h.hear(acked(sip.BranchCookie))
		h.expectTold()
		h.hear(strings.Replace(bare, "Call-ID: call@", "Call-ID: other@", 1))
		h.hear(strings.Replace(bare, "INVITE sip:1002@", "INVITE sip:1003@", 1))
		h.expectTold("INVITE", "INVITE")
		after(time.Minute)
		h.expectForgotten()
	})
}

func TestCancelOfTheirs(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.INVITE, theirs))
		invite := h.server()
		h.hear(asked(sip.CANCEL, theirs))
		if h.server().Cancels() != invite {
			t.Error("the CANCEL does not find its INVITE")
		}
		h.reply(200)
		h.hear(asked(sip.CANCEL, theirs))
		if err := invite.Reply(487, answerTo(invite.Request(), 487, "ours")); err != nil {
			t.Error(err)
		}
		h.hear(acked(theirs))
		h.expectSent("0.0 200", "0.0 200", "0.0 487")
		h.expectTold("INVITE", "CANCEL")
		after(time.Minute)
		h.expectForgotten()
	})
}

func TestCancelOfNothing(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.CANCEL, theirs))
		if h.server().Cancels() != nil {
			t.Error("a CANCEL found an INVITE that never came")
		}
	})
}

// Security class 16: who guesses a branch can't cancel the call from elsewhere.
func TestCancelFromElsewhere(t *testing.T) {
	for remote, mine := range map[string]bool{"192.0.2.2:5060": true, "192.0.2.2:40001": true, "[::ffff:192.0.2.2]:5060": true, "192.0.2.66:5060": false} {
		inHouse(t, transport.UDP, func(h *house) {
			h.hear(asked(sip.INVITE, theirs))
			h.hearOn(h.from(transport.UDP, netip.MustParseAddrPort(remote)), asked(sip.CANCEL, theirs))
			if got := h.server().Cancels() != nil; got != mine {
				t.Errorf("a CANCEL from %s finds the INVITE from 192.0.2.2: %v", remote, got)
			}
		})
	}
}

// An unproven INVITE costs nothing: no memory, no timer, the same tag each time, and
// its ACK is swallowed by whoever knows no such dialog (security class 27).
func TestReplyStateless(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.serve = func(tx *Server, m *sip.Message) {
			if tx != nil {
				if err := tx.ReplyStateless(answerTo(m, 401, h.layer.StatelessTag(m))); err != nil {
					t.Error(err)
				}
			}
		}
		h.hear(asked(sip.INVITE, theirs))
		first := h.lastSent().ToTag()
		h.expectForgotten()
		h.hear(asked(sip.INVITE, theirs))
		if again := h.lastSent().ToTag(); again != first || first == "" {
			t.Errorf("tags %q and %q", first, again)
		}
		after(time.Minute)
		h.expectSent("0.0 401", "0.0 401")
		if other := New(Config{Log: quiet()}); other.StatelessTag(h.servers[0].Request()) == first {
			t.Error("a tag can be foretold: another server gives the same")
		}
	})
}

func TestStatelessAfterAnAnswer(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		h.hear(asked(sip.MESSAGE, theirs))
		h.reply(200)
		if err := h.server().ReplyStateless([]byte("SIP/2.0 401")); !errors.Is(err, ErrAnswered) {
			t.Errorf("a second final answer: %v", err)
		}
		h.hear(asked(sip.MESSAGE, theirs))
		h.expectSent("0.0 200", "0.0 200")
		after(time.Minute)
	})
}

// A server full of calls still lets them end.
func TestFullHouseEndsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, transport.UDP, 8)
		for i := range 9 {
			h.hear(asked(sip.INVITE, fmt.Sprint("z9hG4bK", i)))
		}
		h.expectSent("0.0 503")
		h.hear(asked(sip.CANCEL, "z9hG4bK3"))
		if h.server().Cancels() == nil {
			t.Error("the CANCEL of a call was refused")
		}
		h.hear(asked(sip.BYE, "z9hG4bKbye"))
		h.expectSent()
		h.hear(asked(sip.BYE, "z9hG4bKbeyond"))
		h.expectSent("0.0 503")
		if h.layer.Serving() != 10 {
			t.Errorf("serving %d", h.layer.Serving())
		}
		after(time.Minute)
		h.layer.Close()
	})
}

// In a crowd an answered request is remembered for 5 s instead of 32, so that others
// find room.
func TestCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, transport.UDP, 4)
		for i := range 4 {
			h.hear(asked(sip.MESSAGE, fmt.Sprint("z9hG4bK", i)))
			h.reply(200)
		}
		h.hear(asked(sip.MESSAGE, "z9hG4bKbeyond"))
		h.expectSent("0.0 200", "0.0 200", "0.0 200", "0.0 200", "0.0 503")
		after(4900 * time.Millisecond)
		h.hear(asked(sip.MESSAGE, "z9hG4bK3")) // asked again
		h.expectSent("4.9 200")
		after(300 * time.Millisecond)
		if h.layer.Serving() != 2 {
			t.Errorf("serving %d after 5.2 s", h.layer.Serving())
		}
		after(27 * time.Second)
		if h.layer.Serving() != 0 {
			t.Errorf("serving %d after 32.2 s", h.layer.Serving())
		}
		h.layer.Close()
	})
}

// Beyond the limit requests are refused without state (security class 25).
func TestTooManyTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, transport.UDP, 3)
		for i := range 5 {
			h.hear(asked(sip.INVITE, fmt.Sprint("z9hG4bK", i)))
		}
		h.expectTold("INVITE", "INVITE", "INVITE")
		refused := h.lastSent()
		via, _ := refused.Via()
		port, _ := via.RPort()
		if refused.StatusCode() != 503 || !refused.Has(sip.HeaderRetryAfter) || via.Received() != "192.0.2.2" || port != 5060 {
			t.Errorf("refused by %s", refused.Bytes())
		}
		h.expectSent("0.0 503", "0.0 503")
		if h.layer.Serving() != 3 || h.layer.Refused() != 2 {
			t.Errorf("serving %d, refused %d", h.layer.Serving(), h.layer.Refused())
		}
		h.reply(200)
		after(33 * time.Second)
		h.hear(asked(sip.INVITE, "z9hG4bKnext"))
		h.expectTold("INVITE")
		h.layer.Close()
	})
}

func TestReplyTo(t *testing.T) {
	inHouse(t, transport.UDP, func(h *house) {
		var went netip.AddrPort
		wire := transport.FlowFunc(transport.UDP, here, there, func(_ []byte, remote netip.AddrPort) error {
			went = remote
			return nil
		})
		h.hearOn(wire, asked(sip.OPTIONS, theirs))
		tx := h.server()
		if tx.Flow().Remote != there || tx.Answered() {
			t.Errorf("came by %v, answered: %v", tx.Flow(), tx.Answered())
		}
		elsewhere := netip.MustParseAddrPort("192.0.2.2:40000")
		tx.SetReplyTo(wire.To(elsewhere))
		h.reply(200)
		if went != elsewhere || !tx.Answered() {
			t.Errorf("the answer went to %v", went)
		}
		went = netip.AddrPort{}
		h.hearOn(wire, asked(sip.OPTIONS, theirs))
		if went != elsewhere {
			t.Errorf("the answer given again went to %v", went)
		}
		after(time.Minute)
	})
}

// A 2xx to an INVITE is repeated until its ACK: T1 doubling to T2, 64*T1 in all
// (RFC 3261 section 13.3.1.4).
func TestRepeat(t *testing.T) {
	repeat := func(h *house, slowest time.Duration) *Repeat {
		return h.layer.Repeat(0, slowest, func() { _ = h.flow.Send([]byte("SIP/2.0 200 OK")) }, func() { h.note("over") })
	}
	inHouse(t, transport.UDP, func(h *house) {
		repeat(h, timerT2)
		after(time.Minute)
		h.expectSent("0.5 200", "1.5 200", "3.5 200", "7.5 200", "11.5 200", "15.5 200", "19.5 200", "23.5 200", "27.5 200", "31.5 200")
		h.expectTold("over")
		h.expectForgotten()
	})
	inHouse(t, transport.UDP, func(h *house) { // a reliable 1xx doubles without bound (RFC 3262 section 3)
		repeat(h, 0)
		after(time.Minute)
		h.expectSent("0.5 200", "1.5 200", "3.5 200", "7.5 200", "15.5 200", "31.5 200")
		h.expectTold("over")
	})
	inHouse(t, transport.UDP, func(h *house) {
		r := repeat(h, timerT2)
		after(time.Second)
		r.Stop()
		r.Stop()
		after(time.Minute)
		h.expectSent("0.5 200")
		h.expectTold()
		h.expectForgotten()
	})
}
