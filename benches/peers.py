#!/usr/bin/env python3
"""What other tools block and what they cost, side by side in one run.

Each tool is the pre-commit hook of a real commit. Prints the table that README
quotes, of the tools that are on PATH, and which are missing; needs hyperfine. `+`: the
tool was given Dynatrace's documented expression, because its own rules have none.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The program as packages and install.sh have it.
DTGUARD = os.environ.get("DTGUARD") or subprocess.check_output(
    [os.path.join(ROOT, "packaging", "program.sh"), "--quiet"], text=True
).strip()
EXPRESSION = r"dt0[a-zA-Z]{1}[0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"
# Each with the program that it needs.
TOOLS = {
    "dtguard": (DTGUARD, f"exec '{DTGUARD}' hook pre-commit"),
    "git-secrets+": ("git-secrets", "exec git secrets --pre_commit_hook"),
    "ripsecrets+": (
        "ripsecrets",
        f"git diff --cached --name-only -z | xargs -0 ripsecrets --strict-ignore --additional-pattern '{EXPRESSION}' --",
    ),
    "detect-secrets": ("detect-secrets-hook", "git diff --cached --name-only -z | xargs -0 detect-secrets-hook"),
    "gitleaks": ("gitleaks", "exec gitleaks git --pre-commit --staged --redact --no-banner"),
    "kingfisher": ("kingfisher", "exec kingfisher scan . --staged --quiet --redact --no-validate --no-update-check"),
    "git diff and grep+": ("grep", f"! git diff --cached -U0 | grep '^+' | grep -E '{EXPRESSION}' >&2"),
}
BASE32, HEX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdef"
ALNUM = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
random.seed(1)


def draw(alphabet, length):
    return "".join(random.choices(alphabet, k=length))


def token(prefix):
    if prefix == "dt0a01":
        return f"{prefix}.{draw('abcdefgh', 3)}{draw('12345', 5)}.{draw(HEX, 64)}"
    if prefix == "dt0a02":
        return f"{prefix}.{draw(ALNUM, 24)}"
    public = 24 if prefix in ("dt0c01", "dt0s01", "dt0e01", "dt0x01", "dt0n01") else 8
    return f"{prefix}.{draw(BASE32, public)}.{draw(BASE32, 64)}"


def run(folder, *command, **options):
    return subprocess.run(command, cwd=folder, capture_output=True, **options)


class Repository:
    def __init__(self, folder, hook):
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "bench")
        self.git("config", "user.email", "bench@localhost")
        self.git("config", "--add", "secrets.patterns", EXPRESSION)
        self.stage(b"README", b"nothing\n")
        self.git("commit", "--quiet", "-m", "first")
        path = os.path.join(folder, ".git", "hooks", "pre-commit")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\n{hook}\n")
        os.chmod(path, 0o755)

    def git(self, *arguments):
        return run(self.folder, "git", *arguments)

    def stage(self, name, content):
        path = os.path.join(os.fsencode(self.folder), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        self.git("add", "--force", "--", os.fsdecode(name))

    def unseen(self):
        self.git("commit", "--quiet", "--no-verify", "-m", "unseen")


def holding(name, content):
    """A case in which a new file holds a token."""
    return lambda repository, secret: repository.stage(name, content.replace(b"@", secret.encode()))


def changing(old, new):
    """A case in which a file that was committed past the hook changes."""

    def case(repository, secret):
        repository.stage(b"f", old.replace(b"@", secret.encode()))
        repository.unseen()
        repository.stage(b"f", new.replace(b"@", secret.encode()))

    return case


def renaming(repository, secret):
    changing(b"x=@\n", b"x=@\n")(repository, secret)
    repository.git("mv", "f", "g")


def attributed(repository, secret):
    repository.stage(b".gitattributes", b"* -diff\n")
    holding(b"a.env", b"x=@\n")(repository, secret)


PREFIXES = (
    "dt0c01 dt0s01 dt0s02 dt0s03 dt0s04 dt0s06 dt0s08 dt0s10 dt0s16 dt0s17 dt0a01 dt0a02 "
    "dt0g01 dt0g02 dt0e01 dt0x01 dt0n01"
).split()
BLOCK = [(holding(b"a.env", b"DT_TOKEN=@\n"), token(prefix)) for prefix in PREFIXES] + [
    (holding(b"a.sh", b"curl -H 'Authorization: Api-Token @'\n"), "aB3" + draw(ALNUM, 18)),
    (holding(b"a.sh", b"curl 'https://x.live.dynatrace.com/i?Api-Token=@&arch=x86'\n"), "aB3" + draw(ALNUM, 18)),
    (holding(b"a.conf", b"DT_TENANTTOKEN=@\n"), "aB3" + draw(ALNUM, 13)),
    (holding(b"a.env", b"HEADERS=Authorization=Api-Token%20@\n"), token("dt0c01")),
    (holding(b"a.env", b"x=@ABC\n"), token("dt0c01")),
    (holding(b"package-lock.json", b'{"x": "@"}\n'), token("dt0c01")),
    (holding(b"a.min.js", b"f();" * 100_000 + b'x="@"'), token("dt0c01")),
    (holding(b"a.bin", b"\0\1@\0"), token("dt0c01")),
    (holding(b"new\nline", b"x=@\n"), token("dt0c01")),
    (holding(b"caf\xe9.env", b"x=@\n"), token("dt0c01")),
    (holding(b"-n", b"x=@\n"), token("dt0c01")),
    (attributed, token("dt0c01")),
    (changing(b"x=@\n", b"x=@\ny=@\n"), token("dt0c01")),
]
PASS = [
    (changing(b"x=@\ny\n", b"y\n"), token("dt0c01")),
    (changing(b"x=@\ny\n", b"x=@\ny\nz\n"), token("dt0c01")),
    (changing(b"x=@\ny\n", b"y\nx=@\n"), token("dt0c01")),
    (renaming, token("dt0c01")),
    (holding(b"a", b"id: @\n"), token("dt0c01")[:31]),
    (holding(b"a", b"x=@\n"), "dt0c01." + "X" * 24 + "." + "X" * 64),
    (holding(b"a", b"x=@\n"), "dt0c01.abc123.abcdefjhij1234567890"),
    (holding(b"a", b"DT_API_TOKEN=@\n"), "${DT_API_TOKEN}"),
]


def blocked(hook, case, secret):
    """Whether the commit was blocked, and whether the secret part was shown."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(folder, hook)
        case(repository, secret)
        done = repository.git("commit", "-m", "m")
        shown = secret[-16:].encode() in done.stdout + done.stderr
        return done.returncode != 0, shown


