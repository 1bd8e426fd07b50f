#!/bin/sh
# How long a scan takes of 50 MB that were made to cost much: a prefix at every few bytes,
# and behind it what could part a token. Prints a table; needs python3 and hyperfine.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# The program as packages and install.sh have it.
dtguard=${DTGUARD:-$("$here/packaging/program.sh" --quiet)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$work" "$dtguard" <<'PYTHON'
import json, os, subprocess, sys

work, dtguard = sys.argv[1:]
SIZE = 50_000_000
TEXTS = [
    b"dt0c01.ab ",
    b'dt0c01."+"',
    b'd"+"t"+"0',
    b"dt0c01.A<b>",
    b"dt0c01\x1b[m\x1b[m",
    b"dt0\\n\\n",
    b"dt0c01.AAAA\n",
    b"dt0','','",
    b"dt0c01.A**",
    b"join dt0c01.A','A',",
    b"\\n",
    b"\\\\",
    b"A",
    b"API_TOKEN\n+",
    b'" "%2E\'.\'\\x64',
    b'*/\\u0064" "=3D<~',
    b"&amp;<~QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=",
    b'eyJAPI_TOKEN"A1B2C3D4\\u0064',
]
print("| 50 MB of | seconds |\n|---|---|")
for text in TEXTS:
    file, times = os.path.join(work, "file"), os.path.join(work, "times")
    with open(file, "wb") as out:
        out.write((text * (SIZE // len(text) + 1))[:SIZE])
    # 2 says that a part of it was too much to be decoded.
    command = ["hyperfine", "-N", "-i", "-w1", "-r3", "--export-json", times, f"{dtguard} -q scan {file}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(times) as results:
        seconds = min(json.load(results)["results"][0]["times"])
    print(f"| `{text.decode('unicode_escape').encode('unicode_escape').decode()}` | {seconds:.2f} |", flush=True)
PYTHON
