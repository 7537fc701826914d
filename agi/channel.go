package agi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
	"obelus/prompt"
)

func channelCommands() []command {
	return []command{
		{words: "ANSWER", synopsis: "Answers the channel where that has not been done.", about: "result=0, or -1 where it failed.", run: answer},
		{words: "CHANNEL STATUS", args: "[<channelname>]", synopsis: "Returns the state of this or another channel.",
			about: "0 down, 1 reserved, 2 off hook, 3 dialled, 4 ring, 5 ringing, 6 up, 7 busy; -1 where there is no such channel.", run: channelStatus},
		{words: "EXEC", args: "<application> [<options>]", dead: true, synopsis: "Carries out an application of the dialplan.",
			about: "Several words of options are joined by commas. result is what the\napplication returns, -1 where it asks for the end of the call, -2 where there is none of that name.", run: execApp},
		{words: "HANGUP", args: "[<channelname>]", synopsis: "Hangs up this or another channel.", run: hangUp},
		{words: "NOOP", dead: true, synopsis: "Does nothing.", run: func(*session, []string) (string, error) { return "result=0", nil }},
		{words: "RECEIVE CHAR", args: "<timeout>", synopsis: "Waits for a character of text, for so many milliseconds, 0 for ever.", run: receiveChar},
		{words: "RECEIVE TEXT", args: "<timeout>", synopsis: "Waits for a text, for so many milliseconds, 0 for ever.", run: receiveText},
		{words: "SEND IMAGE", args: "<image>", synopsis: "Sends an image to phones that take any. None does here.", run: sendImage},
		{words: "SEND TEXT", args: `"<text to send>"`, synopsis: "Sends a text to the phone.", run: sendText},
		{words: "SET AUTOHANGUP", args: "<time>", synopsis: "Has the call end in so many seconds, 0 for not at all.", run: autoHangup},
		{words: "SET CALLERID", args: "<number>", synopsis: `Sets the caller's number and name: 100, or "Ann" <100>.`, run: setCallerID},
		{words: "SET MUSIC", args: "{on|off} [<class>]", synopsis: "Has music played to the caller, until something else is played or the script ends.", run: setMusic},
		{words: "TDD MODE", args: "{on|off}", synopsis: "Switches a device for the deaf. No phone here has one: the result is 0.", run: tddMode},
		{words: "ASYNCAGI BREAK", dead: true, synopsis: "Ends Async AGI, where that runs the channel.", run: func(*session, []string) (string, error) { return "result=0", nil }},
	}
}

func answer(s *session, args []string) (string, error) {
	if len(args) != 0 {
		return "", errUsage
	}
	if err := s.ch.Answer(nil); err != nil {
		return "result=-1", errFailed
	}
	return "result=0", nil
}

func channelStatus(s *session, args []string) (string, error) {
	ch := s.ch
	switch len(args) {
	case 0:
	case 1:
		ch = s.x.PBX().Registry().Find(args[0])
	default:
		return "", errUsage
	}
	if ch == nil {
		return "result=-1", nil
	}
	return fmt.Sprintf("result=%d", int(ch.State())), nil
}

func execApp(s *session, args []string) (string, error) {
	if len(args) < 1 {
		return "", errUsage
	}
	data := strings.Join(args[1:], ",")
	s.x.Verbose(3, fmt.Sprintf("AGI Script Executing Application: (%s) Options: (%s)", args[0], data))
	if _, ok := s.x.PBX().Application(args[0]); !ok {
		s.x.Warnf("Could not find application (%s)", args[0])
		return "result=-2", nil
	}
	err := s.x.Application(s.ctx, args[0], data)
	var dialled *pbx.Dialled
	switch {
	case err == nil:
		return "result=0", nil
	case errors.As(err, &dialled) && dialled.Digits != "":
		return fmt.Sprintf("result=%d", dialled.Digits[0]), nil
	case !errors.Is(err, pbx.ErrHangup) && !errors.Is(err, pbx.ErrIncomplete) && !errors.Is(err, pbx.ErrLeave) && s.ctx.Err() == nil:
		s.x.Warn(args[0] + ": " + err.Error()) // as in the dialplan, it does not end the call
		return "result=0", nil
	}
	return "result=-1", errFailed
}

