package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/event"
	"obelus/media"
	"obelus/message"
	"obelus/pbx"
)

func messageSend(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "MessageSend",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			return runMessageSend(ctx, x, d, data)
		},
		Check: checkMessageSend,
	}
}

// checkMessageSend says what can be seen of a MessageSend before it runs.
func checkMessageSend(data string) (out []string) {
	args := expand.Args(data, 4)
	to := expand.Arg(args, 0)
	if i := strings.IndexAny(to, ":/$<"); i > 0 && to[i] != '$' && to[i] != '<' && !strings.EqualFold(to[:i], "sip") {
		out = append(out, "MessageSend to '"+to[:i]+"' is INVALID_PROTOCOL: texts go by sip")
	}
	if option := expand.Arg(args, 3); option != "" && !strings.Contains(option, "$") && !strings.EqualFold(option, "store") {
		out = append(out, "MessageSend option "+option+" is not known and does nothing: there is store")
	}
	return out
}

func runMessageSend(ctx context.Context, x *pbx.Exec, d *Deps, data string) error {
	in := messageOf(x)
	if in == nil {
		x.Warn("MessageSend has nothing to send: Set(MESSAGE(body)=...) comes first in a call")
		x.Set("MESSAGE_SEND_STATUS", "FAILURE")
		return nil
	}
	args := expand.Args(data, 4)
	if expand.Arg(args, 0) == "" {
		x.Warn("MessageSend requires an argument (destination[,from[,to[,options]]])")
		x.Set("MESSAGE_SEND_STATUS", "INVALID_URI")
		return nil
	}
	out := in.Onward(args[0], expand.Arg(args, 1), expand.Arg(args, 2))
	switch option := strings.TrimSpace(expand.Arg(args, 3)); {
	case strings.EqualFold(option, "store"):
		out.Store = true
	case option != "":
		x.Warn("MessageSend knows no option '" + option + "': there is store")
	}
	err := d.Senders.Send(ctx, out)
	status, why := message.Status(err), ""
	if err != nil {
		why = err.Error()
		x.Channel().Log().Info("a message was not delivered", "to", out.To, "why", err)
	}
	told := status
	if err != nil && status != "STORED" && in.Quiet() {
		told = "SUCCESS" // RFC 5438 section 14: nobody is told what becomes of a notification
	}
	event.Publish(d.Bus, event.MessageSent{
		From: out.From, To: out.To, ContentType: out.ContentType, Size: len(out.Body), Status: status, Reason: why,
	})
	x.Set("MESSAGE_SEND_STATUS", told)
	x.Set("MESSAGE_SEND_REASON", why)
	return nil
}

// messageOf is the message of this run of the dialplan: the one that came, or in a
// call the one that Set(MESSAGE(body)=...) has begun; nil where there is none.
func messageOf(x *pbx.Exec) *message.Message {
	if h, ok := x.Channel().Leg().(message.Holder); ok {
		return h.Message()
	}
	m, _ := x.Recall(message.Key{}).(*message.Message)
	return m
}

// Texts runs messages through the dialplan: each on a channel of its own with no
// phone behind it, as the original's Message/ast_msg_queue.
type Texts struct {
	PBX      *pbx.PBX
	Registry *call.Registry
	Log      *slog.Logger

	serial atomic.Uint32
}

// textTime bounds how long a message's dialplan may run.
const textTime = 10 * time.Minute

// Run runs a message through the dialplan and returns when that ends.
func (t *Texts) Run(m *message.Message) {
	leg := &textLeg{m: m}
	number, name := callerOf(m.From)
	ch := t.Registry.New(call.Spec{
		Name: fmt.Sprintf("Message/ast_msg_queue-%08x", t.serial.Add(1)-1), Leg: leg, State: call.StateUp, Internal: true,
		Place: call.Place{Context: m.Context, Exten: m.Exten, Priority: 1},
		Identity: call.Identity{
			Caller: call.Party{Name: name, Number: number}, DNID: m.Exten,
		},
	})
	if !t.PBX.Exists(m.Context, m.Exten, number) {
		t.Log.Info("no dialplan takes the message", "from", m.From, "context", m.Context, "exten", m.Exten)
	}
	over := time.AfterFunc(textTime, func() { ch.Hangup(call.CauseTimerExpired) })
	defer over.Stop()
	ch.Start(t.PBX.RunText(m.Context, m.Exten))
	<-ch.Done()
}

// callerOf reads the number and the name of "Name" <sip:number@host>.
func callerOf(from string) (number, name string) {
	uri := from
	if open := strings.LastIndexByte(from, '<'); open >= 0 {
		name = strings.Trim(strings.TrimSpace(from[:open]), `"`)
		uri = strings.TrimSuffix(from[open+1:], ">")
	}
	if _, rest, ok := strings.Cut(uri, ":"); ok {
		uri = rest
	}
	number, _, _ = strings.Cut(uri, "@")
	return number, name
}

// textLeg is the leg of a channel that carries a message: there is nobody to
// ring, to talk to or to hang up.
type textLeg struct{ m *message.Message }

func (l *textLeg) Message() *message.Message     { return l.m }
func (l *textLeg) Ring() error                   { return nil }
func (l *textLeg) Progress([]media.Format) error { return nil }
func (l *textLeg) Answer([]media.Format) error   { return nil }
func (l *textLeg) Hangup(call.Cause)             {}
func (l *textLeg) Formats() []media.Format       { return nil }
func (l *textLeg) Media() call.Media             { return nil }

func (l *textLeg) Indicate(i call.Indication) error {
	return fmt.Errorf("a message's channel has no phone to tell (%T): %w", i, call.ErrUnsupported)
}
