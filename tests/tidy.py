"""clang-tidy over sources of a build tree, many at a time. See tests/tidy.sh.

    tidy.py BUILD SCOPE [SOURCE…]    all that BUILD/compile_commands.json compiles of src and tests, or these (absolute
                                     paths); SCOPE is tests/tidy/scope.cpp, compiled
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PLANTED = ROOT / "tests/tidy/planted.cpp"
FINDING = re.compile(r"^(?P<where>/[^:]+:\d+):\d+: (?:warning|error): (?P<what>.*) \[(?P<check>[^] ,]+)[^] ]*\]$")
MARK = re.compile(r"// finds (\S+)$")


class Tidy:
    def __init__(self, build, scope):
        self.words = ["clang-tidy-19", "-quiet", f"-p={build}", f"-load={scope}"]

    def findings(self, source):
        """What it says of a source and of our headers in it: {(path and line, check, in words)}."""
        done = subprocess.run([*self.words, source], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        found = {match.group("where", "check", "what") for match in map(FINDING.match, done.stdout.splitlines()) if match}
        # Without SCOPE it would say the same, an hour later.
        if (done.returncode != 0 and not found) or "load request ignored" in done.stderr:
            raise AssertionError(f"{source}: {done.stdout}{done.stderr}")
        return found

    def must_find_what_is_planted(self):
        """Nothing found is good news only from somebody who finds."""
        planted = {(f"{path}:{number}", mark[1])
                   for path in (PLANTED, PLANTED.with_suffix(".hpp"))
                   for number, line in enumerate(path.read_text().splitlines(), 1) if (mark := MARK.search(line))}
        found = {(where, check) for where, check, _ in self.findings(str(PLANTED))}
        if found != planted:
            raise AssertionError(f"overlooked: {sorted(planted - found)}, not planted: {sorted(found - planted)}")


def main(build, scope, *wanted):
    tidy = Tidy(build, scope)
    tidy.must_find_what_is_planted()
    database = json.loads((pathlib.Path(build) / "compile_commands.json").read_text())
    compiled = sorted(entry["file"] for entry in database
                      if re.match(rf"{re.escape(str(ROOT))}/(src|tests)/.*\.cpp$", entry["file"]))
    # Not all that ends in .cpp is compiled: some are examples that a test reads.
    sources = [source for source in compiled if source in wanted] if wanted else compiled
    told = set()
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for number, found in enumerate(pool.map(tidy.findings, sources), 1):
            print(f"{number} of {len(sources)}: {os.path.relpath(sources[number - 1], ROOT)}", file=sys.stderr, flush=True)
            # A header is read with all that include it; what is wrong in it is said once.
            for where, check, what in sorted(found - told):
                print(f"{os.path.relpath(where, ROOT)}: {what} [{check}]", flush=True)
            told |= found
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
