//go:build unix

package main

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestLife has a service manager look after a server: what it is told while files are read again, at a restart and in the end. What was
// acknowledged before the restart is there after it.
func TestLife(t *testing.T) {
	c := startChild(t)
	c.hears("WATCHDOG=1")
	phone := c.handset("1001")
	if s := phone.register(); s != 200 {
		t.Fatalf("REGISTER: %d", s)
	}
	if got := c.says("database put fam key kept"); got != "Updated database successfully\n" {
		t.Error(got)
	}
	c.signal(syscall.SIGHUP)
	c.hears("RELOADING=1\nMONOTONIC_USEC=")
	if got := c.hears("READY=1"); !strings.Contains(got, "STATUS=serving: 0 channels, 1 phones of 1 accounts") {
		t.Error(got)
	}

	c.write("sip.conf", "[general\n")
	c.signal(syscall.SIGHUP)
	if got := c.hears("READY=1"); !strings.Contains(got, "STATUS=the configuration was not reloaded: sip.conf:1: parse error") {
		t.Error(got)
	}
	for _, command := range []string{"sip reload", "core reload", "module reload chan_sip.so"} {
		if got := c.says(command); got != "sip.conf:1: parse error: no closing ']', line 1 of sip.conf: close the section's name\nThe configuration was not reloaded: nothing has changed.\n" {
			t.Errorf("%s: %s", command, got)
		}
	}
	for command, want := range map[string]string{
		"dialplan reload": "Dialplan reloaded.\n", "module reload pbx_config.so": "Module 'pbx_config.so' reloaded successfully.\n", "module reload chan_iax2": "No such module 'chan_iax2'\n",
	} {
		if got := c.says(command); got != want {
			t.Errorf("%s with a broken sip.conf: %s", command, got)
		}
	}
	c.write("sip.conf", strings.Replace(c.files("[2000](phone)\nnonsense=1\n")["sip.conf"], "[general]\n", "[general]\ntos_sip=cs3\n", 1))
	const want = "sip.conf:16: warning: unknown option 'nonsense' (it is ignored, as in the original)\n Reloading SIP\n" +
		"sip.conf:2: tos_sip has changed: it holds after a restart (core restart when convenient)\n"
	if got := c.says("sip reload"); got != want {
		t.Errorf("a whole file again: %s", got)
	}
	if got := c.says("sip reload"); strings.Contains(got, "nonsense") {
		t.Errorf("what is known is told again: %s", got)
	}

	first, _ := c.attach()
	c.says("core restart now")
	c.hears("STATUS=ending calls, ", "STOPPING=1") // a manager kills what stops and is still there some time later
	c.hears("READY=1", "STOPPING=1")
	again, _ := c.attach()
	if first.PID != again.PID {
		t.Errorf("it was process %d and is %d", first.PID, again.PID)
	}
	if got := c.says("database get fam key"); got != "Value: kept\n" {
		t.Errorf("after the restart: %s", got)
	}
	if got := c.says("database get SIP/Registry 1001"); !strings.HasPrefix(got, "Value: "+phone.conn.LocalAddr().String()+":") {
		t.Errorf("after the restart: %s", got)
	}
	if got := c.says("sip reload"); strings.Contains(got, "has changed") {
		t.Errorf("after the restart it still waits for one: %s", got)
	}
	c.signal(syscall.SIGTERM)
	c.hears("STOPPING=1")
	c.exits()
}

// TestGracefully has a server stop when the last call has ended: meanwhile no new call is taken, and everything else goes on.
func TestGracefully(t *testing.T) {
	c := startChild(t)
	phone := c.handset("1001")
	phone.register()
	status, call := phone.call()
	if status != 200 {
		t.Fatalf("INVITE: %d", status)
	}
	watcher, screen := c.attach()
	if err := watcher.Watch(0); err != nil {
		t.Fatal(err)
	}
	if got := c.says("core stop gracefully"); got != "Waiting for inactivity to perform halt...\n" {
		t.Error(got)
	}
	screen.waitFor(t, "Waiting for inactivity to perform halt...")
	if got := c.says("core restart gracefully"); got != "Ignoring asterisk restart request, already in progress.\n" {
		t.Error(got)
	}
	if s, _ := phone.call(); s != 503 {
		t.Errorf("a new call: %d", s)
	}
	if s := phone.register(); s != 200 {
		t.Errorf("REGISTER: %d", s)
	}
	if s, _ := phone.ask("MESSAGE", "1001", "still here", dialog{}); s != 202 {
		t.Errorf("MESSAGE: %d", s)
	}
	for end := time.Now().Add(patience); phone.got["still here"] == 0 && time.Now().Before(end); {
		phone.listen(50 * time.Millisecond) // a text that is under way is waited for, too
	}
	if phone.got["still here"] == 0 {
		t.Error("the text is not delivered")
	}
	if got := c.says("core abort shutdown"); got != "The shutdown is cancelled.\n" {
		t.Error(got)
	}
	screen.waitFor(t, "Asterisk shutdown cancelled.")
	if got := c.says("core abort shutdown"); got != "There is no shutdown to cancel.\n" {
		t.Error(got)
	}
	s, second := phone.call()
	if s != 200 {
		t.Errorf("a call after all: %d", s)
	}
	if got := c.says("core stop when convenient"); got != "Waiting for inactivity to perform halt...\n" {
		t.Error(got)
	}
	s, third := phone.call()
	if s != 200 {
		t.Errorf("a call until it is convenient: %d", s)
	}
	for _, d := range []dialog{call, second, third} {
		if s := phone.bye(d); s != 200 {
			t.Errorf("BYE: %d", s)
		}
	}
	screen.waitFor(t, "Beginning asterisk shutdown....")
	c.exits()
}

