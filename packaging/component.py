#!/usr/bin/env python3
"""A GitLab component as the job that it becomes, with its inputs' defaults: what the
schema of GitLab CI speaks of. `component.py templates/scan.yml`"""

import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
header, body = text.split("\n---\n")
inputs = dict(re.findall(r"^    (\w+):\n      default: \"?([^\"\n]*)\"?$", header, re.MULTILINE))
print(re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: inputs[match[1]], body), end="")
