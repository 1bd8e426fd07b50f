#!/bin/sh
# What a push costs, as ratios in one run: pre-push and pre-receive of one commit against
# `git rev-list --objects` of the same range, which git itself needs for every push, and of
# 1,000 commits against `git log -p`, which reads all that changed as the hook does. Needs
# hyperfine and python3; takes a minute.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# The program as packages and install.sh have it; another one:
# DTGUARD=/path/to/dtguard benches/push.sh
DTGUARD=${DTGUARD:-$("$here/packaging/program.sh" --quiet)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

# 1,000 commits of three changed files each, over 300 files in 30 folders.
python3 - "$work/import" <<'PYTHON'
import random, sys

random.seed(1)
WORDS = "alpha beta gamma token value config return function import export class string number request".split()


def text():
    return "".join(" ".join(random.choices(WORDS, k=8)) + ";\n" for _ in range(60))


with open(sys.argv[1], "w") as out:
    for number in range(1001):
        message = f"Change {number}\n\n" + text()[:200]
        out.write(f"commit refs/heads/main\ncommitter bench <bench@localhost> {1700000000 + number} +0000\n")
        out.write(f"data {len(message)}\n{message}\n")
        for file in range(300) if number == 0 else random.sample(range(300), 3):
            content = text()
            out.write(f"M 644 inline d{file // 10}/f{file}.txt\ndata {len(content)}\n{content}\n")
PYTHON
git init --quiet --initial-branch=main "$work/repo"
git -C "$work/repo" fast-import --quiet <"$work/import"
git init --quiet --bare "$work/server.git"
git -C "$work/repo" remote add origin "$work/server.git"
git -C "$work/server.git" fetch --quiet "$work/repo" main
"$DTGUARD" -q install --repo "$work/repo" >/dev/null 2>&1
"$DTGUARD" -q install --repo "$work/server.git" >/dev/null 2>&1

# Medians in milliseconds of two commands in a folder, both started by sh, which
# hands the hook what is pushed.
measure() {
	printf 'exec %s\n' "$2" >"$work/git.sh"
	printf 'exec %s\n' "$3" >"$work/hook.sh"
	(cd "$1" && hyperfine --shell=none --warmup 3 --runs "$runs" --export-json "$work/times.json" \
		"sh $work/git.sh" "sh $work/hook.sh" >/dev/null 2>"$work/said") || {
		cat "$work/said" >&2
		exit 1
	}
	python3 -c 'import json, sys
git, hook = (result["median"] * 1000 for result in json.load(open(sys.argv[1]))["results"])
print(f"{git:.2f} | {hook:.2f} | {hook / git:.2f} |")' "$work/times.json"
}

echo "| hook | commits | against | git, ms | hook, ms | ratio |"
echo "|---|---|---|---|---|---|"
new=$(git -C "$work/repo" rev-parse main)
for number in 1 1000; do
	old=$(git -C "$work/repo" rev-parse "main~$number")
	runs=$([ "$number" = 1 ] && echo 100 || echo 10)
	git -C "$work/repo" update-ref refs/remotes/origin/main "$old"
	git -C "$work/server.git" update-ref refs/heads/main "$old"
	echo "refs/heads/main $new refs/heads/main $old" >"$work/pushed"
	echo "$old $new refs/heads/main" >"$work/received"
	case $number in
	1) command="git rev-list --objects" ;;
	*) command="git log -p --text --format=" ;;
	esac
	# shellcheck disable=SC2016
	printf '| `pre-push` | %s | `%s` | ' "$number" "$command"
	measure "$work/repo" "$command $new ^$old" \
		"sh .git/hooks/pre-push origin $work/server.git <$work/pushed"
	# shellcheck disable=SC2016
	printf '| `pre-receive` | %s | `%s` | ' "$number" "$command"
	measure "$work/server.git" "$command $new --not --all" \
		"sh hooks/pre-receive <$work/received"
done
