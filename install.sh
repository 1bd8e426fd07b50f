#!/bin/sh
# Installs dtguard, and puts its hooks into the repository in which this script is
# run. Takes a program that is ready if there is one, and else builds it.
set -eu

usage() {
	cat <<'USAGE'
usage: install.sh [--repo DIR | --no-hook] [--from FILE | --build]
       install.sh --uninstall [--repo DIR]

Run it in the repository that dtguard is to guard.

  --repo DIR    guard the repository DIR instead of the one around this folder
  --no-hook     install the program only
  --from FILE   install this program or release archive (.tar.gz)
  --build       build from source, even if a program of this version is there
  --uninstall   take out the hooks and the program, and nothing else

Without --from and --build it takes the first of these that there is: a program or a
release archive beside this script, a dtguard of the same version and commit on PATH,
a new build.

The program goes where `cargo install` puts programs: $CARGO_INSTALL_ROOT/bin,
else $CARGO_HOME/bin, else ~/.cargo/bin.
USAGE
}

fail() {
	printf 'install.sh: %s\n' "$1" >&2
	exit 2
}

repo=.
repo_named=no
hook=yes
from=
build=no
uninstall=no
while [ $# -gt 0 ]; do
	case $1 in
	--repo | --from)
		[ $# -ge 2 ] || fail "$1 needs a value; see --help"
		case $1 in
		--repo) repo=$2 repo_named=yes ;;
		--from) from=$2 ;;
		esac
		shift
		;;
	--repo=*) repo=${1#--repo=} repo_named=yes ;;
	--from=*) from=${1#--from=} ;;
	--no-hook) hook=no ;;
	--build) build=yes ;;
	--uninstall) uninstall=yes ;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		fail "unknown option: $1"
		;;
	esac
	shift
done

source=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ -n "${CARGO_INSTALL_ROOT-}" ]; then
	root=$CARGO_INSTALL_ROOT
else
	[ -n "${CARGO_HOME-}${HOME-}" ] || fail "HOME is not set; name a folder with CARGO_INSTALL_ROOT"
	root=${CARGO_HOME:-${HOME-}/.cargo}
fi
program=$root/bin/dtguard

in_repository() {
	git -C "$repo" rev-parse --git-dir >/dev/null 2>&1
}

take_out() {
	if [ -x "$program" ]; then
		here=$program
	else
		here=$(command -v dtguard) || fail "there is no $program, so nothing was removed"
	fi
	if in_repository; then
		"$here" uninstall --repo "$repo"
	fi
	if [ "$here" != "$program" ]; then
		echo "$here stays: this script did not install it."
		return
	fi
	if grep -q '^"dtguard ' "$root/.crates.toml" 2>/dev/null && command -v cargo >/dev/null; then
		cargo uninstall --quiet --root "$root" dtguard
	else
		rm -f "$program"
	fi
	echo "Removed $program. Hooks of other repositories stay; each says so when it finds no program."
}

if [ "$uninstall" = yes ]; then
	take_out
	exit 0
fi

[ -z "$from" ] || [ "$build" = no ] || fail "--from and --build exclude each other"
[ "$hook" = yes ] || [ "$repo_named" = no ] || fail "--no-hook and --repo exclude each other"
command -v git >/dev/null 2>&1 || fail "git is missing: https://git-scm.com/downloads"
if [ "$hook" = yes ]; then
	in_repository ||
		fail "$repo is in no git repository; cd into one, name it with --repo DIR, or use --no-hook"
fi

work=$(mktemp -d)
trap 'rm -rf "$work" "$root/bin/dtguard.new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Of the sources beside this script; a release archive has none. "0.2.0 (COMMIT)" where
# they are those of a commit, "0.2.0 (modified)" where they are not.
version=
[ ! -f "$source/Cargo.toml" ] || version=$("$source/packaging/program.sh" --version)

