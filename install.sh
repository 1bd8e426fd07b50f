#!/bin/sh
# Builds dtguard, installs it, and puts its hooks into the repository in which
# this script is run.
set -eu

usage() {
	cat <<'USAGE'
usage: install.sh [--repo DIR] [--no-hook] [--uninstall]

Run it in the repository that dtguard is to guard.

  --repo DIR    guard the repository DIR instead of the one around this folder
  --no-hook     install the program only
  --uninstall   take out the hooks and the program, and nothing else

The program goes where `cargo install` puts programs: $CARGO_INSTALL_ROOT/bin,
else $CARGO_HOME/bin, else ~/.cargo/bin.
USAGE
}

fail() {
	printf 'install.sh: %s\n' "$1" >&2
	exit 2
}

repo=.
hook=yes
uninstall=no
while [ $# -gt 0 ]; do
	case $1 in
	--repo)
		[ $# -ge 2 ] || fail "--repo needs a folder"
		repo=$2
		shift
		;;
	--repo=*) repo=${1#--repo=} ;;
	--no-hook) hook=no ;;
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
root=${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}
program=$root/bin/dtguard

if [ "$uninstall" = yes ]; then
	[ -x "$program" ] || fail "there is no $program, so nothing is taken out"
	if git -C "$repo" rev-parse --git-dir >/dev/null 2>&1; then
		"$program" uninstall --repo "$repo"
	fi
	cargo uninstall --root "$root" dtguard
	echo "Took out $program. Hooks of other repositories stay; each says so when it finds no program."
	exit 0
fi

command -v git >/dev/null 2>&1 || fail "git is missing: https://git-scm.com/downloads"
command -v cargo >/dev/null 2>&1 || fail "cargo is missing: https://rustup.rs"
case $(uname -s) in
MINGW* | MSYS* | CYGWIN*) ;;
*)
	command -v cc >/dev/null 2>&1 ||
		fail "a C compiler (cc) is missing; Debian and Ubuntu have it in build-essential, macOS in xcode-select --install"
	;;
esac
if [ "$hook" = yes ]; then
	git -C "$repo" rev-parse --git-dir >/dev/null 2>&1 ||
		fail "$repo is in no git repository; cd into one, name it with --repo DIR, or use --no-hook"
fi

# From its own folder, so that the build's settings in .cargo count.
(cd -- "$source" && cargo install --locked --path . --root "$root" --quiet)
echo "Installed $program"

if [ "$hook" = yes ]; then
	"$program" install --repo "$repo"
else
	"$program" install --no-hook
fi

case :$PATH: in
*:"$root/bin":*) ;;
*)
	echo "$root/bin is not on PATH. The hooks find the program all the same; to call it yourself:"
	echo "    export PATH=\"$root/bin:\$PATH\""
	;;
esac
