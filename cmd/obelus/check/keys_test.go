package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFeatures: what features.conf asks for that is not there is named.
func TestFeatures(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sip.conf": "[general]\n", "extensions.conf": "[default]\nexten => 1,1,Hangup()\n",
		"features.conf": "[general]\nparkext=700\n[featuremap]\nblindxfer=#1\n[applicationmap]\na=>#9,self,Playback(x)\nb=>#8,peer,Queue(x)\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	Directory(dir, "test").Print(&b)
	for _, want := range []string{
		"features.conf:2: warning: parking is not supported yet: parkext", "features.conf: warning: [applicationmap] runs application 'Queue', which is not supported",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not said:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "Playback") || strings.Contains(b.String(), "not read: features.conf") {
		t.Errorf("it says too much:\n%s", b.String())
	}
}
