package check

import (
	"strings"

	"obelus/conf"
	"obelus/features"
)

// keys checks what the features of [applicationmap] run.
func (p *planChecker) keys(c *features.Config) {
	if c == nil {
		return
	}
	for _, name := range c.Applications() {
		a := p.apps[strings.ToLower(name)]
		if a == nil {
			p.say(conf.Pos{File: "features.conf"}, conf.Warning, "its keys do nothing", "[applicationmap] runs application '%s', which is not supported", name)
		}
	}
}
