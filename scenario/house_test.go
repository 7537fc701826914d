package scenario

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app"
	"obelus/app/record"
	"obelus/astdb"
	"obelus/call"
	"obelus/cdr"
	"obelus/chansip"
	"obelus/chansip/sipconf"
	"obelus/cmd/obelus/switchboard"
	"obelus/conf"
	"obelus/device"
	"obelus/dialplan/syntax"
	"obelus/event"
	"obelus/features"
	"obelus/internal/simnet"
	"obelus/location"
	"obelus/media"
	"obelus/media/rtp"
	tonefile "obelus/media/sound"
	"obelus/message"
	"obelus/message/waiting"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/sip/transport"
	"obelus/store/memory"
	"obelus/tones"
	"obelus/voicemail/mailbox"
)

// The addresses of the house and of the phones around it.
var (
	houseAddr = netip.MustParseAddrPort("10.99.0.1:5060")
	houseSix  = netip.MustParseAddrPort("[2001:db8::1]:5060")
	addrOne   = netip.MustParseAddrPort("10.99.0.2:5070")
	addrTwo   = netip.MustParseAddrPort("10.99.0.3:5070")
	addrThree = netip.MustParseAddrPort("10.99.0.4:5070")
)

// files is what a house is told: its sip.conf and its extensions.conf.
type files struct{ sip, extensions, voicemail string }

// seed are the files of the seed, as they are.
func seed(t testing.TB) files {
	t.Helper()
	return files{sip: readFile(t, "testdata/seed-sip.conf"), extensions: readFile(t, "testdata/seed-extensions.conf")}
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// house is the whole server, wired as cmd/obelus wires it, on a network in
// memory.
type house struct {
	t        *testing.T
	net      *simnet.Network
	at       []netip.AddrPort // where it listens
	host     *simnet.Host
	bus      *event.Bus
	where    *location.Registrar
	calls    *call.Registry
	media    *rtp.Plane
	pbx      *pbx.PBX
	features *features.Desk
	texts    *waiting.Inbox
	shelf    *waiting.Shelf
	sip      *chansip.Driver
	wire     *transport.Layer
	certs    *transport.Certificates
	db       *astdb.DB
	board    *device.Board
	boxes    boxes          // the messages that wait
	mail     *mailbox.Boxes // nil: there is no voicemail.conf
	tapes    *record.Desk
	recorded string // the folder of recordings
	book     *book  // where the call records go
	told     files
	keeps    *mortal // what outlives the house; nil: nothing does
}

// inHouse runs a test in a bubble, with a house that has these files. The
// bubble proves that no goroutine outlives the house.
func inHouse(t *testing.T, f files, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, f)
		defer h.close()
		test(h)
	})
}

func newHouse(t *testing.T, f files) *house { return newHouseOn(t, f, simnet.New(1)) }

// newHouseOn puts a house on a network, which may be behind NAT.
func newHouseOn(t *testing.T, f files, net *simnet.Network) *house {
	return newHouseThat(t, f, net, nil)
}

// newHouseThat makes a house with what outlives it.
func newHouseThat(t *testing.T, f files, net *simnet.Network, keeps *mortal) *house {
	h := &house{t: t, net: net, told: f, keeps: keeps, at: []netip.AddrPort{houseAddr, houseSix}}
	h.host = h.net.Host("house", houseAddr.Addr(), houseSix.Addr())
	h.net.Capture().OnFailure(t)
	h.open()
	return h
}

// newHouseAt makes one more house on a network, at an address of its own.
func newHouseAt(t *testing.T, f files, net *simnet.Network, name string, at netip.AddrPort) *house {
	h := &house{t: t, net: net, told: f, at: []netip.AddrPort{at}}
	h.host = h.net.Host(name, at.Addr())
	h.open()
	return h
}

// open makes the rooms.
func (h *house) open() {
	log := slog.New(slog.NewTextHandler(logTo{h.t}, nil))
	h.bus = &event.Bus{}
	h.remember(log)
	h.wireCalls(h.told, log)
	h.listen(log)
}

