package channel

import (
	"context"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// handlerTime bounds the hangup handlers of a channel that has gone.
const handlerTime = 10 * time.Minute

// handler is a subroutine to run when the channel ends.
type handler struct {
	at   call.Place
	args []string
}

// handlers are those of one run; the one pushed last runs first.
type handlers struct{ list []handler }

type handlersKey struct{}

// changeHandlers carries out CHANNEL(hangup_handler_push|pop|wipe)=[[context,]exten,]priority[(args)].
func changeHandlers(x *pbx.Exec, item, value string) error {
	h, _ := x.Recall(handlersKey{}).(*handlers)
	if h == nil {
		h = &handlers{}
		x.Remember(handlersKey{}, h)
		p, ch := x.PBX(), x.Channel()
		ch.AtEnd(func() { h.run(p, ch) })
	}
	var next *handler
	if value != "" {
		var err error
		if next, err = parseHandler(x, value); err != nil {
			return err
		}
	}
	switch {
	case item == "hangup_handler_wipe":
		h.list = nil
	case item == "hangup_handler_pop" && len(h.list) > 0:
		h.list = h.list[:len(h.list)-1]
	case item == "hangup_handler_push" && next == nil:
		return argument.Complain("hangup_handler_push needs a place: [[context,]exten,]priority[(arg1[,...])]")
	}
	if len(h.list) >= maxHandlers {
		return argument.Complain("no channel has more than %d hangup handlers", maxHandlers)
	}
	if next != nil {
		h.list = append(h.list, *next)
	}
	return nil
}

const maxHandlers = 100

func parseHandler(x *pbx.Exec, value string) (*handler, error) {
	target, args, has := strings.Cut(value, "(")
	at, err := x.Target(target)
	if err != nil {
		return nil, err
	}
	h := &handler{at: at}
	if has {
		if end := strings.LastIndexByte(args, ')'); end >= 0 {
			args = args[:end]
		}
		h.args = expand.RawArgs(args, argument.MaxSlots)
	}
	return h, nil
}

// run goes through the handlers in the channel's goroutine.
func (h *handlers) run(p *pbx.PBX, ch *call.Channel) {
	ctx, cancel := context.WithTimeout(context.Background(), handlerTime)
	defer cancel()
	for len(h.list) > 0 {
		last := h.list[len(h.list)-1]
		h.list = h.list[:len(h.list)-1]
		p.Subroutine(last.at, last.args, func() {})(ctx, ch)
	}
}
