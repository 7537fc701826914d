package message

import (
	"strings"

	"obelus/function/argument"
	"obelus/message"
	"obelus/pbx"
)

func messageFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "MESSAGE",
			Read: messageRead, Write: messageWrite,
		}, {
			Name: "MESSAGE_DATA",
			Read: func(x *pbx.Exec, args string) (string, error) {
				m, err := messageOf(x, "MESSAGE_DATA")
				if err != nil {
					return "", err
				}
				if strings.EqualFold(args, "Content-Type") {
					return m.ContentType, nil
				}
				v, _ := m.Data(args)
				return v, nil
			},
			Write: func(x *pbx.Exec, args, value string) error {
				return messageDataWrite(begunMessage(x), args, value)
			},
		},
	}
}

// messageOf is the message of this run of the dialplan: the one that came, or the one
// that a call is about to send.
func messageOf(x *pbx.Exec, function string) (*message.Message, error) {
	if h, ok := x.Channel().Leg().(message.Holder); ok {
		if m := h.Message(); m != nil {
			return m, nil
		}
	}
	if m, ok := x.Recall(message.Key{}).(*message.Message); ok {
		return m, nil
	}
	return nil, argument.Complain("%s() is for text messages: %s is a call", function, x.Channel().Name())
}

// begunMessage is messageOf, which begins a message where a call has none yet, as the
// original does.
func begunMessage(x *pbx.Exec) *message.Message {
	m, err := messageOf(x, "MESSAGE")
	if err != nil {
		m = &message.Message{ContentType: message.PlainText, At: x.Now()}
		x.Remember(message.Key{}, m)
	}
	return m
}

// messageDataWrite sets what is sent along. What the protocol itself needs is not for
// the dialplan to say.
func messageDataWrite(m *message.Message, name, value string) error {
	if name == "" || strings.ContainsAny(name, ": \t\r\n") {
		return argument.Complain("MESSAGE_DATA() requires the name of a header, not '%s'", name)
	}
	switch strings.ToLower(name) {
	case "content-type":
		m.ContentType = value
		return nil
	case "via", "from", "contact", "call-id", "cseq", "route", "record-route", "content-length", "authorization", "proxy-authorization", "user-agent":
		return argument.Complain("MESSAGE_DATA(%s) can't be set: the server writes that header", name)
	}
	m.Write(name, value)
	return nil
}

func messageRead(x *pbx.Exec, args string) (string, error) {
	m, err := messageOf(x, "MESSAGE")
	if err != nil {
		return "", err
	}
	switch strings.ToLower(args) {
	case "to":
		return m.To, nil
	case "from":
		return m.From, nil
	case "body":
		return string(m.Body), nil
	}
	return "", argument.Complain("Invalid argument to MESSAGE(): '%s'", args)
}

func messageWrite(x *pbx.Exec, args, value string) error {
	m := begunMessage(x)
	switch strings.ToLower(args) {
	case "to":
		m.To = value
	case "from":
		m.From = value
	case "body":
		m.SetBody(value)
	case "custom_data":
		return markData(m, value)
	default:
		return argument.Complain("'%s' is not a valid write argument.", args)
	}
	return nil
}

// markData has all that came with the message go along with it when it is sent on, or
// none of it.
func markData(m *message.Message, value string) error {
	switch strings.ToLower(value) {
	case "mark_all_outbound":
		m.MarkAll()
	case "clear_all_outbound":
		m.ClearAll()
	default:
		return argument.Complain("'%s' is not a valid value for custom_data: mark_all_outbound and clear_all_outbound are.", value)
	}
	return nil
}
