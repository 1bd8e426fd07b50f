#!/bin/sh
# Builds the program as it is shipped and prints its path: static on Linux, so that it
# starts faster and runs on every distribution, and byte for byte the same wherever and
# whenever the same compiler builds the same commit.
#
#   packaging/program.sh [CARGO-OPTION]...
#   packaging/program.sh --version                what it will say of itself
#   eval "$(packaging/program.sh --settings)"     for programs that call cargo themselves
#
# Progress goes to standard error.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

# What `dtguard --version` says: the commit too, where there is one.
version() {
	number=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/Cargo.toml" | head -n 1)
	if [ ! -e "$here/.git" ]; then
		echo "$number"
	elif [ -n "$(git -C "$here" status --porcelain 2>&1)" ]; then
		echo "$number (modified)"
	else
		echo "$number ($(git -C "$here" rev-parse --short=12 HEAD))"
	fi
}

if [ "${1-}" = --version ]; then
	version
	exit
fi

target=$(rustc -vV | sed -n 's/^host: //p')

# Whether a static program that the C compiler links with these options runs here. glibc's
# static library is a package of its own on some distributions.
links() {
	probe=$(mktemp -d)
	echo 'static int zero; int *pointer = &zero; int main(void) { return *pointer; }' >"$probe/probe.c"
	runs=0
	{ "${CC:-cc}" -static-pie "$@" -o "$probe/probe" "$probe/probe.c" && "$probe/probe"; } 2>/dev/null || runs=1
	rm -rf "$probe"
	return "$runs"
}

# Whether rustc, which may bring its own linker, links with this option.
rustc_links() {
	probe=$(mktemp -d)
	linked=0
	echo 'fn main() {}' | rustc -C "link-arg=$1" -o "$probe/probe" - 2>/dev/null || linked=1
	rm -rf "$probe"
	return "$linked"
}

rust_flags=
c_flags=${CFLAGS-}
case $target in
*-linux-gnu)
	# Functions with the same machine code are kept once, by the linker of rustc if it can.
	folded=-Wl,--icf=all
	if rustc_links "$folded"; then rust_flags="-C link-arg=$folded"; fi
	if links; then
		rust_flags="$rust_flags -C target-feature=+crt-static"
		# Addresses to adjust at the start as a bit map: a fifth of a megabyte less.
		packed=-Wl,-z,pack-relative-relocs
		if links "$packed"; then rust_flags="$rust_flags -C link-arg=$packed"; fi
	fi
	# A panic ends the program, so nothing reads the tables that unwind a stack. Those of
	# the libraries that come built are left out by the linker. The path of its script is
	# relative: an absolute one would be part of each symbol's name.
	rust_flags="$rust_flags -C force-unwind-tables=no"
	c_flags="$c_flags -fno-asynchronous-unwind-tables -fno-unwind-tables"
	cd -- "$here"
	tables="-Wl,--no-eh-frame-hdr -Wl,-T,packaging/no-unwind-tables.ld"
	# shellcheck disable=SC2086 # Two options.
	if links $tables; then
		for option in $tables; do rust_flags="$rust_flags -C link-arg=$option"; done
	fi
	;;
esac
# No path of this machine belongs in the program. Flags are split at blanks, so one with
# a blank in it has to stay.
for prefix in "$here=dtguard" "${CARGO_HOME:-$HOME/.cargo}=cargo"; do
	case $prefix in
	*[[:space:]]*) ;;
	*)
		rust_flags="$rust_flags --remap-path-prefix=$prefix"
		c_flags="$c_flags -ffile-prefix-map=$prefix"
		;;
	esac
done
# For the program only: what runs during the build stays as it is.
variable=CARGO_TARGET_$(printf '%s' "$target" | tr 'a-z-' 'A-Z_')_RUSTFLAGS

DTGUARD_VERSION=$(version)
# The system's zlib is not used: it may be a shared library.
if [ "${1-}" = --settings ]; then
	printf "export %s='%s' CFLAGS='%s' DTGUARD_VERSION='%s' LIBZ_SYS_STATIC=1 CARGO_BUILD_TARGET='%s'\n" \
		"$variable" "$rust_flags" "$c_flags" "$DTGUARD_VERSION" "$target"
	exit
fi

export "$variable=$rust_flags" CFLAGS="$c_flags" DTGUARD_VERSION LIBZ_SYS_STATIC=1
cd -- "$here"
cargo build --profile dist --locked --target "$target" "$@" >&2
suffix=
case $target in *-windows-*) suffix=.exe ;; esac
printf '%s\n' "${CARGO_TARGET_DIR:-$here/target}/$target/dist/dtguard$suffix"