// remember makes the rooms that hold what is known.
func (h *house) remember(log *slog.Logger) {
	var err error
	c := location.Config{Bus: h.bus, Log: log, Appeared: func(account, _ string) { h.shelf.Here(account) },
		Back: func(account string) { h.board.Changed("SIP/" + account) }, Gone: func(account string) { h.board.Changed("SIP/" + account) }}
	if h.keeps != nil {
		c.Store = h.keeps
	}
	if h.where, err = location.Open(h.t.Context(), c); err != nil {
		h.t.Fatal(err)
	}
	if h.media, err = rtp.New(rtp.Options{Listen: h.host.ListenPacket, Log: log}); err != nil {
		h.t.Fatal(err)
	}
	h.calls = call.NewRegistry(log, h.bus)
	h.book = newBook()
}

// wireCalls makes the switchboard and the driver, which need each other.
func (h *house) wireCalls(f files, log *slog.Logger) {
	dialers, senders := call.Dialers{}, message.Senders{}
	records := cdr.New(cdr.Defaults(), h.book)
	h.calls.Record(records)
	voice := &prompt.Voice{Sounds: prompts{}}
	zones := tones.Builtin()
	h.calls.SetTones(func(country, name string) media.Source {
		spec, _ := zones.Tone(country, name)
		src, err := tonefile.NewTone(spec)
		if err != nil {
			return nil
		}
		return src
	})
	h.features = features.New(features.Deps{Dialers: dialers, Voice: voice})
	local := &call.Local{Registry: h.calls}
	var err error
	if h.db, err = astdb.Open(h.t.Context(), astdb.Config{Log: log}); err != nil {
		h.t.Fatal(err)
	}
	h.board = switchboard.NewBoard(&switchboard.Lamps{
		Log: log, DB: h.db, PBX: func() *pbx.PBX { return h.pbx }, SIP: func() *chansip.Driver { return h.sip }, Local: local,
	})
	h.recorded = h.t.TempDir()
	h.tapes = record.New(record.Deps{Voice: voice, Bus: h.bus, Sounds: h.recorded, Monitor: h.recorded, Dictation: h.recorded})
	lamps := h.openBoxes(f.voicemail, log)
	deps := &switchboard.Deps{Boxes: h.mail, Recordings: h.tapes, DB: h.db, Accounts: houseAccounts{h}, Board: h.board, Dialers: dialers, Senders: senders, Voice: voice, Bus: h.bus, Records: records, Features: h.features, Tones: zones}
	h.pbx = pbx.New(pbx.Config{
		Applications: switchboard.Applications(deps), Functions: switchboard.Functions(deps), Registry: h.calls, Dialers: dialers, Bus: h.bus, Log: log,
		Registered: func(context, exten string) (string, bool) { return h.sip.Registered(context, exten) },
	})
	h.load(f.extensions)
	local.Run, local.Exists = h.pbx.Run, h.pbx.Exists
	texts := &app.Texts{PBX: h.pbx, Registry: h.calls, Log: log}
	c := waiting.InboxConfig{Run: texts.Run, Log: log}
	if h.keeps != nil {
		c.Store = h.keeps
	}
	if h.texts, err = waiting.OpenInbox(h.t.Context(), c); err != nil {
		h.t.Fatal(err)
	}
	set, _ := sipconf.ReadSettings(parse(h.t, "sip.conf", f.sip), nil, "obelus test")
	h.sip = chansip.New(chansip.Config{
		Settings: set, Location: h.where, Durable: h.keeps != nil, Registry: h.calls, Media: h.media, Bus: h.bus, Log: log, Resolver: &transport.Resolver{DNS: noNames{}},
		Incoming: h.features.Incoming(h.pbx), Exists: h.features.Exists(h.pbx), CanMatch: h.pbx.CanMatch, Text: h.texts.Take,
		Full: func(account string) string { return h.shelf.Full(account) }, Back: func(account string) { h.shelf.Here(account) },
		Board: h.board, Boxes: lamps,
	})
	dialers["SIP"], dialers["Local"] = h.sip, local
	h.openShelf(log)
	senders["sip"], senders[""] = h.shelf, h.shelf
}

