package powercut

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// disk is an ext4 file system in a file.
type disk struct {
	t       *testing.T
	image   string
	at      string // where it is mounted
	mounted bool
}

// newDisk makes a disk of so many bytes and mounts it. The loop device beneath goes by itself when nothing is mounted any more.
func newDisk(t *testing.T, size int64) *disk {
	t.Helper()
	dir := t.TempDir()
	d := &disk{t: t, image: filepath.Join(dir, "image"), at: filepath.Join(dir, "disk")}
	f, err := os.Create(d.image)
	if err == nil {
		err = errors.Join(f.Truncate(size), f.Close(), os.Mkdir(d.at, 0o700))
	}
	if err == nil {
		err = run("mkfs.ext4", "-q", "-F", "-m", "0", d.image)
	}
	if err != nil {
		t.Fatal("make a disk: ", err)
	}
	t.Cleanup(func() {
		if d.mounted {
			if err := unix.Unmount(d.at, 0); err != nil {
				t.Errorf("unmount %s: %v", d.at, err)
			}
		}
	})
	d.mount()
	return d
}

func (d *disk) mount() {
	d.t.Helper()
	if err := run("mount", "-t", "ext4", "-o", "loop", d.image, d.at); err != nil {
		d.t.Fatal(err)
	}
	d.mounted = true
}

func (d *disk) unmount() {
	d.t.Helper()
	if err := unix.Unmount(d.at, 0); err != nil {
		d.t.Fatalf("unmount %s: %v", d.at, err)
	}
	d.mounted = false
}

// The request that ends a file system at once, and the flag that its journal is not written either: what a power cut does.
const (
	ext4Shutdown = 0x8004587d // EXT4_IOC_SHUTDOWN
	noLogFlush   = 2          // EXT4_GOING_FLAGS_NOLOGFLUSH
)

// cut takes the power away. The disk has to be unmounted and mounted again.
func (d *disk) cut() {
	d.t.Helper()
	dir, err := os.Open(d.at)
	if err != nil {
		d.t.Fatal(err)
	}
	defer dir.Close()
	flag := uint32(noLogFlush)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, dir.Fd(), ext4Shutdown, uintptr(unsafe.Pointer(&flag))); errno != 0 {
		d.t.Fatalf("take the power away from %s: %v", d.at, errno)
	}
}

func run(command string, args ...string) error {
	if out, err := exec.Command(command, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", command, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
