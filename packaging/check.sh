#!/bin/sh
# Installs each package that packaging/build.sh made, in a clean place of its own, and
# uses it for one commit that must be blocked and one that must pass:
#
#   packaging/check.sh [FOLDER]        else target/dist
#
# Needs git, python3 with venv, npm, and uv, pre-commit and prek for what they install;
# with DTGUARD_TESTS=all a program that is missing is a failure, else a note.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
dist=$(CDPATH='' cd -- "${1:-$here/target/dist}" && pwd)
number=$("$here/packaging/program.sh" --version)
number=${number%% *}
target=$(rustc -vV | sed -n 's/^host: //p')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A machine of somebody who has never seen the project: no settings, no hooks. pip and npm
# keep the settings by which they find packages at all.
settings=$HOME
export HOME="$work/home" GIT_CONFIG_NOSYSTEM=1
mkdir "$HOME"
for file in .npmrc .config/pip/pip.conf .pip/pip.conf .config/uv/uv.toml; do
	if [ -f "$settings/$file" ]; then
		mkdir -p "$HOME/$(dirname "$file")"
		cp "$settings/$file" "$HOME/$file"
	fi
done
git config --global user.name check
git config --global user.email check@localhost
git config --global init.defaultBranch main
unset CARGO_HOME CARGO_INSTALL_ROOT XDG_CONFIG_HOME

fail() {
	printf 'packaging/check.sh: %s\n' "$1" >&2
	exit 1
}

is_there() {
	command -v "$1" >/dev/null && return
	[ "${DTGUARD_TESTS-}" != all ] || fail "$1 is missing"
	echo "-- $1 is missing: $2 is not tried"
	return 1
}

# A repository in which to commit.
repository() {
	rm -rf "$work/repository"
	git init --quiet "$work/repository"
	cd "$work/repository"
}

# With whatever guards the repository here: one commit is blocked, one passes.
commits() {
	python3 -c 'import random, string
draw = lambda n: "".join(random.choices(string.ascii_uppercase + "234567", k=n))
print("token=dt0c01." + draw(24) + "." + draw(64))' >leak
	git add leak
	if said=$(git commit --quiet -m leak 2>&1); then fail "$1: a token was committed"; fi
	case $said in
	*"commit blocked"*) ;;
	*) fail "$1: it failed, but it was not blocked: $said" ;;
	esac
	git rm --quiet --force leak
	echo clean >clean
	git add clean
	git commit --quiet -m clean 2>"$work/said" || fail "$1: a clean commit was blocked: $(cat "$work/said")"
	echo "ok $1"
}

# Measures a command in seconds, for README.
seconds() {
	what=$1
	shift
	python3 - "$what" "$@" <<'PYTHON'
import subprocess, sys, time
begin = time.monotonic()
ended = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
if ended.returncode:
    sys.exit(ended.stderr.decode(errors="replace"))
print(f"   {sys.argv[1]}: {time.monotonic() - begin:.1f} s")
PYTHON
}

archive=$dist/dtguard-$number-$target.tar.gz
for file in "$archive" "$dist/SHA256SUMS" "$dist/dtguard-$number.tgz"; do
	[ -f "$file" ] || fail "there is no $file"
done
(cd -- "$dist" && { sha256sum -c --quiet SHA256SUMS || shasum -a 256 -c SHA256SUMS; }) || fail "checksums differ"

# The archive, by the script in it and by the script of the sources; neither builds.
tar -xzf "$archive" -C "$work"
top=$work/dtguard-$number-$target
program=$top/dtguard
[ "$(wc -c <"$program")" -le 7000000 ] || fail "the program is larger than 7 MB"
case $target in
*-linux-*) ! readelf -l "$program" | grep -q INTERP || fail "the program is not static" ;;
esac
for file in LICENSE-MIT LICENSE-APACHE THIRD-PARTY-LICENCES.txt man/dtguard.1 completions/dtguard.bash; do
	[ -s "$top/$file" ] || fail "the archive has no $file"