// openShelf makes the place where texts wait.
func (h *house) openShelf(log *slog.Logger) {
	texts := h.sip.Texts()
	c := waiting.Config{Store: new(memory.Engine), Driver: texts, Limits: texts.Limits, Bus: h.bus, Log: log}
	if h.keeps != nil {
		c.Store = h.keeps
	}
	var err error
	if h.shelf, err = waiting.Open(h.t.Context(), c); err != nil {
		h.t.Fatal(err)
	}
}

// load has the switchboard work by that extensions.conf.
func (h *house) load(extensions string) {
	plan, problems := syntax.Read(parse(h.t, "extensions.conf", extensions))
	if len(problems) > 0 {
		h.t.Log("extensions.conf:", problems)
	}
	h.pbx.Load(plan)
	h.board.Load(plan)
}

func (h *house) listen(log *slog.Logger) {
	h.certs = transport.NewCertificates()
	h.wire = transport.New(transport.Options{Certificates: h.certs, Handler: h.sip, Log: log, Dial: h.host.DialContext})
	h.sip.Attach(h.wire)
	for _, a := range h.at {
		pc, err := h.host.ListenPacket("udp", a.String())
		if err != nil {
			h.t.Fatal(err)
		}
		h.wire.ServeUDP(pc)
	}
	h.sip.Start()
	h.texts.Start()
	h.shelf.Start()
}

// killed ends the house as kill -9 does, and opens it again: nothing is written down from
// the moment on.
func (h *house) killed() {
	h.keeps.dies()
	h.close()
	h.keeps.lives()
	h.open()
}

// close ends the rooms in the order in which cmd/obelus ends them.
func (h *house) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dead := h.keeps != nil && h.keeps.dead.Load()
	h.sip.Stop()
	h.drain()
	h.calls.HangupAll(call.CauseNormalClearing)
	if err := h.calls.Wait(ctx); err != nil {
		h.t.Error("calls did not end:", err)
	}
	if err := h.tapes.Close(ctx); err != nil {
		h.t.Error(err)
	}
	if h.mail != nil {
		if err := h.mail.Close(ctx); err != nil {
			h.t.Error(err)
		}
	}
	if err := h.shelf.Close(ctx); err != nil && !dead {
		h.t.Error(err)
	}
	h.sip.Close()
	h.wire.Close()
	if err := h.texts.Close(ctx); err != nil && !dead {
		h.t.Error(err)
	}
	if err := h.media.Close(); err != nil {
		h.t.Error(err)
	}
	if err := h.where.Close(ctx); err != nil && !dead {
		h.t.Error(err)
	}
}

// drain has the texts that were taken run.
func (h *house) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	h.texts.Drain(ctx)
}

// quiet fails the test unless no call is left, once everything due has happened.
func (h *house) quiet() {
	h.t.Helper()
	time.Sleep(time.Second)
	synctest.Wait()
	for _, c := range h.calls.All() {
		s := c.Snapshot()
		h.t.Errorf("%s is left in %v at %s(%s), gone: %t", c.Name(), s.Place, s.App, s.Data, c.IsGone())
	}
}

func parse(t testing.TB, name, text string) *conf.File {
	t.Helper()
	f, _, err := new(conf.Loader).Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// logTo is a test's log as a writer.
type logTo struct{ t testing.TB }

func (l logTo) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// noSounds is a house without sound files.
type noSounds struct{}

func (noSounds) Open(string, string, []media.Format) (prompt.Sound, error) {
	return nil, fs.ErrNotExist
}

// Exists says that there is none.
func (noSounds) Exists(string, string) bool { return false }

// pass lets time go by, and everything happen that is due.
func (h *house) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// noNames is a DNS that knows nobody.
type noNames struct{}

func (noNames) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (noNames) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such service", Name: name, IsNotFound: true}
}
