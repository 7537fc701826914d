package phones

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// perlScript uses Debian's Asterisk::AGI as its users do, and writes down what it
// got.
const perlScript = `#!/usr/bin/perl
use strict;
use Asterisk::AGI;
my $log = shift;
open(my $out, '>', "$log.tmp") or die;
sub note { print $out join(' ', map { defined $_ ? $_ : 'undef' } @_), "\n" }
my $agi = Asterisk::AGI->new;
my %in = $agi->ReadParse();
$SIG{HUP} = sub {
	note('hangup');
	note('dead', $agi->set_variable('AFTER', 'x'), $agi->get_variable('AFTER'));
	close $out;
	rename("$log.tmp", $log);
	exit 0;
};
note('env', @in{qw(request type context extension priority callerid enhanced arg_1)});
note('status', $agi->channel_status(''));
note('answer', $agi->answer());
note('status', $agi->channel_status($in{channel}));
$agi->set_variable('GREETING', 'hello and, you');
note('variable', $agi->get_variable('GREETING'));
note('unset', $agi->get_variable('NOSUCH'));
note('put', $agi->database_put('agi', 'key', 'value'));
note('get', $agi->database_get('agi', 'key'));
note('exec', $agi->exec('Set', 'FROMEXEC=1'), $agi->get_variable('FROMEXEC'));
note('nosuch', $agi->exec('Nosuch', ''));
note('digit', $agi->wait_for_digit(100));
$agi->verbose('over to the tone', 1);
note('tones', $agi->exec('PlayTones', '1300'));
note('digit', $agi->wait_for_digit(60000));
sleep 60;
`

// pythonScript uses nothing but Python's own library.
const pythonScript = `#!/usr/bin/python3
import os, signal, sys, time
out = open(sys.argv[1] + '.tmp', 'w')
env = {}
while True:
    line = sys.stdin.readline().strip()
    if not line:
        break
    name, value = line.split(':', 1)
    env[name] = value.strip()
def say(command):
    sys.stdout.write(command + '\n')
    sys.stdout.flush()
    reply = sys.stdin.readline().strip()
    out.write(command + ' -> ' + reply + '\n')
    return reply
def gone(*_):
    out.write('hangup\n')
    out.close()
    os.rename(sys.argv[1] + '.tmp', sys.argv[1])
    os._exit(0)
signal.signal(signal.SIGHUP, gone)
out.write(env['agi_extension'] + ' ' + env['agi_arg_1'] + '\n')
say('ANSWER')
say('GET FULL VARIABLE "${CALLERID(num)} ${EXTEN}"')
say('FLY')
say('SET EXTENSION')
while sys.stdin.readline().strip() != '520 End of proper usage.':
    pass
say('EXEC PlayTones 1300')
say('WAIT FOR DIGIT 60000')
time.sleep(60)
`

// TestAGI has a phone call scripts of other people's: it hears what they play, and
// they learn when it hangs up.
func TestAGI(t *testing.T) {
	binary := BuildServer(t)
	for name, c := range map[string]struct{ script, want string }{
		"perl": {perlScript, "env PATH SIP my 500 2 1002 0.0 LOG|status 4|answer 0|status 6|variable hello and, you|unset undef|put 1|get value|exec 0 1|nosuch -2|digit 0|tones 0|hangup|dead 1 x"},
		"python": {pythonScript, `500 LOG|ANSWER -> 200 result=0|GET FULL VARIABLE "${CALLERID(num)} ${EXTEN}" -> 200 result=1 (1002 500)|FLY -> 510 Invalid or unknown command|` +
			`SET EXTENSION -> 520-Invalid command syntax.  Proper usage follows:|EXEC PlayTones 1300 -> 200 result=0|hangup`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path, log := filepath.Join(dir, "script"), filepath.Join(dir, "log")
			write(t, path, c.script)
			if err := os.Chmod(path, 0o755); err != nil {
				t.Fatal(err)
			}
			addr := loopback(LeasePorts(t) + sipPort)
			files := serverConfig(t, addr)
			files["extensions.conf"] = "[my]\nexten => 500,1,NoOp()\n same => n,AGI(" + path + "," + log + ")\n same => n,Hangup()\n"
			s := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
			_, setup := setups(t, s, false)
			phone := StartBaresip(t, setup)
			phone.WaitRegistered()
			phone.Dial(s.Number("500", false))
			phone.WaitTalking()
			phone.Hears(1300)
			phone.HangUp()
			got := scriptLog(t, log)
			got = strings.NewReplacer(path, "PATH", log, "LOG").Replace(got)
			got = regexp.MustCompile(`\|digit -1|\|WAIT FOR DIGIT 60000 -> 200 result=-1`).ReplaceAllString(got, "") // where the reply came before the signal
			if got != c.want {
				t.Errorf("the script wrote\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// scriptLog waits for what a script wrote down, and joins its lines.
func scriptLog(t *testing.T, path string) string {
	t.Helper()
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		if text, err := os.ReadFile(path); err == nil {
			return strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "|")
		}
	}
	text, _ := os.ReadFile(path + ".tmp")
	t.Fatalf("the script was not told of the hang-up: %s", text)
	return ""
}
