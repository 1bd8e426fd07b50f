#!/bin/sh
# What the hook costs on huge commits: time against the time that git needs only
# to inflate the content, and peak memory of dtguard and of its git children.
# Needs python3, Linux (/proc), 10 GB in TMPDIR and about fifteen minutes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# The program as packages and install.sh have it.
dtguard=${DTGUARD:-$("$here/packaging/program.sh" --quiet)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

python3 - "$work" "$dtguard" <<'PYTHON'
import os, random, shutil, string, subprocess, sys, time

base, dtguard = sys.argv[1:]
random.seed(1)
WORDS = (
    "alpha beta gamma token value config return function import export class struct string number "
    "request response handler service client server index cache buffer stream parse format render"
).split()
FILES = 200_000
GIT = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"]


def git(folder, *arguments, **options):
    return subprocess.run([*GIT, "-C", folder, *arguments], check=True, stdout=subprocess.PIPE, **options).stdout


def text(size, separator):
    """Words and numbers: deflate makes a third of it."""
    parts = []
    while size > 0:
        parts.append(" ".join(random.choices(WORDS, k=random.randint(3, 12))))
        parts.append(f" {random.getrandbits(64)}{separator}")
        size -= len(parts[-2]) + len(parts[-1])
    return "".join(parts).encode()


def token():
    # Made at run time, so that no file of the project holds one.
    part = lambda length: "".join(random.choices(string.ascii_uppercase + "234567", k=length))
    return f"dt0c01.{part(24)}.{part(64)}".encode()


def new(name):
    folder = os.path.join(base, name)
    subprocess.run([*GIT, "init", "--quiet", folder], check=True)
    return folder


def one_file(name, size, separator="\n", end=b""):
    folder = new(name)
    path = os.path.join(folder, "file.txt")
    block = text(8 << 20, separator)
    with open(path, "wb") as file:
        for at in range(0, size, len(block)):
            file.write(block[: size - at])
        file.write(end)
    git(folder, "add", "file.txt")
    os.remove(path)
    return folder


def many_files(name, commits):
    """Packed; HEAD is the last commit but one, the index the last."""
    folder = new(name)
    child = subprocess.Popen([*GIT, "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    for version in range(commits):
        child.stdin.write(b"commit refs/heads/main\ncommitter bench <bench@localhost> 0 +0000\ndata 1\nx\n")
        for n in range(FILES):
            content = b"file %d in version %d\nand a second line %d\n" % (n, version, n * 7)
            child.stdin.write(b"M 100644 inline d%d/f%d.txt\ndata %d\n%s\n" % (n // 100, n, len(content), content))
    child.stdin.close()
    if child.wait() != 0:
        sys.exit("fast-import failed")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    git(folder, "read-tree", "HEAD")
    if commits > 1:
        git(folder, "update-ref", "refs/heads/main", "HEAD^")
    else:
        git(folder, "symbolic-ref", "HEAD", "refs/heads/unborn")
    return folder


def unpacked(folder):
    for name in os.listdir(os.path.join(folder, ".git/objects/pack")):
        path = os.path.join(folder, ".git/objects/pack", name)
        if not name.endswith(".pack"):
            os.remove(path)
            continue
        moved = os.path.join(base, name)
        shutil.move(path, moved)
        with open(moved, "rb") as pack:
            git(folder, "unpack-objects", "-q", stdin=pack)
        os.remove(moved)
    return folder


def children(process):
    found = []
    for task in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{task}/children") as file:
            found += [int(child) for child in file.read().split()]
    return found


def peak(process):
    with open(f"/proc/{process}/status") as file:
        return max((int(line.split()[1]) for line in file if line.startswith("VmHWM")), default=0)


def hook(folder, expected):
    """Seconds, and the peak memory of the process and of its largest child in MB."""
    start = time.monotonic()
    process = subprocess.Popen([dtguard, "-q", "hook", "pre-commit"], cwd=folder, stderr=subprocess.DEVNULL)
    own = child = 0
    while process.poll() is None:
        # Whatever ends between two looks has no more to say.
        try:
            own = max(own, peak(process.pid))
            child = max([child, *map(peak, children(process.pid))])
        except OSError:
            pass
        time.sleep(0.005)
    if process.returncode != expected:
        sys.exit(f"{folder}: dtguard ended with {process.returncode} instead of {expected}")
    return time.monotonic() - start, own / 1024, child / 1024


def floor(folder):
    """Seconds that git needs to inflate all that is staged."""
    ids = b"".join(line.split()[1] + b"\n" for line in git(folder, "ls-files", "-s").splitlines())
    start = time.monotonic()
    command = ["cat-file", "--batch", "--buffer"]
    if ids.count(b"\n") == 1:
        command, ids = ["cat-file", "blob", ids.decode().strip()], b""
    subprocess.run([*GIT, "-C", folder, *command], input=ids, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def row(label, make, expected=0):
    folder = make()
    # Side by side, the best of three: other processes only ever add to a time.
    pairs = [(floor(folder), hook(folder, expected)) for _ in range(3)]
    git_seconds = min(pair[0] for pair in pairs)
    seconds = min(pair[1][0] for pair in pairs)
    own, child = (max(pair[1][n] for pair in pairs) for n in (1, 2))
    print(f"| {label} | {seconds:.2f} | {git_seconds:.2f} | {seconds / git_seconds:.2f} | {own:.0f} | {child:.0f} |", flush=True)
    shutil.rmtree(folder)


print("| staged | dtguard, s | git inflates, s | ratio | peak dtguard, MB | peak git, MB |")
print("|---|---|---|---|---|---|")
row("a 2 GB file", lambda: one_file("two", 2 << 30))
row("a 2 GB file, a token at its end", lambda: one_file("end", 2 << 30, end=b"\n" + token() + b"\n"), 1)
row("a line of 1 GB", lambda: one_file("line", 1 << 30, separator=" "))
row("a file of 500 MB, not packed", lambda: one_file("loose", 500_000_000))
row("200,000 new files, packed", lambda: many_files("new_packed", 1))
row("200,000 new files", lambda: unpacked(many_files("new", 1)))
row("200,000 changed files, packed", lambda: many_files("changed_packed", 2))
row("200,000 changed files", lambda: unpacked(many_files("changed", 2)))
PYTHON
