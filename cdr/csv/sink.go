package csv

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"obelus/store"
)

// file appends lines to one file, exactly once each.
type file struct {
	path string
	at   place
	sure bool // the file ended at at when the last batch was done, and nothing was written since
}

// ship appends text. note is where the file ended before, as it was last noted.
func (f *file) ship(text []byte, note string, intend func(string) error) (string, error) {
	sure := f.sure && f.at.note() == note
	f.sure = false
	var err error
	switch p, ok := readPlace(note); {
	case sure:
		f.at, err = appendTo(f.path, text)
	case ok:
		f.at, err = complete(f.path, p, text)
	default:
		if f.at, err = end(f.path); err == nil {
			err = intend(f.at.note())
		}
		if err == nil {
			f.at, err = appendTo(f.path, text)
		}
	}
	if err != nil {
		return "", err
	}
	f.sure = true
	return f.at.note(), nil
}

func (p place) note() string {
	b, err := json.Marshal(p)
	if err != nil {
		return "" // it can't
	}
	return string(b)
}

func readPlace(note string) (p place, ok bool) {
	return p, note != "" && json.Unmarshal([]byte(note), &p) == nil && p.At >= 0
}

// Master is the sink that writes Master.csv.
type Master struct {
	options Options
	file    file
	text    []byte
}

// NewMaster makes the sink of Master.csv in dir, which is cdr-csv in the log directory.
func NewMaster(dir string, o Options) *Master {
	return &Master{options: o, file: file{path: filepath.Join(dir, masterName)}}
}

const masterName = "Master.csv"

// Name implements outbox.Sink.
func (m *Master) Name() string { return "csv " + masterName }

// Ship implements outbox.Sink.
func (m *Master) Ship(_ context.Context, records []store.CallRecord, note string, intend func(string) error) (string, error) {
	m.text = m.text[:0]
	for i := range records {
		m.text = m.options.appendLine(m.text, &records[i])
	}
	return m.file.ship(m.text, note, intend)
}

// Accounts is the sink that writes a file for each account code.
type Accounts struct {
	dir     string
	options Options
	log     *slog.Logger
	mu      sync.Mutex
	refused map[string]bool // account codes that name no file, and this was said
}

// NewAccounts makes the sink of the account codes' files in dir.
func NewAccounts(dir string, o Options, log *slog.Logger) *Accounts {
	return &Accounts{dir: dir, options: o, log: log, refused: make(map[string]bool)}
}

// Name implements outbox.Sink.
func (a *Accounts) Name() string { return "csv accounts" }

// Ship implements outbox.Sink. The note is where the files ended before a batch; between batches there is none.
func (a *Accounts) Ship(_ context.Context, records []store.CallRecord, note string, intend func(string) error) (string, error) {
	texts := a.texts(records)
	if len(texts) == 0 {
		return "", nil
	}
	before := make(map[string]place)
	if note != "" {
		if err := json.Unmarshal([]byte(note), &before); err != nil {
			clear(before)
		}
	}
	unfinished := len(before) > 0
	for path := range texts {
		if _, ok := before[path]; ok {
			continue
		}
		p, err := end(path)
		if err != nil {
			return "", err
		}
		before[path] = p
	}
	b, err := json.Marshal(before)
	if err != nil {
		return "", fmt.Errorf("note where the files end: %w", err)
	}
	if err := intend(string(b)); err != nil {
		return "", err
	}
	for path, text := range texts {
		if unfinished {
			_, err = complete(path, before[path], text)
		} else {
			_, err = appendTo(path, text)
		}
		if err != nil {
			return "", err
		}
	}
	return "", nil
}

// texts are the lines for each file.
func (a *Accounts) texts(records []store.CallRecord) map[string][]byte {
	texts := make(map[string][]byte)
	for i := range records {
		account := records[i].AccountCode
		if account == "" {
			continue
		}
		name, ok := accountFile(account)
		if !ok {
			a.refuse(account)
			continue
		}
		path := filepath.Join(a.dir, name)
		texts[path] = a.options.appendLine(texts[path], &records[i])
	}
	return texts
}

// refuse says, once for each, that an account code names no file; for a few only, as phones may choose them.
func (a *Accounts) refuse(account string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refused[account] || len(a.refused) >= 100 {
		return
	}
	a.refused[account] = true
	a.log.Warn("cdr: this account code can't be the name of a file; its calls are in Master.csv only", "account", account)
}

// longName is the longest account code that names a file, in bytes.
const longName = 200

// accountFile is the name of an account's file. As in the original, what begins with a dot or leads out of the directory is none; neither is what some
// system can't have, nor Master.csv.
func accountFile(account string) (name string, ok bool) {
	odd := func(r rune) bool { return isControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) }
	if account == "" || account[0] == '.' || len(account) > longName || strings.ContainsFunc(account, odd) || strings.EqualFold(account+".csv", masterName) {
		return "", false
	}
	if isDevice(account) {
		return "", false
	}
	return account + ".csv", true
}

// isDevice says whether Windows takes a file of that name for a device: what is behind a dot does not matter there.
func isDevice(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), ".")
	name = strings.TrimRight(name, " ")
	for _, port := range []string{"com", "lpt"} {
		if rest, ok := strings.CutPrefix(name, port); ok && utf8.RuneCountInString(rest) == 1 && strings.Contains("0123456789¹²³", rest) {
			return true
		}
	}
	return slices.Contains([]string{"con", "prn", "aux", "nul", "conin$", "conout$"}, name)
}

// Custom is the sink that writes one file of cdr_custom.conf.
type Custom struct {
	name   string
	file   file
	lines  []string
	expand func(template string, r *store.CallRecord) string
	text   []byte
}

// NewCustom makes the sink of a file of cdr_custom.conf in dir, which is cdr-custom in the log directory. expand fills a template in.
func NewCustom(dir string, m Mapping, expand func(template string, r *store.CallRecord) string) *Custom {
	return &Custom{name: m.File, file: file{path: filepath.Join(dir, filepath.FromSlash(m.File))}, lines: m.Templates, expand: expand}
}

// Name implements outbox.Sink.
func (c *Custom) Name() string { return "custom " + c.name }

// Ship implements outbox.Sink.
func (c *Custom) Ship(_ context.Context, records []store.CallRecord, note string, intend func(string) error) (string, error) {
	c.text = c.text[:0]
	for i := range records {
		r := plainRecord(records[i])
		for _, l := range c.lines {
			c.text = append(c.text, c.expand(l, &r)...)
			c.text = append(c.text, '\n')
		}
	}
	return c.file.ship(c.text, note, intend)
}

// plainRecord is a record with no control characters in it: a template decides what a line is, not a caller.
func plainRecord(r store.CallRecord) store.CallRecord {
	for _, s := range []*string{&r.CallerID, &r.Src, &r.Dst, &r.DContext, &r.Channel, &r.DstChannel, &r.LastApp, &r.LastData, &r.Disposition,
		&r.AccountCode, &r.PeerAccount, &r.UniqueID, &r.LinkedID, &r.UserField} {
		*s = Plain(*s)
	}
	r.Variables = slices.Clone(r.Variables)
	for i := range r.Variables {
		r.Variables[i].Value = Plain(r.Variables[i].Value)
	}
	return r
}
