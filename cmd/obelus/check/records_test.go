package check

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckRecords(t *testing.T) {
	files := map[string]string{
		"sip.conf": goodSIP, "extensions.conf": "[in]\n",
		"cdr.conf":        "[general]\nenable=yes\n[csv]\nloguniqueid=yes\nlogunique=yes\n[radius]\nradiuscfg=/x\n[odd]\n",
		"cdr_custom.conf": "[mappings]\nMaster.csv => ${CSV_QUOTE(${CDR(clid)})},${CDR(x,u)},$[1+2]\nBad.csv => ${CDRR(clid)},${CDR()}\nOpen.csv => ${CDR(clid\nSum.csv => $[1+]\n",
		"cdr_pgsql.conf":  "[global]\nhostname=db\nhots=x\n",
		"cdr_odbc.conf":   "; nothing here but a section\n[global]\n",
		"cdr_mysql.conf":  "[global]\nhostname=db\n", "cdr_manager.conf": "[general]\nenabled = no\n",
		"cdr_syslog.conf": "[general]\n[cdr]\nfacility=local4\n", "cdr_adaptive_odbc.conf": "broken\n[",
	}
	lines, _, code := checked(t, files)
	want := []string{
		"cdr.conf:5: warning: unknown option 'logunique' in [csv] (there is accountlogs, loguniqueid, loguserfield, newcdrcolumns, usegmtime)",
		"cdr.conf:6: warning: call records are not sent to a RADIUS server (they are in cdr.db, and go to files and PostgreSQL)",
		"cdr.conf:8: warning: unknown section [odd] (there is [csv], [general])",
		"cdr_custom.conf:3: warning: there is no function CDRR (nothing is written there)",
		"cdr_custom.conf:3: warning: CDR() names no field (nothing is written there)",
		"cdr_custom.conf:4: warning: Error in extension logic (missing '}') (nothing is written there)",
		"cdr_custom.conf:4: warning: Can't find trailing parenthesis for function 'CDR(clid'? (nothing is written there)",
		"cdr_custom.conf:5: warning: syntax error: syntax error, unexpected $end, expecting '-' or '!' or '(' or '<token>'; Input: 1+ ^ (nothing is written there)",
		"cdr_mysql.conf:2: warning: no call records are written by cdr_mysql.conf: not supported (every record is in cdr.db; from there cdr.conf [csv], cdr_custom.conf and cdr_pgsql.conf take them further)",
		"cdr_pgsql.conf:3: warning: unknown option 'hots' in [global] (there is appname, dbname, encoding, hostname, password, port, table, timezone, user)",
		"cdr_syslog.conf:3: warning: no call records are written by cdr_syslog.conf: not supported (every record is in cdr.db; from there cdr.conf [csv], cdr_custom.conf and cdr_pgsql.conf take them further)",
	}
	if code != Ignored || !slices.Equal(lines, want) {
		t.Errorf("code %d\n%s\nwant\n%s", code, strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
