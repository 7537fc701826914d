package main

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/cmd/obelus/settings"
	"obelus/conf"
	"obelus/console"
)

// part is what is read again.
type part struct {
	module  string // the original's name of it, without .so
	command string // its own command, "" for none
	words   string // what that says when it is done
	files   []string
}

// parts are what can be read again by itself.
func parts() []part {
	return []part{
		{"chan_sip", "sip reload", " Reloading SIP\n", []string{"acl.conf", "users.conf", "sip.conf"}},
		{"pbx_config", "dialplan reload", "Dialplan reloaded.\n", []string{"extensions.conf"}},
		{"res_rtp_asterisk", "", "", []string{"rtp.conf"}},
		{"features", "features reload", "", []string{"features.conf"}},
		{"res_musiconhold", "moh reload", "", []string{"musiconhold.conf"}},
		{"dsp", "", "", []string{"dsp.conf"}},
		{"app_amd", "", "", []string{"amd.conf"}},
		{"cdr", "", "", []string{"cdr.conf"}},
		{"cdr_csv", "", "", []string{"cdr.conf"}},
		{"cdr_custom", "", "", []string{"cdr_custom.conf"}},
		{"cdr_pgsql", "", "", []string{"cdr_pgsql.conf"}},
		{"res_indications", "", "", []string{"indications.conf"}},
		{"app_playback", "say reload", "", []string{"say.conf"}},
		{"app_privacy", "", "", []string{"privacy.conf"}},
		{"app_voicemail", "voicemail reload", "Reloading voicemail configuration...\n", []string{"voicemail.conf"}},
	}
}

// everything is all files.
func everything() part { return part{words: " Reloading SIP\nDialplan reloaded.\n"} }

// has says whether a part is, or has in it, the one of that module.
func (p part) has(module string) bool { return p.module == "" || p.module == module }

// outcome is what came of reading files again.
type outcome struct {
	refused []string // why nothing was changed, a line each; nil: it was
	found   []string // what the files have that was not there before and should not be
	restart []string // what has changed, and holds when the server starts again
	took    time.Duration
}

// reloader is the one queue of those who want files read again.
type reloader struct {
	queue chan reload
	begun *settings.Files                // what the server started with
	files atomic.Pointer[settings.Files] // what is at work
	last  atomic.Pointer[time.Time]      // nil: never

	applying sync.Mutex // held while files are put to work

	known map[string]bool // findings of the files at work; of the reloader's goroutine
}

type reload struct {
	part part
	done chan<- outcome
}

func newReloader(c *settings.Files) *reloader {
	r := &reloader{queue: make(chan reload), begun: c}
	r.files.Store(c)
	return r
}

// settleAfter is when what a reload took is given back; one that follows has use for it.
const settleAfter = time.Second

// reload is the one place that changes the configuration of a running server. A broken file changes nothing.
func (s *server) reload(ctx context.Context, found []conf.Diagnostic) {
	_, s.reloads.known = s.reloads.fresh(found)
	settled := time.AfterFunc(settleAfter, settleMemory)
	settled.Stop() // the start does that
	defer settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.reloads.queue:
			if ctx.Err() != nil {
				r.done <- outcome{refused: []string{errEnding.Error()}}
				return
			}
			s.tell(s.manager.Reloading())
			o := s.again(ctx, r.part)
			status := s.status()
			if o.refused != nil {
				status = "the configuration was not reloaded: " + o.refused[0]
			}
			if ctx.Err() == nil {
				s.tell(s.manager.Ready(status))
			}
			r.done <- o
			settled.Reset(settleAfter) // two configurations were held, and one of them is not needed any more
		}
	}
}

// again reads the files of a part, and puts them to work if none is broken: calls go on with what they began with, and the next one finds the new.
func (s *server) again(ctx context.Context, p part) (o outcome) {
	begun := time.Now()
	restore := spareMemory()
	defer restore()
	c, found, err := settings.Again(s.dirs, version, s.reloads.files.Load(), p.files...)
	var known map[string]bool
	o.found, known = s.reloads.fresh(found)
	if err == nil {
		err = s.applyUnless(ctx, p, c)
	}
	o.took = time.Since(begun)
	for _, line := range o.found {
		s.log.Warn(line)
	}
	if err != nil {
		o.refused = strings.Split(err.Error(), "\n")
		for _, line := range o.refused {
			s.log.Error("the configuration was not reloaded: the running one stays", "why", line)
		}
		return o
	}
	s.reloads.files.Store(c)
	s.reloads.learn(known, len(p.files) == 0)
	at := time.Now()
	s.reloads.last.Store(&at)
	if o.restart = settings.AfterRestart(s.reloads.begun, c); len(o.restart) > 0 {
		for _, line := range o.restart {
			s.log.Warn(line)
		}
	}
	s.log.Info("the configuration was reloaded", "what", p.name(), "took", o.took.Round(100*time.Microsecond))
	return o
}

func (p part) name() string {
	if p.module == "" {
		return "all"
	}
	return strings.Join(p.files, " ")
}

// errEnding says that nothing is reloaded any more.
var errEnding = errors.New("the server is about to end")

// applyUnless puts files to work unless ctx has ended: then what they would be put to is being closed.
func (s *server) applyUnless(ctx context.Context, p part, c *settings.Files) error {
	s.reloads.applying.Lock()
	defer s.reloads.applying.Unlock()
	if ctx.Err() != nil {
		return errEnding
	}
	return s.apply(p, c)
}

