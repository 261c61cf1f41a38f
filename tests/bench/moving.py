#!/usr/bin/env python3
"""How fast mail moves in and out: `mailpod import` and `export` of a Maildir on a pod that serves, messages a second and
the most memory that command and daemon took. `moving.py [MESSAGES [OCTETS]]`."""

import os
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
import pod


def most_memory(process):
    """In MiB, of a process that runs."""
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError(process)


def make_maildir(path, count, octets):
    words = random.Random(1).choices([f"word{number}" for number in range(5000)], k=octets)
    for folder in ("cur", "new", "tmp"):
        (path / folder).mkdir(parents=True)
    for number in range(count):
        head = f"From: a@elsewhere.lab\nTo: ada@bench.lab\nSubject: message {number}\nMessage-ID: <{number}@bench.lab>\n\n"
        start = number % 997
        text = " ".join(words[start:start + octets // 8]) + "\n"
        (path / f"cur/{1_600_000_000 + number}.{number}.bench:2,S").write_text((head + text * 2)[:octets - 1] + "\n")


def measure(what, served, secret, arguments, count):
    begun = time.monotonic()
    read, write = os.pipe()
    os.write(write, (secret + "\n").encode())
    os.close(write)
    command = [pod.MAILPOD, "--pod", str(served.path), what, "ada", *map(str, arguments)]
    child = os.posix_spawn(command[0], command, os.environ,
                           file_actions=[(os.POSIX_SPAWN_DUP2, read, 0),
                                         (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    os.close(read)
    _, status, usage = os.wait4(child, 0)
    took = time.monotonic() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{what} failed")
    return f"{took:7.1f} s, {count / took:7.0f} messages/s, command {usage.ru_maxrss / 1024:.0f} MiB"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    octets = int(sys.argv[2]) if len(sys.argv) > 2 else 4096
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        make_maildir(scratch / "box", count, octets)
        served = pod.Neighbour("bench.lab", "ada")
        try:
            served.start()
            secret = served.password("ada")
            steps = [("import", "import", scratch / "box"), ("import again", "import", scratch / "box"),
                     ("export maildir", "export", scratch / "out"),
                     ("export mbox", "export", scratch / "mbox", "--format", "mbox")]
            for name, what, *arguments in steps:
                print(f"{name:16} {measure(what, served, secret, arguments, count)}; "
                      f"daemon {most_memory(served.serving.pid):.0f} MiB at most so far", flush=True)
        finally:
            served.remove()


if __name__ == "__main__":
    main()
