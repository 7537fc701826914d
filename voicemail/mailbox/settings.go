package mailbox

import (
	"strings"
	"time"
)

// Settings is what voicemail.conf says.
type Settings struct {
	General General
	Boxes   []*Box // in the order of the file
	Zones   []Zone
	Aliases []Alias

	byName map[string]*Box // "box@context", lower case
	alias  map[string]*Alias
}

// Options are what each mailbox may have of its own; those of [general] are where it begins.
type Options struct {
	Attach         bool // the recording goes with the mail
	Delete         bool // and is deleted then
	SayCID         bool
	SendVoicemail  bool // messages may be left from within the mailbox
	Review         bool // callers may hear and repeat what they have recorded
	TempGreetWarn  bool
	MessageWrap    bool
	Operator       bool // 0 leads to extension o
	Envelope       bool
	MoveHeard      bool
	SayDuration    bool
	ForceName      bool
	ForceGreetings bool
	HideFromDir    bool
	NextAfterCmd   bool
	LeaveUrgent    bool   // callers may mark their message as urgent
	Alias          string // another name in the directory
	AttachFormat   string
	ServerEmail    string
	FromString     string
	EmailSubject   string
	EmailBody      string
	Language       string
	TZ             string // name of a zone
	Locale         string // of the dates in mails
	Callback       string // context
	DialOut        string // context
	ExitContext    string
	SayDurationMin int // minutes; shorter ones are not said
	Shortest       time.Duration
	Longest        time.Duration // 0: no limit
	MaxMsg         int           // in each folder
	BackupDeleted  int           // how many are kept in Deleted
	VolGain        float64       // decibels that mailed recordings are louder
	SecretInSpool  bool          // passwordlocation=spooldir
}

// Prompts are the sounds whose names voicemail.conf may change.
type Prompts struct {
	Login, NewUser, Password, NewPassword, PassChanged, ReenterPassword, Mismatch, InvalidPassword, TryAgain, PrependTimeout string
}

// Keys are those that steer a message while it is played.
type Keys struct{ Forward, Reverse, Pause, Restart, Stop string }

// General is [general] of voicemail.conf.
type General struct {
	Options
	Formats        []string // endings of the files, the first is the one that is played and mailed
	MailCmd        string
	Charset        string
	PBXSkip        bool
	DateFormat     string // of ${VM_DATE}
	PagerDate      string
	PagerFrom      string
	PagerSubject   string
	PagerBody      string
	SilenceLevel   int // mean level below which it is silent; 0: that of dsp.conf
	MaxSilence     time.Duration
	MaxGreet       time.Duration
	Skip           time.Duration
	MaxLogins      int
	MinPassword    int
	Internal       []string // cidinternalcontexts
	UseDirectory   bool
	DirectoryIntro string
	ForwardUrgent  bool
	SearchContexts bool
	AliasContext   string
	Notify         string // externnotify
	Pass           string // externpass
	PassNotify     string // externpassnotify
	PassCheck      string // externpasscheck
	Poll           bool
	PollEvery      time.Duration
	Prompts        Prompts
	Keys           Keys
}

// Box is a mailbox.
type Box struct {
	Context, Name string
	Password      string // a leading - keeps it from being changed by phone
	FullName      string
	Email         string // several addresses are separated by |
	Pager         string
	Options

	file     string // where its line is
	line     int
	location *time.Location // of its zone
}

// Location is the time zone of the mailbox.
func (b *Box) Location() *time.Location { return b.location }

// ID is the mailbox's name with its context: 100@default.
func (b *Box) ID() string { return b.Name + "@" + b.Context }

// Zone is a row of [zonemessages]: how dates are said.
type Zone struct{ Name, Location, Format string }

// Alias is another name of a mailbox: both with their contexts.
type Alias struct{ Name, To string }

// Defaults are the settings of an empty voicemail.conf.
func Defaults() *Settings {
	return &Settings{General: General{
		Options: Options{
			Attach: true, Envelope: true, MoveHeard: true, SayDuration: true, SayDurationMin: 2, MaxMsg: 100, ServerEmail: "asterisk",
		},
		Formats: []string{"wav"}, MailCmd: "/usr/sbin/sendmail -t", Charset: "ISO-8859-1", DateFormat: "%A, %B %d, %Y at %r", PagerDate: "%A, %B %d, %Y at %r",
		Skip: 3 * time.Second, MaxLogins: 3, PollEvery: 30 * time.Second,
		Prompts: Prompts{
			"vm-login", "vm-newuser", "vm-password", "vm-newpassword", "vm-passchanged", "vm-reenterpassword", "vm-mismatch", "vm-invalid-password", "vm-pls-try-again",
			"vm-then-pound",
		},
		Keys: Keys{Forward: "#", Reverse: "*", Pause: "0", Restart: "2", Stop: "13456789"},
	}}
}

// Find returns the mailbox of that name, given as box or box@context; nil for none. Without a context it is that of default, or of any context where
// searchcontexts=yes.
func (s *Settings) Find(name string) *Box {
	box, context, has := strings.Cut(name, "@")
	if box == "" {
		return nil
	}
	if !has && s.General.SearchContexts {
		for _, b := range s.Boxes {
			if strings.EqualFold(b.Name, box) {
				return b
			}
		}
	}
	if context == "" {
		context = "default"
	}
	key := strings.ToLower(box + "@" + context)
	if b := s.byName[key]; b != nil {
		return b
	}
	if a := s.alias[key]; a != nil {
		return s.byName[strings.ToLower(a.To)]
	}
	return nil
}

// Zone returns the zone of that name.
func (s *Settings) Zone(name string) (Zone, bool) {
	for _, z := range s.Zones {
		if z.Name == name {
			return z, true
		}
	}
	return Zone{}, false
}

// add lists a mailbox; a later line of the same name takes the place of the earlier.
func (s *Settings) add(b *Box) {
	if s.byName == nil {
		s.byName = make(map[string]*Box)
	}
	key := strings.ToLower(b.ID())
	if old := s.byName[key]; old != nil {
		*old = *b
		return
	}
	s.byName[key] = b
	s.Boxes = append(s.Boxes, b)
}
