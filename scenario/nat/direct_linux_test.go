package nat

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"obelus/scenario/netns"
	"obelus/scenario/phones"
)

// wire is a change of the seed's configuration, in which nobody is behind NAT,
// and whether the sound of a call then passes the server. The accounts are 1001
// (linphonec) and 1002 (baresip).
type wire struct {
	name   string
	passes bool
	change func(files map[string]string)
	srtp   bool // baresip has SRTP only
}

// wires are the ways to have direct media, and all that speaks against it.
func wires() []wire {
	return []wire{
		{name: "directmedia=yes", passes: false, change: account1002("directmedia=yes")},
		{name: "canreinvite=yes", passes: false, change: account1002("canreinvite=yes")},
		{name: "directmedia=update", passes: false, change: account1002("directmedia=update")},
		{name: "directmedia=no of one", passes: true, change: account1002("directmedia=no")},
		{name: "canreinvite=no of one", passes: true, change: account1002("canreinvite=no")},
		{name: "nat=yes of one", passes: true, change: account1002("nat=yes")},
		{name: "nat=comedia of one", passes: true, change: account1002("nat=comedia")},
		{name: "codecs that differ", passes: true, change: func(files map[string]string) {
			account1002("disallow=all\nallow=alaw")(files)
			files["sip.conf"] = strings.Replace(files["sip.conf"], "[1001]\n", "[1001]\ndisallow=all\nallow=ulaw\n", 1)
		}},
		{name: "keys that travel otherwise", passes: true, change: account1002("dtmfmode=info")},
		{name: "directmediadeny of one", passes: true, change: account1002("directmediadeny=0.0.0.0/0")},
		{name: "one encrypted", passes: true, change: account1002("encryption=yes"), srtp: true},
		{name: "Dial option t", passes: true, change: dialOption("t")},
		{name: "Dial option T", passes: true, change: dialOption("T")},
		{name: "Dial option h", passes: true, change: dialOption("h")},
		{name: "Dial option H", passes: true, change: dialOption("H")},
		{name: "Dial option w", passes: true, change: dialOption("w")},
		{name: "Dial option W", passes: true, change: dialOption("W")},
		{name: "Dial option k", passes: true, change: dialOption("k")},
		{name: "Dial option K", passes: true, change: dialOption("K")},
		{name: "Dial option x", passes: true, change: dialOption("x")},
		{name: "Dial option X", passes: true, change: dialOption("X")},
		{name: "Dial option L with warnings", passes: true, change: dialOption("L(60000:30000:10000)")},
	}
}

// account1002 puts lines at the end of the last section of sip.conf, where they
// have the last word.
func account1002(lines string) func(map[string]string) {
	return func(files map[string]string) {
		files["sip.conf"] = strings.TrimRight(files["sip.conf"], "\n") + "\n" + lines + "\n"
	}
}

// dialOption gives Dial an option.
func dialOption(option string) func(map[string]string) {
	return func(files map[string]string) {
		files["extensions.conf"] = strings.Replace(files["extensions.conf"], "Dial(SIP/${EXTEN},30)", "Dial(SIP/${EXTEN},30,"+option+")", 1)
	}
}

// direct counts the packets of sound on the server's wire while two phones on
// its network talk.
func (w *work) direct(t *testing.T) {
	for i, c := range wires() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lab := NewLab(t, w.numbers)
			host := lab.Public("server", publicServer)
			files := phones.SeedConfig(t, "")
			files["sip.conf"] = strings.ReplaceAll(files["sip.conf"], "nat=yes\n", "nat=no\n")
			before := files["sip.conf"] + files["extensions.conf"]
			if c.change(files); before == files["sip.conf"]+files["extensions.conf"] {
				t.Fatal("the configuration has not changed: the seed's files have another shape")
			}
			m := newMeter(t, host)
			phones.StartServerAt(t, phones.ServerSetup{Binary: w.binary, Netns: host.Netns, Addr: host.Addr, Files: files})
			linphone, baresip := startPair(t, place{Host: lab.Public("one", publicOne), server: publicServer},
				place{Host: lab.Public("two", publicTwo), server: publicServer, srtp: c.srtp})
			caller, callee := linphone, baresip
			if i%2 == 1 { // each way in turn
				caller, callee = callee, caller
			}
			phones.Connect(caller, callee)
			if c.passes {
				m.mustPass(caller, callee)
			} else {
				m.mustBeStill(caller, callee)
			}
			phones.Part(callee, caller)
		})
	}
}

