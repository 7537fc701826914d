package lamps

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"obelus/conf"
	"obelus/console"
	"obelus/device"
	"obelus/dialplan/syntax"
)

// keys is a database in memory.
type keys struct {
	mu   sync.Mutex
	have map[string]string
}

func (k *keys) Get(family, key string) (string, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.have[family+"/"+key]
	return v, ok
}

func (k *keys) Put(family, key, value string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.have[family+"/"+key] = value
	return nil
}

func (k *keys) Names(prefix string) (out []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name := range k.have {
		if rest, ok := strings.CutPrefix(name, prefix+"/"); ok {
			out = append(out, rest)
		}
	}
	return out
}

func TestCommands(t *testing.T) {
	board := device.New(device.Config{DB: &keys{have: make(map[string]string)}})
	table := &console.Table{}
	table.Add(Commands(board)...)
	run := func(line string) string {
		var out bytes.Buffer
		table.Run(t.Context(), &console.Session{Writer: &out}, line)
		return out.String()
	}
	if got := run("core show hints"); got != "There are no registered dialplan hints\n" {
		t.Errorf("without hints: %s", got)
	}
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte("[in]\nexten => 100,hint,Custom:a,CustomPresence:p\nexten => _1XX,hint,SIP/${EXTEN}\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := syntax.Read(f)
	board.Load(plan)
	for _, c := range []struct{ line, want string }{
		{"devstate change Custom:a INUSE", "Changing Custom:a to INUSE\n"},
		{"devstate change SIP/a INUSE", "can only be used to set 'Custom:' device states"},
		{"devstate change Custom:a NONE", "Usage: devstate change"},
		{"devstate change", "Usage: devstate change"},
		{"devstate list", "--- Name: 'Custom:a'  State: 'INUSE'\n---\n"},
		{"presencestate change CustomPresence:p away,lunch,back soon", "Changing CustomPresence:p to away,lunch,back soon\n"},
		{"presencestate change CustomPresence:p gone", "Usage: presencestate change"},
		{"presencestate change SIP/a away", "can only be used to set 'CustomPresence:'"},
		{"presencestate list", "Message: 'back soon'"},
		{"core show hints", "100@in              : Custom:a,CustomPrese  State:InUse           Presence:away            Watchers  0\n"},
		{"core show hints", "_1XX@in             : SIP/${EXTEN}          State:Unavailable     Presence:not_set         Watchers  0\n"},
		{"core show hints", "- 2 hints registered\n"},
		{"core show hints x", "Usage: core show hints"},
		{"core show hint 100", "1 hint matching extension 100\n"},
		{"core show hint 100@in", "1 hint matching extension 100@in\n"},
		{"core show hint 100@out", "No hints matching extension 100@out\n"},
	} {
		if got := run(c.line); !strings.Contains(got, c.want) {
			t.Errorf("%s prints\n%s\nand not\n%s", c.line, got, c.want)
		}
	}
	if got := strings.Join(table.Complete("devstate change "), " "); got != "Custom:a" {
		t.Errorf("completed: %s", got)
	}
	if got := table.Complete("presencestate change CustomPresence:p d"); len(got) != 1 || got[0] != "dnd" {
		t.Errorf("completed: %s", got)
	}
}
