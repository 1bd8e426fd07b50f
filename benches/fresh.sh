#!/bin/sh
# How long each way takes from nothing to a repository that is guarded: an empty HOME,
# an empty cargo registry, no cache of pip, uv, npm or pre-commit. Prints the rows of
# the table of docs/cost.md. Needs git, Rust, python3, npm, uv, pre-commit, prek and, for the
# packages, what packaging/build.sh needs; takes ten minutes.
#
#   benches/fresh.sh [FOLDER]     with the packages that packaging/build.sh made there
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dist=${1-}
if [ -z "$dist" ]; then
	dist=$work/dist
	"$here/packaging/build.sh" "$dist" 2>/dev/null
fi
dist=$(CDPATH='' cd -- "$dist" && pwd)

# The toolchain stays where it is, and so do the settings by which packages are found.
RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
toolchain=$(dirname -- "$(rustup which cargo 2>/dev/null || command -v cargo)")
export RUSTUP_HOME PATH="$toolchain:$PATH" GIT_CONFIG_NOSYSTEM=1
unset CARGO_TARGET_DIR CARGO_INSTALL_ROOT XDG_CONFIG_HOME XDG_CACHE_HOME
home=$HOME
git clone --quiet "$here" "$work/sources"

# A new machine, and on it a repository to guard.
machine() {
	rm -rf "${work:?}/home" "$work/repository" "$work/sources/target"
	mkdir "$work/home"
	export HOME="$work/home" CARGO_HOME="$work/home/.cargo"
	for file in .npmrc .config/pip/pip.conf .pip/pip.conf .config/uv/uv.toml .cargo/config.toml; do
		if [ -f "$home/$file" ]; then
			mkdir -p "$HOME/$(dirname -- "$file")"
			cp "$home/$file" "$HOME/$file"
		fi
	done
	git init --quiet "$work/repository"
	cd "$work/repository"
	git config user.name bench
	git config user.email bench@localhost
}

# Runs a shell text on a new machine and prints the row; then the hook must be there.
row() {
	machine
	python3 - "$1" "$2" <<'PYTHON'
import subprocess, sys, time
begin = time.monotonic()
ended = subprocess.run(["sh", "-ec", sys.argv[2]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
if ended.returncode:
    sys.exit(ended.stdout.decode(errors="replace"))
print(f"| {sys.argv[1]} | {time.monotonic() - begin:.1f} s |", flush=True)
PYTHON
	[ -x .git/hooks/pre-commit ] || { echo "$1: no hook was installed" >&2; exit 1; }
}

# A repository with the hooks of a folder, at a tag; and a configuration that uses it.
hooks_of() {
	[ -d "$1/.git" ] || git -C "$1" init --quiet
	git -C "$1" add .
	git -C "$1" -c user.name=bench -c user.email=bench@localhost commit --quiet --allow-empty -m release
	git -C "$1" tag --force v1 >/dev/null
	printf 'repos:\n  - repo: file://%s\n    rev: v1\n    hooks:\n      - id: dtguard\n' "$1" >"$1.yaml"
}
hooks_of "$work/sources"
cp -R "$here/packaging/pre-commit-mirror" "$work/mirror"
hooks_of "$work/mirror"
export PIP_FIND_LINKS="$dist ${PIP_FIND_LINKS-}" UV_FIND_LINKS="$dist"
number=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/Cargo.toml" | head -n 1)
for platform in "$dist"/dtguard-linux-*.tgz "$dist"/dtguard-darwin-*.tgz; do
	[ ! -f "$platform" ] || break
done
by_framework() {
	echo "cp $2.yaml .pre-commit-config.yaml; git add .; $1 install; $1 run --all-files"
}

echo "| way, from nothing | time |"
echo "|---|---|"
row "release archive: \`install.sh\` in it" \
	"mkdir a; tar -xzf $dist/dtguard-$number-*.tar.gz -C a --strip-components 1; a/install.sh"
row "\`uv tool install dtguard\`" \
	"uv tool install --no-index --find-links $dist dtguard; \$HOME/.local/bin/dtguard install"
row "\`pip install dtguard\` in a new venv" \
	"python3 -m venv v; v/bin/pip install --no-index --find-links $dist dtguard; v/bin/dtguard install"
row "\`npm install dtguard\`" \
	"echo '{}' >package.json; npm install --offline $platform $dist/dtguard-$number.tgz; npx --offline dtguard install"
row "prek, mirror with the wheel" "$(by_framework prek "$work/mirror")"
row "pre-commit, mirror with the wheel" "$(by_framework pre-commit "$work/mirror")"
row "prek, \`language: rust\`" "$(by_framework prek "$work/sources")"
row "pre-commit, \`language: rust\`" "$(by_framework pre-commit "$work/sources")"
row "from source: \`install.sh\`" "$work/sources/install.sh --build"
