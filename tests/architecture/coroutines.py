#!/usr/bin/env python3
"""Keeps coroutine shapes out that g++ 12 miscompiles: coroutines.query says which, coroutine_shapes.cpp shows each.

    coroutines.py BUILD    BUILD holds compile_commands.json and what it names, precompiled headers among them
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHAPES = HERE / "coroutine_shapes.cpp"
CLANG_QUERY = "clang-query-19"
AT_ONCE = 4  # sources one clang-query reads: starting it costs less than a source, and a slow one holds up few

FINDING = re.compile(r'^(/[^:]+):(\d+):\d+: note: "([^"]+)" binds here')


def query(arguments):
    """What clang-query found: a set of (file, line, what is wrong), each file as the compiler named it."""
    asked = subprocess.run([CLANG_QUERY, "-f", str(HERE / "coroutines.query"), *arguments], stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, check=False)
    # A query with a fault, or a source that does not compile, finds nothing: that must not look like a clean one.
    complaints = [line for line in (asked.stdout + asked.stderr).splitlines()
                  if re.search(r"\berror: |Error (parsing|while processing)|not found", line)]
    if asked.returncode != 0 or complaints:
        raise AssertionError("\n".join(complaints) or asked.stderr)
    found = (FINDING.match(line) for line in asked.stdout.splitlines())
    return {(match[1], int(match[2]), match[3]) for match in found if match and match[3] != "coroutine"}


def compiled_sources_that_await(build):
    """With the command that compiles each. Headers are read with them: who includes one that awaits awaits as well."""
    compiled = {entry["file"]: entry["command"] for entry in json.loads((build / "compile_commands.json").read_text())}
    return {path: command for path, command in sorted(compiled.items())
            if pathlib.Path(path).is_relative_to(ROOT) and "co_await" in pathlib.Path(path).read_text()}


class Seen:
    """Which sources were found clean: by all that the finding depends on, so that only what changed is read again."""

    def __init__(self, build):
        self.path = build / "coroutines.seen"
        self.before = set(self.path.read_text().split()) if self.path.exists() else set()
        own = [HERE / "coroutines.query", *(path for folder in ("src", "include", "tests")
                                            for path in sorted((ROOT / folder).rglob("*.hpp")))]
        self.shared = hashlib.sha256(b"".join(path.read_bytes() for path in own)).hexdigest()

    def key(self, path, command):
        return hashlib.sha256((self.shared + command + pathlib.Path(path).read_text()).encode()).hexdigest()

    def keep(self, keys):
        self.path.write_text("\n".join(sorted(keys)) + "\n")


class Coroutines(unittest.TestCase):
    def test_each_bad_shape_is_found_and_no_good_one(self):
        bad = {number for number, line in enumerate(SHAPES.read_text().splitlines(), 1) if "// bad" in line}
        found = query([str(SHAPES), "--", "-std=c++20"])
        self.assertEqual({line for file, line, _ in found if file == str(SHAPES)}, bad)
        rules = set(re.findall(r'\.bind\("([^"]+: [^"]+)"\)', (HERE / "coroutines.query").read_text()))
        self.assertEqual({rule for _, _, rule in found}, rules)

    def test_a_source_that_does_not_compile_is_no_clean_one(self):
        with self.assertRaises(AssertionError):
            query([str(SHAPES), "--", "-std=c++11"])

    def test_no_source_has_a_bad_shape(self):
        sources, seen = compiled_sources_that_await(BUILD), Seen(BUILD)
        self.assertGreater(len(sources), 40)
        keys = {path: seen.key(path, command) for path, command in sources.items()}
        unseen = [path for path in sources if keys[path] not in seen.before]
        groups = [unseen[at:at + AT_ONCE] for at in range(0, len(unseen), AT_ONCE)]
        found = set()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for findings in pool.map(lambda group: query(["-p", str(BUILD), *group]), groups):
                found |= findings
        wrong = sorted(f"{os.path.relpath(file, ROOT)}:{line}: {rule}" for file, line, rule in found
                       if pathlib.Path(file).is_relative_to(ROOT))
        self.assertEqual(wrong, [], "g++ 12 miscompiles these:\n" + "\n".join(wrong))
        seen.keep(keys.values())


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(argv=sys.argv)
