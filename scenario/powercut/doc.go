// Package powercut takes the power away from the embedded engine, and the space on its disk.
//
// The engine works on a file system of its own, ext4 in a file, which is mounted where nobody else sees it (a mount namespace of the test) and is
// gone with the test, however that ends. A power cut is the kernel's own: EXT4_IOC_SHUTDOWN, which forgets what was not yet on the disk. The tests
// need Linux and root.
package powercut
