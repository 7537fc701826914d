package transaction

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"hash/maphash"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

// Config is what a [Layer] is made of.
type Config struct {
	Log *slog.Logger
	// MaxServer bounds how many server transactions live at once; what comes
	// beyond them is answered 503 without state. 0 is 20,000. For BYE and CANCEL,
	// which end calls, there is room for a quarter more.
	MaxServer int
	// Request is told every new request. tx is nil for an ACK that belongs to
	// a 2xx, or to nothing. It must not block.
	Request func(tx *Server, m *sip.Message, f transport.Flow)
	// Stray is told every response that matches no transaction; may be nil.
	Stray func(m *sip.Message, f transport.Flow)
}

// Layer is the transactions of one server. Its methods may be called from any
// goroutine.
type Layer struct {
	cfg     Config
	wheel   *Wheel
	taggers sync.Pool // of *tagger, all with one secret
	seed    maphash.Seed
	servers [shards]serverShard
	clients [shards]clientShard
	serving atomic.Int64
	refused atomic.Uint64
}

const shards = 32

type serverShard struct {
	mu sync.Mutex
	m  map[key]*Server
}

type clientShard struct {
	mu sync.Mutex
	m  map[key]*Client
}

// key names a transaction: the branch of the top Via, and for a server the
// sent-by beside it, and the method, which is INVITE for an ACK (RFC 3261
// sections 17.1.3 and 17.2.3).
type key struct {
	branch, sentBy string
	port           uint16
	method         sip.Method
}

// The timers of RFC 3261 that don't come from a [Timing].
const (
	timerT1 = 500 * time.Millisecond
	timerT2 = 4 * time.Second
	timerT4 = 5 * time.Second
	longest = 64 * timerT1 // D, H, J, L, M and the default of B and F
)

// Errors that a client transaction ends with.
var (
	// ErrTimeout: no answer came in time.
	ErrTimeout = errors.New("no answer")
	// ErrCancelled: it was cancelled and the other side did not answer to it.
	ErrCancelled = errors.New("cancelled, and no answer to it")
)

// New makes a layer.
func New(c Config) *Layer {
	if c.MaxServer <= 0 {
		c.MaxServer = 20_000
	}
	l := &Layer{cfg: c, wheel: NewWheel(c.Log), seed: maphash.MakeSeed()}
	var secret [32]byte
	rand.Read(secret[:])
	l.taggers.New = func() any { return &tagger{mac: hmac.New(sha256.New, secret[:])} }
	for i := range shards {
		l.servers[i].m = make(map[key]*Server)
		l.clients[i].m = make(map[key]*Client)
	}
	return l
}

// Wheel is the layer's timers, for those whose timers live as long as dialogs.
func (l *Layer) Wheel() *Wheel { return l.wheel }

// Close stops all timers: nothing is sent again, and nobody is told.
func (l *Layer) Close() { l.wheel.Close() }

// Refused is how many requests were answered 503 because of MaxServer.
func (l *Layer) Refused() uint64 { return l.refused.Load() }

// Serving is how many server transactions live.
func (l *Layer) Serving() int { return int(l.serving.Load()) }

func (l *Layer) shard(k key) int {
	return int(maphash.String(l.seed, k.branch) % shards)
}

// magic begins the branch of a Via that is unique (RFC 3261 section 8.1.1.7).
const magic = "z9hG4bK"

// NewBranch returns a branch for a request of ours.
func NewBranch() string {
	var b [8]byte
	rand.Read(b[:])
	return magic + hex.EncodeToString(b[:])
}

// serverKey names the transaction that a request belongs to. A branch without
// the magic cookie, of a phone of RFC 2543, is not unique, nor is the bare cookie
// (RFC 4475 section 3.2.1): what RFC 3261 section 17.2.3 has instead is.
func serverKey(m *sip.Message, method sip.Method) (key, bool) {
	via, err := m.Via()
	if err != nil {
		return key{}, false
	}
	branch := via.Branch()
	if !strings.HasPrefix(branch, magic) || len(branch) == len(magic) {
		cseq, err := m.CSeq()
		if err != nil {
			return key{}, false
		}
		branch = strings.Join([]string{"", m.CallID(), m.FromTag(), strconv.FormatUint(uint64(cseq.Seq), 10), m.RawURI(), branch}, "\x00")
	}
	return key{branch, strings.ToLower(via.Host), via.Port, method}, true
}

