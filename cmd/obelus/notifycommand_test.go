package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"obelus/chansip/watch"
	"obelus/cmd/obelus/settings"
)

func TestNotifyTypes(t *testing.T) {
	dir := t.TempDir()
	s := &server{dirs: settings.Dirs{Config: dir}}
	if _, err := s.words(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	const text = "[common](!)\nSubscription-State=>terminated\n[Polycom-Check-CFG]\nEvent=>check-sync\nContent-Length=>0\n[reboot](common)\nEvent=>check-sync\\;reboot=true\nContent=>a\nContent=>b\n"
	if err := os.WriteFile(filepath.Join(dir, notifyFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := s.words()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]watch.Word{
		"polycom-check-cfg": {Headers: [][2]string{{"Event", "check-sync"}, {"Content-Length", "0"}}},
		"reboot":            {Headers: [][2]string{{"Subscription-State", "terminated"}, {"Event", "check-sync;reboot=true"}}, Body: "a\r\nb\r\n"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
