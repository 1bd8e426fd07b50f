#!/bin/sh
# What the hook of a coding assistant costs: `benches/agent.sh` prints the table that
# docs/cost.md quotes. Needs python3; takes a few seconds.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# The program as packages and install.sh have it.
dtguard=${DTGUARD:-$("$here/packaging/program.sh" --quiet)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_NOSYSTEM=1

git init --quiet "$work/repo"
python3 - "$work" <<'PYTHON'
import base64, json, os, random, sys

base = sys.argv[1]
random.seed(1)
WORDS = "let value = config.get(\"name\"); return response fn stream index cache // parse".split()


def code(size):
    lines = []
    while size > 0:
        lines.append("    " + " ".join(random.choices(WORDS, k=random.randint(3, 12))) + "\n")
        size -= len(lines[-1])
    return "".join(lines)


def event(name, event, **fields):
    fields = {"session_id": "s", "transcript_path": "/t", "cwd": base + "/repo", "hook_event_name": event, **fields}
    with open(os.path.join(base, name), "w") as file:
        json.dump(fields, file)


big = 100_000
with open(os.path.join(base, "repo/large.rs"), "w") as file:
    file.write(code(1_000_000))
event("prompt", "UserPromptSubmit", prompt="Why does the build fail?")
event("write", "PreToolUse", tool_name="Write", tool_input={"file_path": "a.rs", "content": code(big)})
event("output", "PostToolUse", tool_name="Bash", tool_input={"command": "x"},
      tool_response={"stdout": code(big), "stderr": "", "interrupted": False, "isImage": False})
event("many", "PreToolUse", tool_name="mcp__x__y", tool_input={str(n): [n, f"a text {n}\n"] for n in range(big // 25)})
event("base64", "PostToolUse", tool_name="Bash", tool_input={"command": "x"},
      tool_response={"stdout": base64.encodebytes(random.randbytes(big * 3 // 4)).decode()})
event("read", "PreToolUse", tool_name="Read", tool_input={"file_path": base + "/repo/large.rs"})
PYTHON

# A row: what, and its event. The median of 200 runs, from the start of the program to its end.
row() {
	python3 -c 'import os, statistics, sys, time
dtguard, event, label = sys.argv[1:]
times = []
for _ in range(200):
    actions = [(os.POSIX_SPAWN_OPEN, 0, event, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    child = os.posix_spawn(dtguard, [dtguard, "hook", "agent", "claude-code"], os.environ, file_actions=actions)
    _, status = os.waitpid(child, 0)
    times.append(time.perf_counter() - start)
    assert status == 0, label
print(f"| {label} | {statistics.median(times) * 1000:.2f} |")' "$dtguard" "$work/$2" "$1"
}

echo "| event | hook, ms |"
echo "|---|---|"
row "a prompt of a line" prompt
row "a file of 100 KB of code is written" write
row "100 KB of output" output
row "100 KB in 4,000 texts" many
row "100 KB of base64" base64
row "a file of 1 MB is read" read