done
repository
seconds "install.sh of the archive" env CARGO_INSTALL_ROOT="$work/a" "$top/install.sh"
commits "archive"
repository
CARGO_INSTALL_ROOT=$work/b "$here/install.sh" --from "$archive" >/dev/null
commits "install.sh --from"

repository
python3 -m venv "$work/venv"
seconds "pip install of the wheel" "$work/venv/bin/pip" install --quiet --no-index --find-links "$dist" "dtguard==$number"
for wheel in "$dist"/*.whl; do
	[ "$(wc -c <"$wheel")" -le 3500000 ] || fail "the wheel is larger than 3.5 MB"
done
"$work/venv/bin/dtguard" install >/dev/null
commits "wheel"

if is_there uv "uvx"; then
	repository
	seconds "uvx" uvx --quiet --no-index --find-links "$dist" "dtguard@$number" install
	commits "uvx"
fi

if is_there npm "the npm package"; then
	repository
	echo '{"private": true}' >package.json
	printf 'node_modules\npackage*.json\n' >.gitignore
	for platform in "$dist"/dtguard-linux-*.tgz "$dist"/dtguard-darwin-*.tgz "$dist"/dtguard-win32-*.tgz; do
		[ ! -f "$platform" ] || break
	done
	seconds "npm install" npm install --silent --no-audit --no-fund --ignore-scripts --offline "$platform" "$dist/dtguard-$number.tgz"
	npx --offline dtguard install >/dev/null
	grep -q "node_modules/dtguard-[a-z0-9-]*/bin/dtguard" .git/hooks/pre-commit || fail "npm: the hook starts Node.js"
	commits "npm"
	code=0
	echo 'not a diff' | npx --offline dtguard scan --nonsense >/dev/null 2>&1 || code=$?
	[ "$code" = 2 ] || fail "npm: exit code $code in place of 2"
fi

for deb in "$dist"/*.deb; do
	[ -f "$deb" ] || break
	repository
	mkdir -p "$work/root/var/lib/dpkg/updates" "$work/root/var/lib/dpkg/info"
	: >"$work/root/var/lib/dpkg/status"
	dpkg --root="$work/root" --force-not-root --log=/dev/null --install "$deb" >/dev/null
	share=$work/root/usr/share
	for file in man/man1/dtguard.1.gz man/man1/dtguard-scan.1.gz bash-completion/completions/dtguard \
		zsh/vendor-completions/_dtguard fish/vendor_completions.d/dtguard.fish doc/dtguard/copyright; do
		[ -s "$share/$file" ] || fail "deb: there is no $file"
	done
	# shellcheck disable=SC2016
	bash -c '. "$1" && complete -p dtguard' - "$share/bash-completion/completions/dtguard" >/dev/null
	PATH=$work/root/usr/bin:$PATH git dtguard install >/dev/null
	commits "deb"
done

# The mirror for pre-commit, with the wheel from a folder.
mirror=$work/mirror
cp -R "$here/packaging/pre-commit-mirror" "$mirror"
grep -q "\"dtguard==$number\"" "$mirror/pyproject.toml" || fail "the mirror is not of version $number"
git -C "$mirror" init --quiet
git -C "$mirror" add .
git -C "$mirror" commit --quiet -m "v$number"
git -C "$mirror" tag "v$number"
export PIP_FIND_LINKS="$dist ${PIP_FIND_LINKS-}" UV_FIND_LINKS="$dist"
for framework in pre-commit prek; do
	is_there "$framework" "the mirror with $framework" || continue
	repository
	cat >.pre-commit-config.yaml <<CONFIG
repos:
  - repo: file://$mirror
    rev: v$number
    hooks:
      - id: dtguard
      - id: dtguard-commit-msg
CONFIG
	git add .pre-commit-config.yaml
	"$framework" install --hook-type pre-commit --hook-type commit-msg >/dev/null
	seconds "first run of $framework" "$framework" run --all-files
	commits "$framework"
done
