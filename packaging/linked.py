#!/usr/bin/env python3
"""What is linked into the program, from Cargo.lock and the sources of its crates.

    linked.py licences TARGET    the licence texts of all of it
    linked.py sbom TARGET        a software bill of materials, CycloneDX 1.5 in JSON

Dependencies of tests and of the build are not linked and not listed.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
import uuid
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

TOP = Path(__file__).resolve().parent.parent
LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|unlicense)", re.IGNORECASE)


def linked(target):
    """The package itself, the linked crates by name and version, and what each one uses."""
    metadata = json.loads(
        subprocess.run(
            ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target],
            cwd=TOP,
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    )
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}

    def uses(node):
        for dependency in nodes[node]["deps"]:
            macro = any("proc-macro" in made["kind"] for made in packages[dependency["pkg"]]["targets"])
            if not macro and any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                yield dependency["pkg"]

    root = metadata["resolve"]["root"]
    reached, left = {root}, [root]
    while left:
        for other in uses(left.pop()):
            if other not in reached:
                reached.add(other)
                left.append(other)
    order = sorted(reached - {root}, key=lambda one: (packages[one]["name"], packages[one]["version"]))
    graph = {one: sorted(set(uses(one))) for one in reached}
    return packages[root], {one: packages[one] for one in order}, graph


def licence_files(package):
    """Licence texts of the crate and, in a crate that brings C code, of that code."""
    folder = Path(package["manifest_path"]).parent
    for path in sorted(folder.rglob("*")):
        depth = len(path.relative_to(folder).parts)
        if depth <= 3 and path.is_file() and LICENCE_FILE.match(path.name) and path.suffix not in (".rs", ".c", ".h"):
            yield path.relative_to(folder), path.read_text(encoding="utf-8", errors="replace").strip()


def licences(target):
    _, crates, _ = linked(target)
    print("dtguard is licensed under MIT or Apache-2.0. Linked into the program are:\n")
    for crate in crates.values():
        print(f"{crate['name']} {crate['version']}: {crate['license']}")
    shown = {}
    for crate in crates.values():
        for path, text in licence_files(crate):
            shown.setdefault(text, []).append(f"{crate['name']} {crate['version']} ({path.as_posix()})")
    for text, places in shown.items():
        print("\n" + "=" * 78)
        print("\n".join(places) + "\n")
        print(text)


def sbom(target):
    root, crates, graph = linked(target)
    locked = tomllib.loads((TOP / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    sums = {(one["name"], one["version"]): one.get("checksum") for one in locked}
    reference = {
        one: f"pkg:cargo/{package['name']}@{quote(package['version'])}"
        for one, package in [(root["id"], root), *crates.items()]
    }

    def component(package, kind):
        fields = {
            "type": kind,
            "bom-ref": reference[package["id"]],
            "name": package["name"],
            "version": package["version"],
            "licenses": [{"expression": package["license"].replace("/", " OR ")}],
            "purl": reference[package["id"]],
        }
        if checksum := sums.get((package["name"], package["version"])):
            fields["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return fields

    time = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    name = f"dtguard-{root['version']}-{target}-{time.isoformat()}"
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": component(root, "application"),
        },
        "components": [component(package, "library") for package in crates.values()],
        "dependencies": [
            {"ref": reference[one], "dependsOn": [reference[other] for other in graph[one]]}
            for one in [root["id"], *crates]
        ],
    }
    print(json.dumps(document, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    commands = {"licences": licences, "sbom": sbom}
    if len(sys.argv) != 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](sys.argv[2])
