#!/usr/bin/env python3
"""IMAP SEARCH in a large mailbox: what a word, a part of a word and a phrase take with the index warm, what indexing costs; SORT and THREAD of it all.

    tests/bench/search.py [--messages 100000] [--octets 4096] [--repeat 9] [--no-index]

Messages of generated words (their frequencies fall as those of a language do) are appended over ten connections of one member; then it waits
until the index has settled. CPU of indexing is what the server used after the last APPEND.
"""
import argparse
import bisect
import itertools
import random
import re
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from imap import Client
from servers import MAILPOD, Mailpod, cpu_seconds, memory

SYLLABLES = [a + b for a in ("b", "ch", "d", "f", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w") for b in "aeiou"]


def vocabulary(words):
    chance = random.Random(3)
    known = set()
    while len(known) < words:
        known.add("".join(chance.choice(SYLLABLES) for _ in range(chance.choice((2, 2, 3, 3, 4)))) + chance.choice(("", "", "n", "s")))
    return sorted(known, key=lambda word: (len(word), word))


class Letters:
    def __init__(self, octets):
        self.words = vocabulary(60_000)
        self.sums = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self.words))))
        self.octets = octets

    def word(self, chance):
        return self.words[bisect.bisect(self.sums, chance.random() * self.sums[-1])]

    def letter(self, number):
        chance = random.Random(number)
        lines, size = [], 0
        while size < self.octets - 600:
            line = " ".join(self.word(chance) for _ in range(9))
            lines.append(line)
            size += len(line) + 2
        if number == 4_711:
            lines.append("here is a needlessly rare word")
        token = "%032x" % chance.getrandbits(128)
        header = [f"Received: from mx{chance.randrange(40)}.example.org by pod.example with ESMTPS id {token[:16]}; Mon, 23 Nov 2026 13:32:00 +0000",
                  f"From: {self.word(chance).title()} <{self.word(chance)}@example.org>", "To: <u1@pod.example>",
                  f"Subject: {self.word(chance)} {self.word(chance)}", "Date: Mon, 23 Nov 2026 13:32:00 +0000",
                  f"Message-ID: <{token}@example.org>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", ""]
        return ("\r\n".join(header + lines) + "\r\n").encode()


def fill(server, letters, count, connections=10):
    def work(first):
        client = Client(server, 1)
        for number in range(first, count, connections):
            client.command(b"APPEND INBOX", letters.letter(number))
    threads = [threading.Thread(target=work, args=(n,)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def index_files(server):
    return [path for path in Path(server.folder, "pod/members").glob("*/search/*")]


def wait_until_indexed(server):
    """Until nothing is open and no CPU is used."""
    quiet = 0
    while quiet < 4:
        before = cpu_seconds(server.roots)
        time.sleep(0.5)
        idle = cpu_seconds(server.roots) - before < 0.05
        quiet = quiet + 1 if idle and not any(path.suffix == ".open" for path in index_files(server)) else 0


def search(client, words, command=b"SEARCH "):
    """Milliseconds, and how many were found."""
    began = time.perf_counter()
    client.send(command + words + b"\r\n")
    done, found = b"a%d " % client.tag, 0
    while True:
        line = client.line()
        if line.startswith((b"* SEARCH", b"* SORT")):
            found = line.count(b" ") - 1
        if line.startswith(b"* THREAD"):
            found = line.count(b"(")
        if line.startswith(done):
            return (time.perf_counter() - began) * 1000, found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--octets", type=int, default=4096)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--port-base", type=int, default=29_300)
    parser.add_argument("--no-index", action="store_true")
    options = parser.parse_args()
    letters = Letters(options.octets)
    with tempfile.TemporaryDirectory() as folder:
        server = Mailpod(Path(folder), options.port_base, 1)
        try:
            if options.no_index:
                path = server.folder / "pod/mailpod.toml"
                path.write_text(re.sub(r"(?m)^index_generation = .*", "index_generation = 0", path.read_text()))
                subprocess.run([MAILPOD, "--pod", server.folder / "pod", "reload"], check=True, stdout=subprocess.DEVNULL)
            began = time.monotonic()
            fill(server, letters, options.messages)
            print(f"appended {options.messages} in {time.monotonic() - began:.0f} s")
            client = Client(server, 1)
            before, began = cpu_seconds(server.roots), time.monotonic()
            wait_until_indexed(server)
            print(f"indexed the rest in {time.monotonic() - began:.0f} s, CPU {cpu_seconds(server.roots) - before:.1f} s")
            text = options.messages * len(letters.letter(1))
            stored = sum(path.stat().st_size for path in index_files(server))
            print(f"index {stored / 2**20:.0f} MiB, {100 * stored / text:.0f} % of the text")
            client.command(b"SELECT INBOX")
            idle = memory(server.roots)
            common, middling = letters.words[20], letters.words[3_000]
            for name, words in {"no such word": b"BODY xylophonic", "rare word": b"BODY needlessly", "part of a rare word": b"BODY eedles",
                                "middling word": b"BODY " + middling.encode(), "common word": b"BODY " + common.encode(),
                                "part of many words": b"TEXT grasto", "three letters": b"TEXT gra",
                                "phrase": b'BODY "needlessly rare word"', "sender": b"FROM needless",
                                "not": b"NOT BODY needlessly", "misspelled": b"FUZZY BODY needlesly"}.items():
                first, found = search(client, words)
                times = [search(client, words)[0] for _ in range(options.repeat)]
                print(f"{name:20} first {first:8.1f} ms, then median {statistics.median(times):7.1f} ms, most {max(times):7.1f}, {found} found")
            for words in (b"SORT (ARRIVAL) UTF-8 ALL", b"SORT (SUBJECT REVERSE DATE) UTF-8 ALL", b"SORT (DISPLAYFROM) UTF-8 ALL",
                          b"THREAD ORDEREDSUBJECT UTF-8 ALL", b"THREAD REFERENCES UTF-8 ALL", b"THREAD REFS UTF-8 ALL"):
                first, found = search(client, words, b"")
                times = [search(client, words, b"")[0] for _ in range(options.repeat)]
                print(f"{words.decode():38} first {first:8.1f} ms, then median {statistics.median(times):7.1f} ms, most {max(times):7.1f}, {found} told")
            print(f"memory {idle / 2**20:.0f} MiB before the first search, {memory(server.roots) / 2**20:.0f} MiB after")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
