"""Adds up what llvm-cov exports, read from standard input, to a line a library. See tests/coverage.sh."""

import collections
import json
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
COUNTED = ("lines", "functions", "branches")

sums = collections.defaultdict(collections.Counter)
for file in json.load(sys.stdin)["data"][0]["files"]:
    parts = pathlib.Path(file["filename"]).relative_to(root).parts
    library = parts[2] if parts[0] == "include" else parts[1]
    for row in library, "all":
        for what in COUNTED:
            sums[row][what] += file["summary"][what]["count"]
            sums[row][what, "run"] += file["summary"][what]["covered"]

print(f"\n{'library':12}" + "".join(f"{what:>22}" for what in COUNTED))
for library in sorted(sums, key=lambda name: (name == "all", name)):
    row = sums[library]
    cells = (f"{row[what, 'run']} of {row[what]}  {100 * row[what, 'run'] / max(row[what], 1):4.1f} %" for what in COUNTED)
    print(f"{library:12}" + "".join(f"{cell:>22}" for cell in cells))
