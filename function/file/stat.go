package file

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"obelus/function/argument"
)

// stat is STAT(flag,filename). A file that there is not is 0 in every respect.
func stat(args string) (string, error) {
	flag, name, _ := strings.Cut(args, ",")
	if flag == "" {
		return "", argument.Complain("STAT requires arguments: STAT(<flag>,<filename>)")
	}
	info, err := os.Stat(name)
	if err != nil {
		return "0", nil
	}
	d := details(info)
	switch flag[0] {
	case 'e':
		return "1", nil
	case 's':
		return strconv.FormatInt(info.Size(), 10), nil
	case 'f':
		return argument.OneOrZero(info.Mode().IsRegular()), nil
	case 'd':
		return argument.OneOrZero(info.IsDir()), nil
	case 'M':
		return strconv.FormatInt(info.ModTime().Unix(), 10), nil
	case 'A':
		return strconv.FormatInt(d.accessed, 10), nil
	case 'C':
		return strconv.FormatInt(d.changed, 10), nil
	case 'm':
		return strconv.FormatUint(uint64(d.mode), 8), nil
	}
	return "0", nil
}

// inode is what systems say of a file beside its name, size and time of change: times in seconds since 1970.
type inode struct {
	accessed, changed int64
	mode              uint32
}

// guess is an inode where the system tells nothing more.
func guess(info os.FileInfo) inode {
	const directory, regular = 0o040000, 0o100000
	mode := uint32(info.Mode().Perm())
	switch {
	case info.IsDir():
		mode |= directory
	case info.Mode().IsRegular():
		mode |= regular
	}
	at := info.ModTime().Unix()
	return inode{at, at, mode}
}

func baseName(args string) (string, error) {
	if args == "" {
		return "", argument.Complain("BASENAME requires a filename")
	}
	return filepath.Base(args), nil
}

// dirName is what dirname(3) says: of a/b/ it is a.
func dirName(args string) (string, error) {
	if args == "" {
		return "", argument.Complain("DIRNAME requires a filename")
	}
	if trimmed := strings.TrimRight(args, "/"); trimmed != "" {
		args = trimmed
	}
	return filepath.Dir(args), nil
}