// TestStopNow hangs calls up.
func TestStopNow(t *testing.T) {
	c := startChild(t)
	phone := c.handset("1001")
	if s, _ := phone.call(); s != 200 {
		t.Fatalf("INVITE: %d", s)
	}
	c.says("core stop gracefully")
	c.says("core stop now")
	phone.listen(time.Second)
	c.exits()
}

// TestEndsOnce has a server that is about to end be asked for more: a signal to stop has the last word, and nothing is read again.
func TestEndsOnce(t *testing.T) {
	c := startChild(t)
	phone := c.handset("1001")
	slow := func() {
		t.Helper()
		if s, _ := phone.ask("MESSAGE", "slow", "a dialplan that a stop waits for", dialog{}); s != 202 {
			t.Fatalf("MESSAGE: %d", s)
		}
	}
	slow()
	c.says("core restart now")
	c.hears("STATUS=ending calls, ")
	c.signal(syscall.SIGTERM)
	c.exits()

	c.run()
	slow()
	c.says("core stop now")
	c.hears("STOPPING=1")
	c.signal(syscall.SIGHUP)
	c.exits()
	for len(c.heard) > 0 {
		if m := <-c.heard; strings.HasPrefix(m, "RELOADING=1") || strings.HasPrefix(m, "READY=1") {
			t.Errorf("a server that stops tells its service manager %s", m)
		}
	}
}

// TestHangupWhileItRestarts asks a server again and again to read its files while it becomes another: no moment is there when that ends it.
func TestHangupWhileItRestarts(t *testing.T) {
	c := startChild(t)
	c.says("core restart now")
	c.hears("STATUS=ending calls, ")
	stop := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		again := time.NewTicker(100 * time.Microsecond)
		defer again.Stop()
		for {
			select {
			case <-stop:
				return
			case <-again.C:
				c.signal(syscall.SIGHUP)
			}
		}
	})
	for ready := false; !ready; {
		select {
		case err := <-c.ended:
			close(stop)
			t.Fatalf("the server ended with %v", err)
		case m := <-c.heard:
			ready = strings.HasPrefix(m, "READY=1")
		}
	}
	close(stop)
	asking.Wait()
	c.signal(syscall.SIGTERM)
	c.exits()
}

// TestReloadUnderLoad reads the files of a server again and again while phones register, call and write: nothing is refused, and nothing is lost.
func TestReloadUnderLoad(t *testing.T) {
	c := startChild(t)
	phones := []*handset{c.handset("1001"), c.handset("1002"), c.handset("1003"), c.handset("1004")}
	for _, p := range phones {
		if s := p.register(); s != 200 {
			t.Fatalf("REGISTER: %d", s)
		}
	}
	stop := make(chan struct{})
	var reloading, working sync.WaitGroup
	reloads := 0
	reloading.Go(func() {
		console, _ := c.attach()
		for ; ; reloads++ {
			select {
			case <-stop:
				return
			default:
			}
			c.write("sip.conf", c.files(strings.Repeat(fmt.Sprintf("[2%03d](phone)\n", reloads%7), 1))["sip.conf"])
			if _, err := console.Run([]string{"sip reload", "core reload", "dialplan reload"}[reloads%3]); err != nil {
				t.Error(err)
				return
			}
		}
	})
	const rounds = 40
	for i, p := range phones {
		to := phones[(i+1)%len(phones)].name
		working.Go(func() {
			for n := range rounds {
				if s := p.register(); s != 200 {
					t.Errorf("REGISTER: %d", s)
				}
				s, d := p.call()
				if s != 200 {
					t.Errorf("INVITE: %d", s)
				}
				if s, _ := p.ask("MESSAGE", to, fmt.Sprintf("text %d for %s", n, to), dialog{}); s != 202 {
					t.Errorf("MESSAGE: %d", s)
				}
				if s := p.bye(d); s != 200 {
					t.Errorf("BYE: %d", s)
				}
			}
		})
	}
	working.Wait()
	close(stop)
	reloading.Wait()
	for _, p := range phones {
		working.Go(func() {
			for end := time.Now().Add(patience); len(p.got) < rounds && time.Now().Before(end); {
				p.listen(100 * time.Millisecond)
			}
			for n := range rounds {
				if p.got[fmt.Sprintf("text %d for %s", n, p.name)] == 0 {
					t.Errorf("text %d did not reach %s", n, p.name)
				}
			}
		})
	}
	working.Wait()
	if reloads < 10 {
		t.Errorf("only %d reloads", reloads)
	}
	c.signal(syscall.SIGTERM)
	c.exits()
}
