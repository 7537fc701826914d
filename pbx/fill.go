package pbx

import (
	"obelus/call"
	"obelus/media"
)

// Fill fills in ${...} and $[...] of a text that belongs to an extension and to no
// call, as a hint does.
func (p *PBX) Fill(context, exten, text string) string {
	// A house of its own, so that the channel is in no list and no record.
	registry := call.NewRegistry(p.log, nil)
	at := call.Place{Context: context, Exten: exten, Priority: 1}
	ch := registry.New(call.Spec{Name: "Surrogate/" + exten + "@" + context, Leg: nobody{}, Place: at, Internal: true})
	return p.newExec(ch, at).Expand(text)
}

// nobody is the leg of a channel that stands for no call.
type nobody struct{}

func (nobody) Ring() error                    { return nil }
func (nobody) Progress([]media.Format) error  { return nil }
func (nobody) Answer([]media.Format) error    { return nil }
func (nobody) Indicate(call.Indication) error { return call.ErrUnsupported }
func (nobody) Hangup(call.Cause)              {}
func (nobody) Formats() []media.Format        { return nil }
func (nobody) Media() call.Media              { return nil }
