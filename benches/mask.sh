#!/bin/sh
# What masking a log costs, as ratios in one run: `benches/mask.sh [MB]` prints a table, of a
# log of 2,000 MB if none is named. Needs hyperfine, ripgrep, python3 and room for two logs.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# The program as packages and install.sh have it.
dtguard=${DTGUARD:-$("$here/packaging/program.sh" --quiet)}
megabytes=${1:-2000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines of a log, without a token and with one on each tenth line.
python3 - "$work" "$megabytes" <<'PYTHON'
import os, random, sys

base, megabytes = sys.argv[1], int(sys.argv[2])
random.seed(1)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
WORDS = "request served from cache after retry by worker with status and size of the response".split()


def token():
    return "dt0c01." + "".join(random.choices(LETTERS, k=24)) + "." + "".join(random.choices(LETTERS, k=64))


def line(number, with_token):
    words = " ".join(random.choices(WORDS, k=9))
    end = f" Authorization: Api-Token {token()}" if with_token else f" id={random.randrange(10**9)}"
    return f"2026-11-28T12:00:{number % 60:02d}Z INFO [worker-{number % 16}] {words}{end}\n"


for name, each in (("clean", 0), ("tokens", 10)):
    # A part that is repeated: what is drawn slowly is no longer than a window.
    part = "".join(line(number, each and number % each == 0) for number in range(100_000)).encode()
    with open(os.path.join(base, name), "wb") as file:
        left = megabytes * 1_000_000
        while left > 0:
            file.write(part[:left])
            left -= len(part)
PYTHON

# The documented expression; the identifier stays.
rule='(dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.)[A-Z0-9]{64}'
cat >"$work/sed" <<SED
#!/bin/sh
exec sed -E 's/$rule/\\1********/g' "\$1"
SED
cat >"$work/rg" <<RG
#!/bin/sh
exec rg --passthru --no-line-number --color never --replace '\${1}********' '$rule' "\$1"
RG
chmod +x "$work/sed" "$work/rg"
head -n 20 "$work/tokens" >"$work/some"
"$dtguard" mask -q "$work/some" >"$work/masked"
for tool in "$work/sed" "$work/rg"; do
	# A tool that does not mask the same would be compared for something else.
	"$tool" "$work/some" | cmp - "$work/masked"
done

# A row: which log, our time, against what, its time, how many times as fast we are.
row() {
	log=$1
	name=$2
	shift 2
	hyperfine --warmup 1 --runs 3 --shell none --export-json "$work/times.json" \
		"$dtguard mask -q $work/$log" "$* $work/$log" >/dev/null 2>&1
	# shellcheck disable=SC2016
	python3 -c 'import json, sys; a, b = (r["mean"] for r in json.load(open(sys.argv[1]))["results"]); print(f"| {sys.argv[2]} | {a:.2f} s | `{sys.argv[3]}` | {b:.2f} s | {a / b:.2f} |")' \
		"$work/times.json" "$log" "$name"
}

echo "| log of $megabytes MB | mask | against | time | ratio |"
echo "|---|---|---|---|---|"
row clean cat cat
row clean "sed -E" "$work/sed"
row tokens "rg --passthru" "$work/rg"
row tokens "sed -E" "$work/sed"