def cost(tools):
    """The median of each tool's hook for one line in a small repository, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(folder, "true")
        for number in range(20):
            repository.stage(b"f%d" % number, b"some words in a line\n" * 100)
        repository.unseen()
        repository.stage(b"f3", b"some words in a line\n" * 100 + b"one more\n")
        commands = []
        for name, hook in tools.items():
            script = os.path.join(folder, ".git", name.replace(" ", "-"))
            with open(script, "w") as file:
                file.write(f"#!/bin/sh\n{hook}\n")
            commands.append(f"sh {script}")
        times = os.path.join(folder, ".git", "times.json")
        options = ["--shell=none", "--ignore-failure", "--warmup", "3", "--runs", "30", "--export-json", times]
        run(folder, "hyperfine", *options, "git diff --cached --quiet", *commands).check_returncode()
        with open(times) as file:
            return [result["median"] * 1000 for result in json.load(file)["results"]]


def main():
    os.environ.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null")
    for program in (DTGUARD, "hyperfine"):
        if not shutil.which(program):
            raise SystemExit(f"{program} is missing")
    tools = {name: hook for name, (program, hook) in TOOLS.items() if shutil.which(program)}
    floor, *times = cost(tools)
    print(f"| tool | blocked of {len(BLOCK)} leaks | passed of {len(PASS)} innocents | showed the secret | hook against `git diff --cached --quiet` |")
    print("|---|---|---|---|---|")
    for (name, hook), time in zip(tools.items(), times):
        leaks = [blocked(hook, case, secret) for case, secret in BLOCK]
        innocents = [blocked(hook, case, secret) for case, secret in PASS]
        caught = sum(stopped for stopped, _ in leaks)
        passed = sum(not stopped for stopped, _ in innocents)
        shown = sum(shown for stopped, shown in leaks if stopped)
        print(f"| {name} | {caught} | {passed} | {shown} times | {time / floor:.1f} |")
    if missing := [name for name in TOOLS if name not in tools]:
        print(f"\nMissing here: {', '.join(missing)}.")


if __name__ == "__main__":
    main()
