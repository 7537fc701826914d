package voicemail

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt/say"
	"obelus/voicemail/mailbox"
)

// directoryOptions are the options of Directory.
const directoryOptions = "abceflmnps"

// errNobody says that the caller found nobody.
var errNobody = errors.New("nobody was found")

func directory(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "Directory",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 3)
			opts, err := pbx.ParseOptions(expand.Arg(args, 2), directoryOptions)
			if err != nil {
				x.Warnf("Directory: %v", err)
			}
			s := newSearch(d.line(x), expand.Arg(args, 0), opts)
			dial := expand.Arg(args, 1)
			if dial == "" {
				if dial = s.context; dial == "" {
					dial = "default"
				}
			}
			if !opts.Has('n') {
				if err := s.answer(); err != nil {
					return err
				}
			}
			s.dial = dial
			x.Set("DIRECTORY_RESULT", "HANGUP")
			return s.choose(ctx, dial, opts)
		},
		Check: func(data string) (out []string) {
			args := expand.RawArgs(data, 3)
			return unknownOptions("Directory", ","+expand.Arg(args, 2), directoryOptions)
		},
	}
}

// search is somebody who looks for a person.
type search struct {
	*line
	context     string // of the mailboxes
	dial        string // of extensions; "" where nobody is called
	letters     int    // of the name that are typed
	first, last bool   // which name
	aliases     bool   // those of voicemail.conf count, too
	exten       bool   // the extension is said, too
	list        bool   // a menu of all that fit, else one after another
	pause       time.Duration

	went byte // 0 or *: where the caller went instead
}

func newSearch(l *line, context string, opts pbx.Options) *search {
	s := &search{line: l, context: context, letters: 3, aliases: opts.Has('a'), first: opts.Has('f') || opts.Has('b'), last: opts.Has('l') || opts.Has('b'), exten: opts.Has('e'), list: opts.Has('m')}
	if !s.first && !s.last {
		s.last = true
	}
	for _, c := range []byte("flb") {
		if v, _ := opts.Get(c); v != "" {
			if n, err := strconv.Atoi(v); err == nil && n > 0 && n < 80 {
				s.letters = n
			} else {
				l.x.Warnf("Directory: option %c: %q is no number of letters", c, v)
			}
		}
	}
	if v, ok := opts.Get('p'); ok {
		if n, err := strconv.Atoi(v); err == nil && n >= 0 && n < 60000 {
			s.pause = time.Duration(n) * time.Millisecond
		}
	}
	return s
}

// choose looks for a person and goes to his extension.
func (s *search) choose(ctx context.Context, dial string, opts pbx.Options) error {
	b, err := s.run(ctx)
	switch {
	case errors.Is(err, errNobody):
		result := "TIMEOUT"
		if exten := map[byte]string{'0': "o", '*': "a"}[s.went]; exten != "" {
			result = map[byte]string{'0': "OPERATOR", '*': "ASSISTANT"}[s.went]
			s.x.Jump(call.Place{Context: s.exit(dial, exten), Exten: exten, Priority: 1})
		}
		s.x.Set("DIRECTORY_RESULT", result)
		return nil
	case err != nil:
		return err
	}
	s.x.Set("DIRECTORY_RESULT", "SELECTED")
	s.x.Set("DIRECTORY_EXTEN", b.Name)
	if opts.Has('s') { // the dialplan does the rest
		return nil
	}
	if !s.hasExten(dial, b.Name) {
		s.x.Warnf("Can't find extension '%s' in context '%s'.  Did you pass the wrong context to Directory?", b.Name, dial)
		s.x.Set("DIRECTORY_RESULT", "FAILED")
		return nil
	}
	if opts.Has('c') {
		s.ch.Log().Debug("Directory: the configuration is read at reloads, option c changes nothing")
	}
	s.x.Jump(call.Place{Context: dial, Exten: b.Name, Priority: 1})
	return nil
}

// exit is the context in which an extension is, that keys lead to.
func (s *search) exit(dial, exten string) string {
	for _, c := range []string{dial, s.x.Place().Context, s.x.Get("MACRO_CONTEXT")} {
		if s.hasExten(c, exten) {
			return c
		}
	}
	return ""
}

// run asks for the letters of a name until somebody was chosen. errNobody says that nobody was, or that a key led elsewhere.
func (s *search) run(ctx context.Context) (*mailbox.Box, error) {
	for {
		key, err := s.tell(ctx, s.question()...)
		if key == 0 && err == nil {
			key, err = s.key(ctx, 5*time.Second)
		}
		if err != nil {
			return nil, err
		}
		exten := map[byte]string{'0': "o", '*': "a"}[key]
		if key == 0 || exten != "" {
			if exten == "" || s.exit(s.dial, exten) != "" {
				s.went = key
				return nil, errNobody
			}
		}
		typed := string(key)
		for len(typed) < s.letters {
			next, err := s.key(ctx, 3*time.Second)
			if err != nil {
				return nil, err
			}
			if next == 0 || next == '#' {
				break
			}
			typed += string(next)
		}
		b, err := s.pick(ctx, s.matches(typed))
		if b != nil || err != nil {
			return b, err
		}
	}
}