// Serve takes a message in. m may be kept.
func (l *Layer) Serve(m *sip.Message, f transport.Flow) {
	if !m.IsRequest() {
		l.response(m, f)
		return
	}
	switch m.Method() {
	case sip.ACK:
		l.ack(m, f)
	default:
		l.request(m, f)
	}
}

func (l *Layer) request(m *sip.Message, f transport.Flow) {
	k, ok := serverKey(m, m.Method())
	if !ok {
		return // the transport has answered what can't be read
	}
	s := &l.servers[l.shard(k)]
	s.mu.Lock()
	if old := s.m[k]; old != nil {
		s.mu.Unlock()
		old.again()
		return
	}
	if l.serving.Add(1) > l.most(m.Method()) {
		l.serving.Add(-1)
		s.mu.Unlock()
		l.refuse(m, f)
		return
	}
	t := &Server{layer: l, key: k, req: m, flow: f, to: f, invite: m.Method() == sip.INVITE}
	s.m[k] = t
	s.mu.Unlock()
	if m.Method() == sip.CANCEL {
		k.method = sip.INVITE
		if invite := l.server(k); invite != nil && invite.sentBy(f) {
			t.cancels = invite
		}
	}
	t.begin()
	l.cfg.Request(t, m, f)
}

// most is how many server transactions may live for one more of this method. Who
// fills a server with calls must not keep others from ending theirs.
func (l *Layer) most(method sip.Method) int64 {
	most := int64(l.cfg.MaxServer)
	if method == sip.BYE || method == sip.CANCEL {
		most += most / 4
	}
	return most
}

// crowded says whether half of the room for server transactions is taken.
func (l *Layer) crowded() bool { return l.serving.Load() > int64(l.cfg.MaxServer)/2 }

func (l *Layer) server(k key) *Server {
	s := &l.servers[l.shard(k)]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.m[k]
}

// refuse answers a request without keeping anything.
func (l *Layer) refuse(m *sip.Message, f transport.Flow) {
	l.refused.Add(1)
	var b sip.Builder
	b.Response(m, 503, "", learned(m, f), l.StatelessTag(m))
	b.Header("Retry-After", "5")
	if err := f.Reply(b.End("", nil)); err != nil {
		l.cfg.Log.Debug("a request beyond the limit could not be refused", "to", f, "why", err)
	}
}

// learned is what the top Via of an answer says of where the request came from
// (RFC 3261 section 18.2.1, RFC 3581 section 4).
func learned(m *sip.Message, f transport.Flow) sip.Return {
	ret := sip.Return{Received: f.Remote.Addr().Unmap().WithZone("")}
	if via, err := m.Via(); err == nil {
		if _, asked := via.RPort(); asked {
			ret.RPort = f.Remote.Port()
		}
	}
	return ret
}

// ack gives an ACK to the INVITE that was refused; what is left belongs to a 2xx
// and is the dialog's.
func (l *Layer) ack(m *sip.Message, f transport.Flow) {
	if k, ok := serverKey(m, sip.INVITE); ok {
		if t := l.server(k); t != nil && t.acked() {
			return
		}
	}
	l.cfg.Request(nil, m, f)
}

func (l *Layer) response(m *sip.Message, f transport.Flow) {
	via, err := m.Via()
	cseq, err2 := m.CSeq()
	if err == nil && err2 == nil {
		k := key{branch: via.Branch(), method: cseq.Method}
		s := &l.clients[l.shard(k)]
		s.mu.Lock()
		c := s.m[k]
		s.mu.Unlock()
		if c != nil {
			c.answered(m)
			return
		}
	}
	if l.cfg.Stray != nil {
		l.cfg.Stray(m, f)
	}
}

// StatelessTag is the To tag of an answer that nothing is kept of: the same for
// the same request sent again (RFC 3261 section 8.2.7).
func (l *Layer) StatelessTag(m *sip.Message) string {
	t := l.taggers.Get().(*tagger)
	defer l.taggers.Put(t)
	t.mac.Reset()
	t.in = append(append(append(t.in[:0], m.CallID()...), 0), m.FromTag()...)
	t.mac.Write(t.in)
	t.out = t.mac.Sum(t.out[:0])
	var tag [2 + 8]byte
	hex.Encode(tag[copy(tag[:], "as"):], t.out[:4])
	return string(tag[:])
}

// tagger makes tags, again and again in the same memory.
type tagger struct {
	mac     hash.Hash
	in, out []byte
}
