package lamp

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"obelus/conf"
	"obelus/device"
	"obelus/dialplan/syntax"
	"obelus/function/functiontest"
)

// keys is a database in memory.
type keys struct{ sync.Map }

func (k *keys) Get(family, key string) (string, bool) {
	v, ok := k.Load(family + "/" + key)
	text, _ := v.(string)
	return text, ok
}

func (k *keys) Put(family, key, value string) error {
	k.Store(family+"/"+key, value)
	return nil
}

func (k *keys) Names(string) []string { return nil }

func TestFunctions(t *testing.T) {
	db := &keys{}
	board := device.New(device.Config{DB: db})
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte("[default]\nexten => 100,hint,Custom:a&Custom:b(Ann)\n[other]\nexten => 7,hint,Custom:a\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := syntax.Read(f)
	board.Load(plan)
	x, warnings := functiontest.New(t, &functiontest.Leg{}, Table(board))
	for _, c := range []struct{ set, to, read, want, warning string }{
		{read: "${DEVICE_STATE(Custom:a)}", want: "UNKNOWN"},
		{read: "${DEVICE_STATE(SIP/nosuch)}", want: "INVALID"},
		{read: "${DEVICE_STATE()}", warning: "DEVICE_STATE function requires a device name"},
		{set: "DEVICE_STATE(Custom:a)", to: "busy", read: "${DEVICE_STATE(Custom:a)} ${EXTENSION_STATE(100)} ${EXTENSION_STATE(7@other)}", want: "BUSY BUSY BUSY"},
		{set: "DEVICE_STATE(Custom:b)", to: "RINGING", read: "${EXTENSION_STATE(100@default)}", want: "RINGINUSE"},
		{set: "DEVICE_STATE(Custom:b)", to: "UNKNOWN", read: "${DEVICE_STATE(Custom:b)}", want: "RINGING", warning: "given invalid state value 'UNKNOWN'"},
		{set: "DEVICE_STATE(SIP/b)", to: "BUSY", warning: "can only be used to set 'Custom:' device state!"},
		{set: "DEVICE_STATE(Custom:)", to: "BUSY", warning: "called with no custom device name!"},
		{read: "${EXTENSION_STATE(7)} ${EXTENSION_STATE(7@)}", want: "UNKNOWN UNKNOWN"},
		{read: "${EXTENSION_STATE(@other)}", warning: "EXTENSION_STATE requires an extension"},
		{read: "${HINT(100)} ${HINT(100@default,n)} ${HINT(7@other)} ${HINT(8@other)}", want: "Custom:a&Custom:b Ann Custom:a "},
		{read: "${HINT()}", warning: "The HINT function requires an extension"},
		{read: "${PRESENCE_STATE(CustomPresence:p,value)}", want: "not_set"},
		{set: "PRESENCE_STATE(CustomPresence:p)", to: "xa,one,two", read: "${PRESENCE_STATE(CustomPresence:p,value)} ${PRESENCE_STATE(CustomPresence:p,SUBTYPE)} ${PRESENCE_STATE(CustomPresence:p,message,e)}", want: "xa one dHdv"},
		{set: "PRESENCE_STATE(CustomPresence:p)", to: "dnd,b25l,dHdv,e", read: "${PRESENCE_STATE(CustomPresence:p,subtype)} ${PRESENCE_STATE(CustomPresence:p,message)}", want: "one two"},
		{set: "PRESENCE_STATE(CustomPresence:p)", to: "gone", warning: "Invalid arguments to PRESENCE_STATE"},
		{set: "PRESENCE_STATE(CustomPresence:)", to: "dnd", warning: "called with no custom device name!"},
		{set: "PRESENCE_STATE(SIP/p)", to: "dnd", warning: "can only set CustomPresence: presence providers."},
		{read: "${PRESENCE_STATE(CustomPresence:p)}", warning: "requires both presence provider and presence field"},
		{read: "${PRESENCE_STATE(SIP/p,value)}", warning: "PRESENCE_STATE unknown"},
		{read: "${PRESENCE_STATE(CustomPresence:p,age)}", warning: "has no field 'age'"},
	} {
		what := fmt.Sprintf("%s=%s %s", c.set, c.to, c.read)
		if c.set != "" {
			if err := x.Assign(c.set, c.to); err != nil {
				x.Warn(err.Error())
			}
		}
		if got := x.Expand(c.read); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
		if got := strings.Join(warnings.Take(), "|"); !strings.Contains(got, c.warning) || (got == "") != (c.warning == "") {
			t.Errorf("%s: warned %q, want %q", what, got, c.warning)
		}
	}
	a, _ := db.Get("CustomDevstate", "a")
	p, _ := db.Get("CustomPresence", "p")
	if a != "busy" || p != "dnd,b25l,dHdv,e" {
		t.Errorf("kept %q and %q", a, p)
	}
}
