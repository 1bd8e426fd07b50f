#!/bin/sh
# Makes every package of a release for this machine's platform, in one folder:
#
#   packaging/build.sh [FOLDER]        else target/dist
#
# An archive, a wheel, the npm packages, on Linux a .deb; the licences and an SBOM of
# all that is linked; SHA256SUMS. Repeated on the same commit, each file is byte for byte
# the same. Needs python3 and, for the wheel and the npm packages, maturin and npm.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=${1:-$here/target/dist}
mkdir -p "$out"
out=$(CDPATH='' cd -- "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

# The time of the commit stands in for the time of the build.
if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
	SOURCE_DATE_EPOCH=$(git -C "$here" log -1 --format=%ct)
fi
export SOURCE_DATE_EPOCH

program=$("$here/packaging/program.sh")
target=$(rustc -vV | sed -n 's/^host: //p')
number=$("$here/packaging/program.sh" --version)
number=${number%% *}
name=dtguard-$number-$target

# What stands beside the program, in each package in its place.
mkdir "$work/man" "$work/completions"
"$program" man >"$work/man/dtguard.1"
for command in $("$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	[ "$command" = help ] || "$program" man "$command" >"$work/man/dtguard-$command.1"
done
for shell in bash zsh fish powershell elvish; do
	"$program" completions "$shell" >"$work/completions/dtguard.$shell"
done
python3 "$here/packaging/linked.py" licences "$target" >"$work/THIRD-PARTY-LICENCES.txt"
python3 "$here/packaging/linked.py" sbom "$target" >"$out/$name.cdx.json"

# The same bytes in the same order, by nobody and at the time of the commit.
pack() {
	python3 - "$1" "$2" <<'PYTHON'
import gzip, os, sys, tarfile
folder, archive = sys.argv[1:]
time = int(os.environ["SOURCE_DATE_EPOCH"])


def plain(member):
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = time
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


with open(archive, "wb") as file, gzip.GzipFile("", "wb", 9, file, time) as packed:
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.add(folder, os.path.basename(folder), filter=plain)
PYTHON
}

archive() {
	top=$work/$name
	mkdir "$top"
	cp "$program" "$here/install.sh" "$here/README.md" "$here/CHANGELOG.md" "$here/LICENSE-APACHE" \
		"$here/LICENSE-MIT" "$work/THIRD-PARTY-LICENCES.txt" "$top"
	cp -R "$work/man" "$work/completions" "$top"
	pack "$top" "$out/$name.tar.gz"
}

deb() {
	top=$work/deb
	architecture=$(dpkg --print-architecture)
	share=$top/usr/share
	mkdir -p "$top/DEBIAN" "$top/usr/bin" "$share/man/man1" "$share/doc/dtguard" \
		"$share/bash-completion/completions" "$share/zsh/vendor-completions" "$share/fish/vendor_completions.d"
	cp "$program" "$top/usr/bin/dtguard"
	ln -s dtguard "$top/usr/bin/git-dtguard"
	cp "$work"/man/* "$share/man/man1"
	gzip -9n "$share"/man/man1/*
	cp "$work/completions/dtguard.bash" "$share/bash-completion/completions/dtguard"
	cp "$work/completions/dtguard.zsh" "$share/zsh/vendor-completions/_dtguard"
	cp "$work/completions/dtguard.fish" "$share/fish/vendor_completions.d/dtguard.fish"
	cat "$here/LICENSE-MIT" "$here/LICENSE-APACHE" "$work/THIRD-PARTY-LICENCES.txt" >"$share/doc/dtguard/copyright"
	gzip -9n <"$here/CHANGELOG.md" >"$share/doc/dtguard/changelog.gz"
	cat >"$top/DEBIAN/control" <<CONTROL
Package: dtguard
Version: $number
Architecture: $architecture
Maintainer: The dtguard maintainers <dtguard@localhost>
Section: vcs
Priority: optional
Recommends: git
Installed-Size: $(du -sk "$top/usr" | cut -f 1)
Description: Keeps Dynatrace tokens out of git
 A git hook that blocks commits which add a Dynatrace token, and a scanner for files,
 histories and pushes. It works offline.
CONTROL
	dpkg-deb --root-owner-group --build -Zxz "$top" "$out/dtguard_${number}_$architecture.deb" >/dev/null
}

wheel() {
	cp -R "$here/packaging/wheel" "$work/wheel"
	sed "s|@SOURCES@|$here|; s|@VERSION@|$number|" "$here/packaging/wheel/pyproject.toml" >"$work/wheel/pyproject.toml"
	cp "$here/README.md" "$work/wheel"
	(
		eval "$("$here/packaging/program.sh" --settings)"
		cd -- "$work/wheel"
		maturin build --profile dist --locked --quiet --target-dir "${CARGO_TARGET_DIR:-$here/target}" --out "$out" \
			--sbom-include "$out/$name.cdx.json"
	)
}

npm_packages() {
	case $target in
	x86_64-unknown-linux-*) platform=linux-x64 os=linux cpu=x64 ;;
	aarch64-unknown-linux-*) platform=linux-arm64 os=linux cpu=arm64 ;;
	x86_64-apple-darwin) platform=darwin-x64 os=darwin cpu=x64 ;;
	aarch64-apple-darwin) platform=darwin-arm64 os=darwin cpu=arm64 ;;
	x86_64-pc-windows-*) platform=win32-x64 os=win32 cpu=x64 ;;
	aarch64-pc-windows-*) platform=win32-arm64 os=win32 cpu=arm64 ;;
	*) return ;;
	esac
	top=$work/npm
	cp -R "$here/packaging/npm" "$top"
	mkdir "$top/platform/bin"
	cp "$program" "$top/platform/bin/"
	for package in dtguard platform; do
		sed "s|@VERSION@|$number|g; s|@PLATFORM@|$platform|g; s|@OS@|$os|g; s|@CPU@|$cpu|g" \
			"$here/packaging/npm/$package/package.json" >"$top/$package/package.json"
		cp "$here/LICENSE-MIT" "$here/LICENSE-APACHE" "$work/THIRD-PARTY-LICENCES.txt" "$top/$package"
		(cd -- "$top/$package" && npm pack --silent --pack-destination "$out" >/dev/null)
	done
}

archive
if command -v dpkg-deb >/dev/null; then deb; fi
wheel
npm_packages
(
	cd -- "$out"
	rm -f SHA256SUMS
	{ sha256sum -- * 2>/dev/null || shasum -a 256 -- *; } >"$work/sums"
	cp "$work/sums" SHA256SUMS
)
ls -l "$out" >&2
