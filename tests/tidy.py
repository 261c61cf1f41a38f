"""clang-tidy over sources of a build tree, many at a time. See tests/tidy.sh.

    tidy.py BUILD [SOURCE…]    all that BUILD/compile_commands.json compiles of src and tests, or these (absolute paths)

Reading what a source includes takes ten times as long as looking at it, so those of one library are read as one, in a
source that includes them. Where that does not compile, since two use a name of their own for different things, each
half is tried by itself.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
AT_ONCE = 24
FINDING = re.compile(r"^(/[^:]+:\d+:\d+: (?:warning|error): .* \[[^ ]+?)(?:,-warnings-as-errors)?\]$")


def commands(build):
    """The command that compiles each source, without what names input and output."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])[1:]
        found[entry["file"]] = [word for at, word in enumerate(words)
                                if word not in ("-c", "-o", entry["file"]) and words[at - 1] != "-o"]
    return found


def said_of(sources, command, folder):
    """What clang-tidy says of sources that are read as one, or nothing, if they cannot be."""
    one = sources[0]
    if len(sources) > 1:
        one = folder / f"{abs(hash(tuple(sources)))}.cpp"
        one.write_text("".join(f'#include "{source}"\n' for source in sources))
        compiled = subprocess.run(["clang++-19", *command, "-fsyntax-only", "-w", str(one)], capture_output=True,
                                  check=False)
        if compiled.returncode != 0:
            return None
    # That it includes sources is on purpose.
    done = subprocess.run(["clang-tidy-19", "-quiet", f"-config-file={ROOT / '.clang-tidy'}",
                           "-checks=-bugprone-suspicious-include", str(one), "--", *command],
                          capture_output=True, text=True, check=False)
    found = {match[1] + "]" for match in map(FINDING.match, done.stdout.splitlines()) if match}
    if done.returncode != 0 and not found:
        raise AssertionError(f"{one}: {done.stdout}{done.stderr}")
    return found


def findings(sources, command, folder):
    found = said_of(sources, command, folder)
    if found is None:
        half = len(sources) // 2
        return findings(sources[:half], command, folder) | findings(sources[half:], command, folder)
    print(f"read {len(sources)}: {os.path.relpath(sources[0], ROOT)} …", file=sys.stderr, flush=True)
    return found


def main(build, *wanted):
    compiled = {source: command for source, command in sorted(commands(build).items())
                if re.match(rf"{re.escape(str(ROOT))}/(src|tests)/", source)}
    # Not all that ends in .cpp is compiled: some are examples that a test reads.
    wanted = [source for source in map(str, wanted) if source in compiled] or (list(compiled) if not wanted else [])
    alike = {}
    for source in wanted:
        alike.setdefault(tuple(compiled[source]), []).append(source)
    units = [(sources[at:at + AT_ONCE], sources[at]) for sources in alike.values()
             for at in range(0, len(sources), AT_ONCE)]
    told = set()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(findings, unit, compiled[first], pathlib.Path(folder)) for unit, first in units]
        for one in concurrent.futures.as_completed(running):
            # A header is read with all that include it; what is wrong in it is said once.
            for line in sorted(one.result() - told):
                print(line.replace(f"{ROOT}/", "", 1), flush=True)
            told |= one.result()
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), *sys.argv[2:]))
