#!/usr/bin/env python3
"""What we say of SPF, DKIM and DMARC against python3-spf, python3-dkim, libopendkim and libopendmarc of Debian, on generated
cases. Every difference must be one of those that are explained here, each by what a standard says; any other fails.

verdicts_test.py [CASES [SEED]]: half of them SPF, a quarter each DKIM and DMARC.
"""

import collections
import json
import os
import pathlib
import random
import subprocess
import sys

PEERS = pathlib.Path(os.environ["MAILPOD_PEERS"])
LIBRARIES = f"{PEERS}/usr/lib/x86_64-linux-gnu:{PEERS}/usr/lib"
if os.environ.get("LD_LIBRARY_PATH") != LIBRARIES:
    os.environ["LD_LIBRARY_PATH"] = LIBRARIES
    os.execv(sys.executable, [sys.executable] + sys.argv)
sys.path[:0] = [str(PEERS / "usr/lib/python3/dist-packages")]

import dkim  # noqa: E402
import spf  # noqa: E402

import dkim_cases  # noqa: E402
import dmarc_cases  # noqa: E402
import explained  # noqa: E402
import spf_cases  # noqa: E402


def seeded(seed, what, number):
    return random.Random(f"{seed} {what} {number}")


class Report:
    def __init__(self):
        self.cases = collections.Counter()
        self.differences = collections.Counter()
        self.unexplained = []

    def compare(self, peer, ours, theirs, why, case):
        """`why`: the rows of `explained` that this case may be; the first that is, counts."""
        self.cases[peer] += 1
        if ours == theirs:
            return
        for row in why:
            if row.holds(case, ours, theirs):
                self.differences[peer, row.name] += 1
                return
        self.unexplained.append((peer, ours, theirs, case))

    def tell(self):
        for peer, count in sorted(self.cases.items()):
            print(f"{peer}: {count} cases")
            for (of, name), number in sorted(self.differences.items()):
                if of == peer:
                    print(f"  {number:5}  {name}: {explained.REASONS[name]}")
        shown = collections.Counter()
        for peer, ours, theirs, case in self.unexplained:
            shown[peer] += 1
            if shown[peer] <= 3:
                print(f"UNEXPLAINED {peer}: we say {ours}, it says {theirs}: {str(case)[:900]}")
        print(f"{sum(self.cases.values())} comparisons, {sum(self.differences.values())} differences explained, "
              f"{len(self.unexplained)} not")


def ask_us(lines):
    done = subprocess.run([os.environ["VERDICTS"]], input="\n".join(json.dumps(line) for line in lines) + "\n", text=True,
                          capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare_spf(report, count, seed):
    cases = [spf_cases.case(seeded(seed, "spf", number)) for number in range(count)]
    lines = [line for zone, query in cases for line in ({"dns": zone.rows()}, {"spf": query})]
    for (zone, query), ours in zip(cases, ask_us(lines), strict=True):
        theirs = spf_cases.ask_pyspf(spf, zone, query)
        report.compare("python3-spf", ours, theirs, explained.SPF, (zone, query))


def compare_dkim(report, count, seed):
    keys = dkim_cases.Keys()
    opendkim = dkim_cases.OpenDkim()
    cases = [dkim_cases.case(seeded(seed, "dkim", number), dkim, keys) for number in range(count)]
    lines = [line for message, texts, _ in cases
             for line in ({"dns": [["txt", "s._domainkey.a.example", texts]] if texts else []},
                          {"dkim": message.decode("latin-1"), "now": dkim_cases.NOW})]
    for (message, texts, made), said in zip(cases, ask_us(lines), strict=True):
        ours = "pass" if "pass" in said else "fail"
        made = {**made, "said": said, "texts": texts, "message": message}
        report.compare("python3-dkim", ours, dkim_cases.ask_dkimpy(dkim, message, texts), explained.DKIMPY, made)
        report.compare("libopendkim", ours, opendkim.ask(message, texts), explained.OPENDKIM, made)


def compare_dmarc(report, count, seed):
    opendmarc = dmarc_cases.OpenDmarc()
    cases = [dmarc_cases.case(seeded(seed, "dmarc", number)) for number in range(count)]
    lines = [line for records, query in cases
             for line in ({"dns": [["txt", "_dmarc." + name, [text]] for name, text in records.items()]}, {"dmarc": query})]
    for (records, query), said in zip(cases, ask_us(lines), strict=True):
        ours = said if said.startswith("fail") else said.split()[0]
        report.compare("libopendmarc", ours, opendmarc.ask(records, query), explained.DMARC, (records, query))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = sys.argv[2] if len(sys.argv) > 2 else "1"
    report = Report()
    compare_spf(report, count // 2, seed)
    compare_dkim(report, count // 4, seed)
    compare_dmarc(report, count // 4, seed)
    report.tell()
    return 1 if report.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
