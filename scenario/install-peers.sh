#!/bin/sh
# Installs, from Debian, the phones and tools that the tests drive. Does nothing,
# at once, when all is there. Runs as root or through sudo.
set -eu

# What a test uses, and the package that brings it: one pair a line.
wanted='
/usr/bin/linphonec linphone-cli
/usr/bin/gcc gcc
/usr/bin/baresip baresip-core
/usr/lib/baresip/modules/sndfile.so baresip-core
/usr/bin/sipp sip-tester
/usr/sbin/kamailio kamailio
/usr/bin/sipsak sipsak
/usr/bin/sox sox
/usr/share/perl5/Asterisk/AGI.pm libasterisk-agi-perl
/usr/bin/python3 python3
/usr/bin/turnutils_natdiscovery coturn
/usr/sbin/nft nftables
/usr/sbin/ip iproute2
/usr/sbin/conntrack conntrack
/usr/sbin/sysctl procps
/usr/sbin/mkfs.ext4 e2fsprogs
/usr/bin/mount mount
/usr/lib/postgresql postgresql
/usr/share/asterisk/sounds/en_US_f_Allison/demo-echotest.wav asterisk-core-sounds-en-wav
'

say() { echo "install-peers: $*" >&2; }

# missing prints the packages of what is not there, each once.
missing() {
	echo "$wanted" | while read -r file package; do
		if [ -n "$file" ] && [ ! -e "$file" ]; then echo "$package"; fi
	done | sort -u
}

packages=$(missing)
if [ -z "$packages" ]; then exit 0; fi
say "missing:" $packages

if ! command -v apt-get >/dev/null 2>&1; then
	say "there is no apt-get here: the phones come from Debian (or a system made from it)."
	say "run the tests on Debian, or install linphonec, baresip and SIPp so that the paths above exist."
	exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1; then
	as_root=sudo
else
	say "neither root nor sudo: run as root: apt-get install" $packages
	exit 1
fi

install() {
	# shellcheck disable=SC2086 # the packages are words, and as_root may be none
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages
}

# The lists of packages may be old or not there yet: fetch them only then.
if ! install; then
	say "fetching the lists of packages, then trying again"
	$as_root apt-get update
	install
fi

packages=$(missing)
if [ -n "$packages" ]; then
	say "still missing what these should have brought:" $packages
	say "the files looked for are listed at the top of $0"
	exit 1
fi
say "all there"
