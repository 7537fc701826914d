//go:build !linux

package main

import (
	"context"
	"errors"
	"os"
	"runtime"
	"time"
)

var errLinux = errors.New("figures are read from /proc, which only Linux has")

func stopSignal() os.Signal { return os.Kill }

func pinSelf(context.Context) error { return errLinux }

func machine() string { return runtime.GOOS + " on " + runtime.GOARCH }

func (s *server) cpu() (time.Duration, error) { return 0, errLinux }

func (s *server) resident() (int64, error) { return 0, errLinux }

func ownCPU() time.Duration { return 0 }

func (s *server) peak() (int64, error) { return 0, errLinux }
