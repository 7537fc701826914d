package pgtest

import "os/exec"

func giveAway(string) error { return nil }

func runAsOther(*exec.Cmd) {}
