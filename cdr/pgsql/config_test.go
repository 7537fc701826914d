package pgsql

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"obelus/conf"
)

func read(t *testing.T, text string) (*Config, string) {
	t.Helper()
	f, _, err := (&conf.Loader{}).Parse("cdr_pgsql.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c, found := Read(f)
	var all []string
	for _, d := range found {
		all = append(all, d.String())
	}
	return c, strings.Join(all, "\n")
}

func TestConfig(t *testing.T) {
	c, found := read(t, "[global]\nhostname=db.example.com\nport=5433\ndbname=pbx\nuser=me\npassword=p'w\\d\nappname=phones\ntable=calls\ntimezone=UTC\nencoding=LATIN9\n"+
		"[columns]\nalias SRC => source\nstatic \"Node 7\" => node\nfilter !src => 1009\nfilter accountcode => acme\n")
	want := &Config{Host: "db.example.com", Port: "5433", Database: "pbx", User: "me", Password: `p'w\d`, AppName: "phones", Table: "calls", Location: time.UTC,
		Latin9: true, Columns: []Column{{Name: "source", Field: "src"}, {Name: "node", Static: "Node 7"}},
		Filters: []Filter{{Field: "src", Value: "1009", Not: true}, {Field: "accountcode", Value: "acme"}}}
	if !reflect.DeepEqual(c, want) || found != "" {
		t.Errorf("got %+v\n%s\nwant %+v", c, found, want)
	}
	if got, want := c.dsn(), `host='db.example.com' port='5433' dbname='pbx' user='me' password='p\'w\\d' application_name='phones' client_encoding='UTF8' `; got != want {
		t.Errorf("dsn %s, want %s", got, want)
	}
}

func TestConfigFindings(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "cdr_pgsql.conf: warning: there is no [global] (nothing is written to PostgreSQL)"},
		{"[global]\nhost=x\nport=many\ntable=\nencoding=KOI8\ntimezone=Nowhere/Land\n[columns]\nalias src\nsttaic \"x\" => y\nfilter ! => z\n[other]\n",
			"cdr_pgsql.conf:2: warning: unknown option 'host' in [global] (there is appname, dbname, encoding, hostname, password, port, table, timezone, user)\n" +
				"cdr_pgsql.conf:3: warning: port=many is no port (5432 is used)\n" +
				"cdr_pgsql.conf:4: warning: table= names none (cdr is used)\n" +
				"cdr_pgsql.conf:5: warning: encoding=KOI8 is not one of UTF8, LATIN1, LATIN9 (phones speak UTF-8; what is not UTF-8 is taken for LATIN1)\n" +
				"cdr_pgsql.conf:6: warning: timezone=Nowhere/Land is none that this machine knows (local time is written)\n" +
				"cdr_pgsql.conf:9: warning: 'sttaic \"x\" => y' is none of: alias FIELD => COLUMN, static \"TEXT\" => COLUMN, filter [!]FIELD => TEXT (it is ignored)\n" +
				"cdr_pgsql.conf:10: warning: 'filter ! => z' is none of: alias FIELD => COLUMN, static \"TEXT\" => COLUMN, filter [!]FIELD => TEXT (it is ignored)\n" +
				"cdr_pgsql.conf:11: warning: unknown section [other] (there is [columns], [global])"},
	} {
		if _, found := read(t, tt.text); found != tt.want {
			t.Errorf("found\n%s\nwant\n%s", found, tt.want)
		}
	}
	if c, found := Read(nil); c != nil || found != nil {
		t.Error("there is no file")
	}
}