// end waits for files that are being put to work. The context of the reloader has ended before.
func (r *reloader) end() {
	r.applying.Lock()
	defer r.applying.Unlock()
}

// apply puts files to work. What can fail comes first.
func (s *server) apply(p part, c *settings.Files) error {
	if p.has("res_rtp_asterisk") {
		if err := s.media.Set(c.RTP.Options()); err != nil {
			return err
		}
	}
	if p.has("cdr") || p.has("cdr_csv") {
		s.records.Set(c.CDR)
	}
	if p.has("res_musiconhold") {
		s.music.Reload(c.Music)
	}
	s.setSinks(context.Background(), c)
	if p.has("app_voicemail") {
		s.boxes.Load(c.Voicemail)
	}
	if p.has("features") {
		s.features.Load(c.Features)
	}
	if p.has("dsp") || p.has("app_amd") {
		s.tapes.Load(c.Listening)
	}
	if p.has("res_indications") {
		s.tones.Store(c.Tones)
	}
	if p.has("pbx_config") {
		s.pbx.Load(c.Plan)
		s.board.Load(c.Plan)
	}
	if p.has("chan_sip") {
		s.loadCertificates(&c.SIP.General)
		s.acls.Store(&c.ACLs)
		s.sip.Reload(c.SIP)
		s.board.Refresh()
	}
	return nil
}

// fresh are the findings, worse than notes, that are not known yet, and all of them.
func (r *reloader) fresh(found []conf.Diagnostic) (lines []string, all map[string]bool) {
	all = make(map[string]bool)
	for _, d := range found {
		if d.Severity <= conf.Note {
			continue
		}
		line := d.String()
		if !r.known[line] && !all[line] {
			lines = append(lines, line)
		}
		all[line] = true
	}
	return lines, all
}

// learn notes the findings of files that are at work now. whole says that they are those of all files: then what is no longer found is forgotten.
func (r *reloader) learn(found map[string]bool, whole bool) {
	if whole {
		r.known = found
		return
	}
	maps.Copy(r.known, found)
}

// Reload has files read again, after those who asked before, and returns when they are in use or were refused.
func (s *server) Reload(ctx context.Context, p part) (outcome, error) {
	done := make(chan outcome, 1)
	select {
	case s.reloads.queue <- reload{p, done}:
		return <-done, nil
	case <-ctx.Done():
		return outcome{}, context.Cause(ctx)
	}
}

// shownFindings bounds what a console is shown of them.
const shownFindings = 50

// show has a console say what came of it.
func (o outcome) show(c *console.Session, words string) {
	for i, line := range o.found {
		if i == shownFindings {
			c.Printf("... and %d more: obelus check lists them\n", len(o.found)-i)
			break
		}
		c.Printf("%s\n", line)
	}
	if o.refused != nil {
		for _, line := range o.refused {
			c.Printf("%s\n", line)
		}
		c.Printf("The configuration was not reloaded: nothing has changed.\n")
		return
	}
	c.Printf("%s", words)
	for _, line := range o.restart {
		c.Printf("%s\n", line)
	}
}

// reloadCommand is the console command that reads a part again.
func (s *server) reloadCommand(words string, p part) console.Command {
	return console.Command{Words: words, Summary: "Reload the configuration", Run: func(ctx context.Context, c *console.Session, args []string) error {
		if len(args) > 0 {
			return console.ErrUsage
		}
		o, err := s.Reload(ctx, p)
		if err != nil {
			return err
		}
		o.show(c, p.words)
		return nil
	}}
}

// reloadCommands are all of them.
func (s *server) reloadCommands() []console.Command {
	all := []console.Command{s.reloadCommand("core reload", everything()), s.reloadCommand("reload", everything()), s.moduleReload()}
	for _, p := range parts() {
		if p.command != "" {
			all = append(all, s.reloadCommand(p.command, p))
		}
	}
	return all
}

// moduleReload takes the original's names of modules.
func (s *server) moduleReload() console.Command {
	return console.Command{
		Words: "module reload", Args: "[module ...]", Summary: "Reload configuration for a module",
		Run: func(ctx context.Context, c *console.Session, args []string) error {
			if len(args) == 0 {
				return s.reloadModule(ctx, c, "", everything())
			}
			for _, name := range args {
				if err := s.reloadModule(ctx, c, name, moduleNamed(name)); err != nil {
					return err
				}
			}
			return nil
		},
		Complete: func([]string) []string {
			var names []string
			for _, p := range parts() {
				names = append(names, p.module+".so")
			}
			return names
		},
	}
}

// moduleNamed is the part of that name; one without files is none.
func moduleNamed(name string) part {
	for _, p := range parts() {
		if strings.EqualFold(strings.TrimSuffix(name, ".so"), p.module) {
			return p
		}
	}
	return part{}
}

func (s *server) reloadModule(ctx context.Context, c *console.Session, name string, p part) error {
	if name != "" && len(p.files) == 0 {
		c.Printf("No such module '%s'\n", name)
		return nil
	}
	o, err := s.Reload(ctx, p)
	if err != nil {
		return err
	}
	words := p.words
	if name != "" {
		words = "Module '" + name + "' reloaded successfully.\n"
	}
	o.show(c, words)
	return nil
}

// lastReload is when files were read again, zero for never.
func (s *server) lastReload() time.Time {
	if at := s.reloads.last.Load(); at != nil {
		return *at
	}
	return time.Time{}
}
