package function

import (
	"strings"

	"obelus/message"
	"obelus/pbx"
)

func messageFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "MESSAGE", Syntax: "MESSAGE(to|from|body|custom_data)",
			Synopsis: "Read or change the text message that runs through the dialplan.",
			Read:     messageRead, Write: messageWrite,
		}, {
			Name: "MESSAGE_DATA", Syntax: "MESSAGE_DATA(name)",
			Synopsis: "Read a header of the text message that runs through the dialplan, or set one that is sent along.",
			Read: func(x *pbx.Exec, args string) (string, error) {
				m, err := messageOf(x, "MESSAGE_DATA")
				if err != nil {
					return "", err
				}
				v, _ := m.Data(args)
				return v, nil
			},
			Write: func(x *pbx.Exec, args, value string) error {
				m, err := messageOf(x, "MESSAGE_DATA")
				if err != nil {
					return err
				}
				m.SetData(args, value, true)
				return nil
			},
		},
	}
}

// messageOf is the message that the channel stands for.
func messageOf(x *pbx.Exec, function string) (*message.Message, error) {
	if h, ok := x.Channel().Leg().(message.Holder); ok {
		if m := h.Message(); m != nil {
			return m, nil
		}
	}
	return nil, complain("%s() is for text messages: %s is a call", function, x.Channel().Name())
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
	return "", complain("Invalid argument to MESSAGE(): '%s'", args)
}

func messageWrite(x *pbx.Exec, args, value string) error {
	m, err := messageOf(x, "MESSAGE")
	if err != nil {
		return err
	}
	switch strings.ToLower(args) {
	case "to":
		m.To = value
	case "from":
		m.From = value
	case "body":
		m.Body = []byte(value)
	case "custom_data":
		return markData(m, value)
	default:
		return complain("'%s' is not a valid write argument.", args)
	}
	return nil
}

// markData has all that came with the message go along with it when it is sent on.
func markData(m *message.Message, value string) error {
	if !strings.EqualFold(value, "mark_all_outbound") {
		return complain("'%s' is not a valid value for custom_data: mark_all_outbound is.", value)
	}
	for _, d := range m.AllData() {
		m.SetData(d.Name, d.Value, true)
	}
	return nil
}
