#!/usr/bin/env python3
"""Thousands of connections that say an octet now and then, on the SMTP and IMAP ports, and how long a member's client and
another server wait beside them.

    tests/bench/crowd.py [--connections 5000] [--period 2] [--rounds 300] [--limit 200]

The crowd sends commands, messages and TLS handshakes octet by octet, from some hundred addresses. Exit status 1 if a p99 is
above --limit milliseconds.
"""
import argparse
import pathlib
import resource
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
import dawdlers  # noqa: E402
import pod  # noqa: E402


def used_by(process):
    """Seconds of CPU, and MiB that are resident."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100, int(fields[21]) * resource.getpagesize() / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--period", type=float, default=2, help="seconds between two octets of one connection")
    parser.add_argument("--rounds", type=int, default=300, help="of append, fetch, login and delivery")
    parser.add_argument("--limit", type=float, default=200, help="milliseconds that a p99 may take")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    one = pod.Neighbour("pod.lab", "alice", "bob")
    try:
        one.start()
        alone = dawdlers.Neighbour(one)
        alone.work(options.rounds)
        print(f"alone: {alone}; daemon {used_by(one.serving.pid)[1]:.0f} MiB", flush=True)
        crowd = dawdlers.Crowd(one, options.connections, options.period)
        beside = dawdlers.Neighbour(one)
        beside.work(options.rounds)
        cpu, memory = used_by(one.serving.pid)
        tally = crowd.go()
        print(f"beside {options.connections} slow connections: {beside}; daemon {memory:.0f} MiB, {cpu:.1f} s of CPU in all; "
              f"the crowd sent {tally['octets']} octets and came again {tally['cut']} times")
    finally:
        one.remove()
    if beside.slowest() * 1000 > options.limit:
        raise SystemExit(f"a p99 is above {options.limit:.0f} ms")


if __name__ == "__main__":
    main()