# The archive of a release for this machine, by its name; nothing for other machines.
archive_name() {
	case $(uname -s)-$(uname -m) in
	Linux-x86_64) echo "dtguard-${version%% *}-x86_64-unknown-linux-gnu.tar.gz" ;;
	Linux-aarch64) echo "dtguard-${version%% *}-aarch64-unknown-linux-gnu.tar.gz" ;;
	Darwin-x86_64) echo "dtguard-${version%% *}-x86_64-apple-darwin.tar.gz" ;;
	Darwin-arm64) echo "dtguard-${version%% *}-aarch64-apple-darwin.tar.gz" ;;
	esac
}

# Holds the archive against the sums beside it, if there are any.
check_sum() {
	sums=$(dirname -- "$1")/SHA256SUMS
	[ -f "$sums" ] || return 0
	wanted=$(sed -n "s/^\([0-9a-f]*\) [ *]$(basename -- "$1")\$/\1/p" "$sums")
	[ -n "$wanted" ] || fail "$sums does not list $1"
	got=$({ sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d ' ' -f 1)
	[ "$wanted" = "$got" ] || fail "$1 does not match $sums: fetch it again"
}

# Sets `ready` to the program in a file: the file itself, or what the archive holds.
open_file() {
	[ -f "$1" ] || fail "there is no file $1"
	case $1 in
	*.tar.gz | *.tgz)
		check_sum "$1"
		tar -xzf "$1" -C "$work" || fail "cannot unpack $1"
		ready=
		for file in "$work"/dtguard "$work"/*/dtguard; do
			[ ! -f "$file" ] || ready=$file
		done
		[ -n "$ready" ] || fail "$1 holds no program dtguard"
		;;
	*) ready=$1 ;;
	esac
	# Whatever it is, it must run here before it takes the place of one that does.
	cp "$ready" "$work/dtguard-new" && chmod 755 "$work/dtguard-new"
	ready=$work/dtguard-new
	said=$("$ready" --version 2>/dev/null) || fail "$1 does not run on this machine; use --build"
	case $said in
	"dtguard "*) ;;
	*) fail "$1 is not dtguard" ;;
	esac
}

build_it() {
	[ -f "$source/Cargo.toml" ] || fail "there are no sources beside this script; use --from FILE"
	command -v cargo >/dev/null 2>&1 || fail "cargo is missing: https://rustup.rs"
	case $(uname -s) in
	MINGW* | MSYS* | CYGWIN*) ;;
	*)
		command -v cc >/dev/null 2>&1 ||
			fail "a C compiler (cc) is missing; Debian and Ubuntu have it in build-essential, macOS in xcode-select --install"
		;;
	esac
	echo "Building dtguard $version from source: two to three minutes on two cores, the first time."
	# cargo draws its progress on a terminal; elsewhere it has nothing to say.
	quiet=--quiet
	[ ! -t 2 ] || quiet=
	# shellcheck disable=SC2086
	ready=$("$source/packaging/program.sh" $quiet) || fail "the build failed; cargo says why above"
}

ready=
if [ -n "$from" ]; then
	open_file "$from"
elif [ "$build" = yes ]; then
	build_it
elif [ -f "$source/dtguard" ]; then
	open_file "$source/dtguard"
elif archive=$source/$(archive_name) && [ -f "$archive" ]; then
	echo "Taking the program from $archive"
	open_file "$archive"
elif [ "${version% (modified)}" = "$version" ] && found=$(command -v dtguard) &&
	[ "$("$found" --version 2>/dev/null)" = "dtguard $version" ]; then
	program=$found
	echo "Using $program, which is dtguard $version too; --build builds another one."
else
	build_it
fi

if [ -n "$ready" ]; then
	mkdir -p "$root/bin"
	# A program that runs cannot be written to, but another one can take its place.
	cp "$ready" "$program.new"
	chmod 755 "$program.new"
	mv -f "$program.new" "$program"
	echo "Installed $program ($("$program" --version))"
fi

if [ "$hook" = yes ]; then
	"$program" install --repo "$repo"
else
	"$program" install --no-hook
fi

case :$PATH: in
*:"$(dirname -- "$program")":*) ;;
*)
	echo "$root/bin is not on PATH. The hooks find the program anyway; to call it yourself:"
	echo "    export PATH=\"$root/bin:\$PATH\""
	;;
esac
