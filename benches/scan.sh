#!/bin/sh
# What a scan costs, as ratios in one run: `benches/scan.sh` prints the table that
# docs/cost.md quotes. Needs hyperfine, ripgrep, python3 and GNU time.
#
#   benches/scan.sh [REPOSITORY [FOLDER]]
#
# REPOSITORY is a whole clone with a long history, FOLDER a large checkout; without
# them both are made up here, which takes some minutes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# The program as packages and install.sh have it.
dtguard=${DTGUARD:-$("$here/packaging/program.sh" --quiet)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

if [ $# -lt 2 ]; then
	python3 - "$work" <<'PYTHON'
import os, random, subprocess, sys

base = sys.argv[1]
random.seed(1)
WORDS = (
    "alpha beta gamma token value config return function import export class struct string number "
    "request response handler service client server index cache buffer stream parse format render"
).split()


def line():
    call = f"{random.choice(WORDS)}_{random.choice(WORDS)}({random.choice(WORDS)}, {random.randrange(1000)})"
    return f"    let {random.choice(WORDS)} = {call}; // {' '.join(random.choices(WORDS, k=5))}\n"


folder = os.path.join(base, "tree")
for number in range(30_000):
    path = os.path.join(folder, f"d{number // 200}")
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, f"f{number}.rs"), "w") as file:
        file.write("".join(line() for _ in range(random.randrange(20, 250))))

repository = os.path.join(base, "history")
subprocess.run(["git", "init", "--quiet", "--bare", repository], check=True)
files = [[line() for _ in range(random.randrange(50, 800))] for _ in range(400)]
stream = subprocess.Popen(["git", "-C", repository, "fast-import", "--quiet"], stdin=subprocess.PIPE)
for number in range(12_000):
    out = f"commit refs/heads/main\ncommitter b <b@localhost> {1_500_000_000 + number} +0000\ndata 6\nChange\n"
    for _ in range(random.randrange(1, 5)):
        name = random.randrange(len(files))
        for _ in range(random.randrange(1, 4)):
            at = random.randrange(len(files[name]))
            files[name][at : at + random.randrange(3)] = [line() for _ in range(random.randrange(4))]
        content = "".join(files[name])
        out += f"M 100644 inline d{name % 20}/f{name}.rs\ndata {len(content)}\n{content}\n"
    stream.stdin.write(out.encode())
stream.stdin.close()
assert stream.wait() == 0
subprocess.run(["git", "-C", repository, "repack", "-adfq"], check=True)
PYTHON
fi
history=${1:-$work/history}
tree=${2:-$work/tree}

# The mean times of the commands, in the order given, in seconds.
means() {
	runs=$1
	shift
	hyperfine --warmup 1 --runs "$runs" --shell none --ignore-failure --export-json "$work/times.json" "$@" >/dev/null 2>&1
	python3 -c 'import json, sys; print(*(r["mean"] for r in json.load(open(sys.argv[1]))["results"]))' "$work/times.json"
}

# Peak memory of a command, in MB.
peak() {
	/usr/bin/time -f %M -o "$work/peak" "$@" >/dev/null 2>&1 || :
	tail -n 1 "$work/peak" | awk '{ printf "%.0f", $1 / 1024 }'
}

# A row: what, our time, against what, its time, ratio, memory.
row() {
	# shellcheck disable=SC2016
	python3 -c 'import sys; w, a, o, b, m = sys.argv[1:]; print(f"| {w} | {float(a):.2f} s | `{o}` | {float(b):.2f} s | {float(a) / float(b):.2f} | {m} MB |")' "$@"
}