func hangUp(s *session, args []string) (string, error) {
	ch := s.ch
	switch len(args) {
	case 0:
	case 1:
		ch = s.x.PBX().Registry().Find(args[0])
	default:
		return "", errUsage
	}
	if ch == nil {
		return "result=-1", nil
	}
	ch.Hangup(call.CauseNormalClearing)
	return "result=1", nil
}

func sendText(s *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	err := s.ch.Leg().Indicate(call.Text{ContentType: "text/plain;charset=UTF-8", Body: []byte(args[0])})
	if err != nil {
		s.ch.Log().Info("the text could not be sent", "why", err)
	}
	if s.ctx.Err() != nil {
		return "result=-1", errFailed
	}
	return "result=0", nil
}

func sendImage(_ *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	return "result=0", nil
}

// text waits for a text that the phone sends within the call, "" when d has passed.
func (s *session) text(d time.Duration) (string, error) {
	var over <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	box := s.ch.Inbox()
	for {
		for e, ok := box.Take(); ok; e, ok = box.Take() {
			if t, is := e.Indication.(call.Text); is && len(t.Body) > 0 {
				return string(t.Body), nil
			}
		}
		select {
		case <-s.ctx.Done():
			return "", context.Cause(s.ctx)
		case <-over:
			return "", nil
		case <-box.C:
		}
	}
}

func receiveChar(s *session, args []string) (string, error) {
	text, err := s.receive(args)
	switch {
	case errors.Is(err, errUsage):
		return "", err
	case err != nil:
		return "result=-1 (hangup)", errFailed
	case text == "":
		return "result=0 (timeout)", nil
	}
	return fmt.Sprintf("result=%d", text[0]), nil
}

func receiveText(s *session, args []string) (string, error) {
	text, err := s.receive(args)
	switch {
	case errors.Is(err, errUsage):
		return "", err
	case err != nil || text == "":
		return "result=-1", nil
	}
	return "result=1 (" + oneLine(text) + ")", nil
}

func (s *session) receive(args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	ms, _ := strconv.Atoi(args[0])
	return s.text(time.Duration(ms) * time.Millisecond)
}

func autoHangup(s *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	f, err := strconv.ParseFloat(args[0], 64)
	if err != nil || f > 1e9 {
		return "", errUsage
	}
	s.x.SetAbsolute(time.Duration(max(f, 0) * float64(time.Second)))
	return "result=0", nil
}

func setCallerID(s *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	name, number := party(args[0])
	s.ch.ChangeIdentity(func(id *call.Identity) { id.Caller.Name, id.Caller.Number = name, number })
	return "result=1", nil
}

// party reads a name and a number as the original does: "Ann" <100>, Ann <100>,
// <100>, 100, or a name alone, which is what has other letters than numbers have.
func party(s string) (name, number string) {
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		number, _, _ = strings.Cut(s[open+1:], ">")
		return strings.Trim(strings.TrimSpace(s[:open]), `"`), strings.TrimSpace(number)
	}
	bare := strings.Trim(strings.TrimSpace(s), `"`)
	if strings.Trim(bare, "0123456789*#+-.()") == "" {
		return "", strings.NewReplacer("-", "", ".", "", "(", "", ")", "").Replace(bare)
	}
	return bare, ""
}

func setMusic(s *session, args []string) (string, error) {
	if len(args) < 1 {
		return "", errUsage
	}
	switch low := strings.ToLower(args[0]); {
	case strings.HasPrefix(low, "on"):
		class := ""
		if len(args) > 1 {
			class = args[1]
		}
		s.ch.Hold(class)
	case strings.HasPrefix(low, "off"):
		s.ch.Unhold()
	}
	return "result=0", nil
}

func tddMode(_ *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	return "result=0", nil
}

// keyResult is a key as a result: its character's number, 0 for none, -1 where
// the channel has gone.
func (s *session) keyResult(key byte, err error) (string, error) {
	if err != nil && s.ctx.Err() != nil {
		return "result=-1", errFailed
	}
	return fmt.Sprintf("result=%d", key), nil
}

// wait waits for a key for so many milliseconds, for ever where they are negative.
func (s *session) wait(ms int) (byte, error) {
	d := time.Duration(ms) * time.Millisecond
	if ms < 0 {
		d = 24 * time.Hour
	}
	for {
		key, err := prompt.Key(s.ctx, s.ch, d)
		if key != 0 || err != nil || ms >= 0 {
			return key, err
		}
	}
}
