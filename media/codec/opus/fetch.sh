#!/bin/sh
# Fetches opus.wasm (libopus as WebAssembly, of the npm package @evan/wasm, MIT;
# libopus itself is under a BSD licence) into a directory. Does nothing, at once,
# when it is there. Only the one file that is known to the byte is taken.
#   usage: fetch.sh DIRECTORY
set -eu

version=0.0.94
sum=f7125f650eec9fb1d5e73238e6e1ee53268bb188e3a216071f411c930257c167
member=package/src/opus/simd.wasm
url=https://registry.npmjs.org/@evan/wasm/-/wasm-$version.tgz
to=${1:?usage: fetch.sh DIRECTORY}/opus.wasm

say() { echo "opus: $*" >&2; }

if command -v sha256sum >/dev/null 2>&1; then sha() { sha256sum "$1"; }; else sha() { shasum -a 256 "$1"; }; fi
right() { [ -f "$1" ] && [ "$(sha "$1" | cut -d' ' -f1)" = "$sum" ]; }

if right "$to"; then exit 0; fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
if command -v npm >/dev/null 2>&1; then
	(cd "$tmp" && npm pack --silent "@evan/wasm@$version" >/dev/null && mv ./*.tgz wasm.tgz) || say "npm did not fetch it"
fi
if [ ! -f "$tmp/wasm.tgz" ] && command -v curl >/dev/null 2>&1; then
	curl -fsSL -o "$tmp/wasm.tgz" "$url" || say "curl did not fetch it"
fi
if [ ! -f "$tmp/wasm.tgz" ]; then
	say "neither npm nor curl brought $url: fetch it yourself, and put $member of it at $to"
	exit 1
fi
tar -xzf "$tmp/wasm.tgz" -C "$tmp" "$member"
if ! right "$tmp/$member"; then
	say "what came is not what is known (sha256 $sum): it is not used"
	exit 1
fi
mkdir -p "$(dirname "$to")"
cp "$tmp/$member" "$to.new"
chmod 644 "$to.new"
mv "$to.new" "$to"
say "$to is there"