cd "$history"
commits=$(git rev-list --all --count)
files=$(find "$tree" -type f | wc -l | tr -d ' ')
echo "| | time | against | time | ratio | peak |"
echo "|---|---|---|---|---|---|"
# shellcheck disable=SC2046
set -- $(means 5 "$dtguard scan --quiet --history" "sh -c 'git cat-file --batch-all-objects --batch --buffer --unordered >/dev/null'")
memory=$(peak "$dtguard" scan --quiet --history)
row "\`scan --history\`, $commits commits" "$1" "git cat-file --batch-all-objects" "$2" "$memory"
ours=$1
# shellcheck disable=SC2046
set -- $(means 1 "sh -c 'git log -p --all >/dev/null'")
row "the same" "$ours" "git log -p --all" "$1" "$memory"
# Rows of the other scanners that are here, on what "$1" names; one run each.
others() {
	for command in "kingfisher scan --quiet --no-validate --no-update-check" "gitleaks $2" ripsecrets; do
		if command -v "${command%% *}" >/dev/null && { [ "$2" != git ] || [ "$command" != ripsecrets ]; }; then
			row "$1" "$ours" "$command" "$(means 1 "$command .")" "$memory"
		fi
	done
}
others "the same" git
cd "$tree"
# shellcheck disable=SC2046
set -- $(means 10 "$dtguard scan --quiet ." "rg -F dt0 --no-ignore --hidden .")
ours=$1
memory=$(peak "$dtguard" scan --quiet .)
row "\`scan DIR\`, $files files" "$ours" "rg -F dt0 --no-ignore --hidden" "$2" "$memory"
others "the same" dir

# Fifty rules of a team's own, of the sorts that teams have; three of them without a literal.
python3 - >"$work/rules.toml" <<'PYTHON'
print("version = 1")
patterns = ["AKIA[0-9A-Z]{16}", r"\b[a-z]{3}[0-9]{5}\b", r"[a-z]{3}[0-9]{5}\.live", r"\b[0-9]{12}:[A-Z]{4}\b"]
patterns += [r"[A-Z]{4}-[0-9]{6}-[A-Z]{2}\b", r"(?i)\b(password|passwd|secret)\s*[:=]\s*[\x22\x27](?P<secret>[^\x22\x27\s]{12,})"]
patterns += [rf"(?i)\b[a-z0-9-]+\.{name}\.corp\.example\b" for name in "alpha beta gamma delta omega north south east west hub".split()]
patterns += [rf"{name}_(?P<secret>[A-Za-z0-9]{{32}})" for name in "acme zeta kilo lima mike oscar papa quebec romeo sierra".split()]
patterns += [rf"(?i){name}[_-]?key\s*[:=]\s*\S{{16,}}" for name in "billing ledger payment vendor partner".split()]
patterns += [rf"https://{name}[0-9]+\.internal/" for name in "build deploy git wiki chat".split()]
for number in range(50 - len(patterns)):
    patterns.append(f"project-{number:02}-codename")
for number, pattern in enumerate(patterns):
    print(f"[[forbid]]\nid = \"rule-{number}\"\npattern = '{pattern}'")
PYTHON
# shellcheck disable=SC2046
set -- $(means 10 "$dtguard scan --quiet --policy $work/rules.toml ." "$dtguard scan --quiet .")
row "the same, with 50 rules of a team's own" "$1" "dtguard scan DIR" "$2" "$(peak "$dtguard" scan --quiet --policy "$work/rules.toml" .)"

# Instructions are the same whatever else the machine does.
command -v valgrind >/dev/null || exit 0
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'
}
bytes=$(find . -type f -exec cat {} + | wc -c | tr -d ' ')
ours=$(instructions "$dtguard" scan --quiet .)
theirs=$(instructions rg -F dt0 --no-ignore --hidden .)
# shellcheck disable=SC2016
python3 -c 'import sys; ours, theirs, size = map(int, sys.argv[1:]); print(f"| instructions a byte, `scan DIR` | {ours / size:.1f} | `rg -F dt0 --no-ignore --hidden` | {theirs / size:.1f} | {ours / theirs:.1f} | |")' "$ours" "$theirs" "$bytes"