// meter counts the packets of sound at the server's network interface, each
// way, and the reports beside it: two phones that talk to each other get none from the server.
type meter struct {
	t    *testing.T
	host Host
}

func newMeter(t *testing.T, host Host) meter {
	t.Helper()
	rules := `table ip wire {
	chain in { type filter hook input priority filter; udp dport 10000-20000 counter; }
	chain out { type filter hook output priority filter; udp sport 10000-20000 counter; }
}
`
	if err := netns.Run(host.Netns, rules, "nft", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	return meter{t, host}
}

// read is what has come in and gone out so far.
func (m meter) read() (in, out int) {
	m.t.Helper()
	text, err := netns.Output(m.host.Netns, "nft", "list", "table", "ip", "wire")
	counts := regexp.MustCompile(`counter packets (\d+)`).FindAllStringSubmatch(text, -1)
	if err != nil || len(counts) != 2 {
		m.t.Fatalf("read the counters: %v\n%s", err, text)
	}
	in, errIn := strconv.Atoi(counts[0][1])
	out, errOut := strconv.Atoi(counts[1][1])
	if errIn != nil || errOut != nil {
		m.t.Fatalf("read the counters: %s", text)
	}
	return in, out
}

// waitStill waits until nothing has passed for half a second.
func (m meter) waitStill() {
	m.t.Helper()
	const moment = 500 * time.Millisecond
	look := time.NewTicker(moment)
	defer look.Stop()
	in, out := m.read()
	for range 20 * time.Second / moment {
		<-look.C
		nowIn, nowOut := m.read()
		if nowIn == in && nowOut == out {
			return
		}
		in, out = nowIn, nowOut
	}
	m.t.Fatalf("the sound has not left the server: %d packets in, %d out", in, out)
}

// mustBeStill has the phones hear each other twice, before and after the callee
// holds the call and takes it back, while no packet passes the server.
func (m meter) mustBeStill(caller, callee phones.Line) {
	m.t.Helper()
	for again := range 2 {
		if again == 1 {
			callee.Hold()
			callee.Resume()
		}
		m.waitStill()
		in, out := m.read()
		phones.HearEachOther(caller, callee)
		if nowIn, nowOut := m.read(); nowIn != in || nowOut != out {
			m.t.Errorf("while the phones heard each other %d packets came to the server and %d left it, want none", nowIn-in, nowOut-out)
		}
	}
	if in, _ := m.read(); in == 0 {
		m.t.Error("not a packet has come to the server, even before the phones were told of each other: nothing is counted")
	}
}

// mustPass has the phones hear each other twice, the second time when they would
// long have been told of each other; the packets of both pass the server.
func (m meter) mustPass(caller, callee phones.Line) {
	m.t.Helper()
	phones.HearEachOther(caller, callee)
	in, out := m.read()
	began := time.Now()
	phones.HearEachOther(caller, callee)
	nowIn, nowOut := m.read()
	want := int(time.Since(began)/(20*time.Millisecond)) * 2 * 3 / 4 // of two phones, but for what is on its way
	if nowIn-in < want || nowOut-out < want {
		m.t.Errorf("while the phones heard each other for %v, %d packets came to the server and %d left it, want %d or more",
			time.Since(began), nowIn-in, nowOut-out, want)
	}
}
