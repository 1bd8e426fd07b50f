#!/bin/sh
# What the hook costs, as ratios in one run: `benches/hook.sh` prints the table
# that README quotes. Needs hyperfine, python3 and GNU time; takes two minutes.
#
#   benches/hook.sh             the hook against git's own diff
#   benches/hook.sh --readers   the three readers of the staged change
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# The program as packages and install.sh have it.
dtguard=${DTGUARD:-$("$here/packaging/program.sh" --quiet --features readers)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

python3 - "$work" <<'PYTHON'
import base64, os, random, subprocess, sys

base = sys.argv[1]
random.seed(1)
WORDS = (
    "alpha beta gamma token value config return function import export class struct string number "
    "request response handler service client server index cache buffer stream parse format render"
).split()


def git(folder, *arguments):
    options = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"]
    subprocess.run(["git", "-C", folder, *options, *arguments], check=True, stdout=subprocess.DEVNULL)


def text(size):
    lines = []
    while size > 0:
        lines.append(" ".join(random.choices(WORDS, k=random.randint(3, 12))) + ";\n")
        size -= len(lines[-1])
    return "".join(lines)


def repository(name, files):
    folder = os.path.join(base, name)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    for path, content in files:
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(content)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    git(folder, "gc", "--quiet")
    return folder


small = repository("small", ((f"f{n}.txt", text(3000)) for n in range(20)))
with open(os.path.join(small, "f3.txt"), "a") as file:
    file.write("one more line\n")
git(small, "add", ".")

many = repository("many", ((f"d{n // 100}/f{n}.txt", f"{n}\n") for n in range(50_000)))
with open(os.path.join(many, "d7", "f700.txt"), "a") as file:
    file.write("one more line\n")
git(many, "add", ".")

big = repository("big", ((f"f{n}.txt", text(20_000)) for n in range(2000)))
for n in range(2000):
    path = os.path.join(big, f"f{n}.txt")
    with open(path) as file:
        lines = file.read().splitlines()
    for _ in range(20):
        lines[random.randrange(len(lines))] = text(40).strip()
    with open(path, "w") as file:
        file.write("\n".join(lines))
git(big, "add", ".")


def encoded(size):
    """Values in base64, half of them of text, a third of them wrapped."""
    lines = []
    while size > 0:
        length = random.randint(200, 3000)
        plain = random.randbytes(length) if random.random() < 0.5 else text(length).encode()
        value = base64.b64encode(plain).decode()
        if random.random() < 0.3:
            value = "|\n    " + "\n    ".join(value[at : at + 76] for at in range(0, len(value), 76))
        lines.append(f"  key{random.randint(0, 999)}: {value}\n")
        size -= len(lines[-1])
    return "".join(lines)


def plain(size):
    return "".join(f"  key{random.randint(0, 999)}: {line}\n" for line in text(size - size // 6).splitlines())


for name, values in [("plain", plain), ("base64", encoded)]:
    folder = os.path.join(base, name)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    for n in range(400):
        with open(os.path.join(folder, f"f{n}.yaml"), "w") as file:
            file.write("kind: Secret\ndata:\n" + values(100_000))
    git(folder, "add", ".")
PYTHON

# Medians in milliseconds of commands that run side by side in a folder.
measure() {
	folder=$1
	shift
	(cd "$folder" && hyperfine --shell=none --ignore-failure --warmup 5 --runs "$runs" \
		--export-json "$work/times.json" "$@" >/dev/null 2>&1)
	python3 -c 'import json, sys
print(*(round(result["median"] * 1000, 2) for result in json.load(open(sys.argv[1]))["results"]))' "$work/times.json"
}

if [ "${1:-}" = --readers ]; then
	runs=40
	echo "| staged change | own index reader, ms | libgit2, ms | git, ms |"
	echo "|---|---|---|---|"
	for folder in small many big; do
		measure "$work/$folder" "$dtguard -q hook pre-commit" \
			"$dtguard -q hook --reader libgit2 pre-commit" "$dtguard -q hook --reader git pre-commit" |
			while read -r own libgit2 git; do echo "| $folder | $own | $libgit2 | $git |"; done
	done
	exit 0
fi

# The hook as git runs it: the shell script, which starts the program.
"$dtguard" -q install --repo "$work/small" >/dev/null 2>&1
hook="sh $work/small/.git/hooks/pre-commit"

# A row: what, where, against what, and the hook.
row() {
	measure "$2" "$3" "$4" | while read -r git dtguard_ms; do
		peak=$(cd "$2" && command time -f %M "$dtguard" -q hook pre-commit 2>&1 | tail -n 1)
		# shellcheck disable=SC2016
		python3 -c 'import sys
label, command, git, hook, peak = sys.argv[1:]
print(f"| {label} | `{command}` | {git} | {hook} | {float(hook) / float(git):.2f} | {int(peak) / 1024:.1f} |")' \
			"$1" "$3" "$git" "$dtguard_ms" "$peak"
	done
}

echo "| staged change | against | git, ms | hook, ms | ratio | peak, MB |"
echo "|---|---|---|---|---|---|"
runs=200
row "one line in a repository of 20 files" "$work/small" "git diff --cached --quiet" "$hook"
row "the same, without the script" "$work/small" "git diff --cached --quiet" "$dtguard hook pre-commit"
row "one line in a repository of 50,000 files" "$work/many" "git diff --cached --quiet" "$hook"
runs=20
row "2,000 files with 40 MB" "$work/big" "git diff --cached -U0 --text --no-ext-diff" "$hook"

echo
echo "| 400 new YAML files with 40 MB | hook, ms | ratio |"
echo "|---|---|---|"
runs=20
for folder in plain base64; do
	measure "$work/$folder" "$dtguard -q hook pre-commit" >"$work/$folder.ms"
done
python3 -c 'import sys
plain, encoded = (float(open(path).read()) for path in sys.argv[1:])
print(f"| words | {plain} | 1 |")
print(f"| base64, half of it of text | {encoded} | {encoded / plain:.2f} |")' "$work/plain.ms" "$work/base64.ms"