// question is the prompts that ask for letters.
func (s *search) question() []string {
	if intro := s.general().DirectoryIntro; intro != "" {
		return []string{intro}
	}
	name := "dir-last"
	switch {
	case s.first && s.last:
		name = "dir-firstlast"
	case s.first:
		name = "dir-first"
	}
	return append(append([]string{"dir-welcome", "dir-pls-enter"}, s.number(s.letters)...), name, "dir-usingkeypad")
}

// matches lists the mailboxes whose name begins with the letters on these keys.
func (s *search) matches(typed string) (out []*mailbox.Box) {
	for _, b := range s.Boxes.Settings().Boxes {
		if b.HideFromDir || s.context != "" && !strings.EqualFold(b.Context, s.context) || s.context == "" && !strings.EqualFold(b.Context, "default") {
			continue
		}
		name := strings.TrimSpace(b.FullName)
		last := name[strings.LastIndexByte(name, ' ')+1:]
		if s.aliases && b.Alias != "" && strings.HasPrefix(keysOf(b.Alias), typed) || name != "" && (s.last && strings.HasPrefix(keysOf(last), typed) || s.first && strings.HasPrefix(keysOf(name), typed)) {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b *mailbox.Box) int {
		return strings.Compare(strings.ToLower(a.FullName), strings.ToLower(b.FullName))
	})
	return out
}

// keysOf is the keys on which the letters of a name are; what is no letter and no digit is left out.
func keysOf(name string) string {
	var out strings.Builder
	for _, r := range name {
		switch r = unicode.ToUpper(r); {
		case r >= '0' && r <= '9':
			out.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			out.WriteByte("22233344455566677778889999"[r-'A'])
		default:
			if base, ok := map[rune]rune{'Ä': 'A', 'À': 'A', 'Á': 'A', 'Å': 'A', 'Æ': 'A', 'Ç': 'C', 'È': 'E', 'É': 'E', 'Ê': 'E', 'Í': 'I', 'Ñ': 'N', 'Ó': 'O', 'Ö': 'O', 'Ø': 'O', 'Ú': 'U', 'Ü': 'U'}[r]; ok {
				out.WriteByte("22233344455566677778889999"[base-'A'])
			}
		}
	}
	return out.String()
}

// pick has the caller choose among those who fit; neither a mailbox nor an error means that he asks again.
func (s *search) pick(ctx context.Context, all []*mailbox.Box) (*mailbox.Box, error) {
	if len(all) == 0 {
		_, err := s.tell(ctx, "dir-nomatch")
		return nil, err
	}
	if s.pause > 0 {
		if _, err := s.key(ctx, s.pause); err != nil {
			return nil, err
		}
	}
	if s.list {
		return s.fromMenu(ctx, all)
	}
	return s.oneByOne(ctx, all)
}

// oneByOne offers one after another.
func (s *search) oneByOne(ctx context.Context, all []*mailbox.Box) (*mailbox.Box, error) {
	for _, b := range all {
		for range 3 {
			key, err := s.tell(ctx, append(s.who(b), "dir-instr")...)
			if key == 0 && err == nil {
				key, err = s.key(ctx, 3*time.Second)
			}
			if err != nil {
				return nil, err
			}
			if key == '1' {
				return b, nil
			}
			if key == '*' {
				break
			}
		}
	}
	_, err := s.tell(ctx, "dir-nomore")
	return nil, err
}

// menuSize is how many are offered at once by a menu.
const menuSize = 8

// fromMenu offers all, eight at a time, by a key each.
func (s *search) fromMenu(ctx context.Context, all []*mailbox.Box) (*mailbox.Box, error) {
	for tries := 0; len(all) > 0 && tries < 3; {
		some := all[:min(menuSize, len(all))]
		var sounds []string
		for i, b := range some {
			sounds = append(append(append(sounds, "dir-multi1"), s.number(i+1)...), "dir-multi2")
			sounds = append(sounds, s.who(b)...)
		}
		if len(all) > menuSize {
			sounds = append(sounds, "dir-multi9")
		}
		key, err := s.tell(ctx, append(sounds, "dir-multi3")...)
		if key == 0 && err == nil {
			key, err = s.key(ctx, 5*time.Second)
		}
		switch {
		case err != nil:
			return nil, err
		case key == 0:
			tries++
		case key == '0':
			return nil, nil // to begin again
		case key == '9' && len(all) > menuSize:
			all = all[menuSize:]
		case key >= '1' && int(key-'1') < len(some):
			return some[key-'1'], nil
		}
	}
	_, err := s.tell(ctx, "dir-nomore")
	return nil, err
}

// who is how the owner of a mailbox is named: as he has recorded it, or spelled.
func (s *search) who(b *mailbox.Box) []string {
	var sounds []string
	if name := s.greeting(b, "greet"); s.there(name) {
		sounds = append(sounds, name)
	} else {
		sounds = append(sounds, say.Alpha(s.ch.Language(), b.FullName)...)
	}
	if s.exten {
		sounds = append(append(sounds, "vm-extension"), s.digits(b.Name)...)
	}
	return sounds
}
