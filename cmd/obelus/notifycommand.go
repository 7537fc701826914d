package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"obelus/chansip/watch"
	"obelus/conf"
	"obelus/console"
)

// notifyFile says what operators may have sent to phones, a section a type.
const notifyFile = "sip_notify.conf"

// notifyCommand is sip notify: a NOTIFY to phones, such as the one that has them read
// their configuration again. The file is read each time.
func (s *server) notifyCommand() console.Command {
	return console.Command{Words: "sip notify", Args: "<type> <peer> [<peer>...]", Summary: "Send a notify packet to a SIP peer",
		Help: "The types are the sections of " + notifyFile + ".",
		Run: func(_ context.Context, c *console.Session, args []string) error {
			if len(args) < 2 {
				return console.ErrUsage
			}
			words, err := s.words()
			switch {
			case errors.Is(err, fs.ErrNotExist), err == nil && len(words) == 0:
				c.Printf("No %s file found, or no types listed there\n", notifyFile)
				return nil
			case err != nil:
				return err
			}
			word, ok := words[strings.ToLower(args[0])]
			if !ok {
				c.Printf("Unable to find notify type '%s'\n", args[0])
				return nil
			}
			for _, account := range args[1:] {
				if s.sip.Lamps().Send(account, word) {
					c.Printf("Sending NOTIFY of type '%s' to '%s'\n", args[0], account)
				} else {
					c.Printf("Could not create address for '%s'\n", account)
				}
			}
			return nil
		}, Complete: func(args []string) []string {
			if len(args) > 0 {
				return s.sip.PeerNames()
			}
			words, _ := s.words() // what can't be read completes nothing
			var out []string
			for name := range words {
				out = append(out, name)
			}
			return out
		}}
}

// words are the types of sip_notify.conf, by name in lower case.
func (s *server) words() (map[string]watch.Word, error) {
	if s.dirs.Config == "" {
		return nil, nil
	}
	f, _, err := (&conf.Loader{Dir: s.dirs.Config}).Load(notifyFile)
	if err != nil {
		return nil, fmt.Errorf("read what can be sent: %w", err)
	}
	out := make(map[string]watch.Word)
	for _, section := range f.Sections {
		if section.Template {
			continue
		}
		var w watch.Word
		for _, e := range section.Entries {
			if strings.EqualFold(e.Key, "Content") {
				w.Body += e.Value + "\r\n"
			} else {
				w.Headers = append(w.Headers, [2]string{e.Key, e.Value})
			}
		}
		out[strings.ToLower(section.Name)] = w
	}
	return out, nil
}
