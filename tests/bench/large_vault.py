#!/usr/bin/env python3
"""A member's mailbox at size: after a month away, opened warm and cold, a million messages, many sessions, what it takes on disk.

    tests/bench/large_vault.py [--away 20000] [--messages 100000] [--million 1000000] [--sessions 5] [--size 4096] [--rounds 5]

The mail comes by SMTP; the million by COPY within the vault, which shares files and records as every COPY does. "Cold" empties the kernel's
caches first (root). LOGIN to SELECT's OK is what an opening takes: the vault is closed before, and an app password costs next to nothing.
Memory is what the daemon's own pages grow by (PSS).
"""
import argparse
import contextlib
import os
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from imap import Client
from servers import HOST, MAILPOD, Mailpod, memory

LINGER = 1  # seconds that a vault stays open after its last session


def fill(server, messages, size):
    """Messages for u1, by ten connections at a time, none of which wants more than a server gives one; how many a second."""
    started, waiting, load = time.monotonic(), messages, []
    while waiting or load:
        while waiting and len(load) < 10:
            some = min(500, waiting)
            waiting -= some
            load.append(subprocess.Popen(["smtp-source", "-s", "1", "-d", "-m", str(some), "-l", str(size), "-f", "sender@example.org",
                                          "-t", f"u1@{server.domain}", f"{HOST}:{server.smtp_port}"]))
        if load.pop(0).wait():
            raise SystemExit("smtp-source failed")
    return messages / (time.monotonic() - started)


class Session(Client):
    def select(self):
        """EXISTS as SELECT told it, and milliseconds."""
        started = time.monotonic()
        self.send(b"SELECT INBOX\r\n")
        exists = self.until_done()
        return exists, (time.monotonic() - started) * 1000

    def until_done(self):
        """The last EXISTS before the tagged OK."""
        exists, done = None, b"a%d " % self.tag
        while True:
            line = self.line()
            if found := re.fullmatch(rb"\* (\d+) EXISTS", line):
                exists = int(found.group(1))
            if line.startswith(done):
                if not line.startswith(done + b"OK"):
                    raise SystemExit(line.decode(errors="replace"))
                return exists

    def size_of_first(self):
        self.send(b"FETCH 1 RFC822.SIZE\r\n")
        size = int(re.search(rb"RFC822.SIZE (\d+)", self.line()).group(1))
        self.line()
        return size

    def noop(self):
        self.send(b"NOOP\r\n")
        return self.until_done()

    def leave(self):
        self.command(b"LOGOUT")
        self.socket.close()


def closed(server):
    """Waits until no vault is open: the daemon holds no journal of a member's, and has cleared what it held in memory."""
    def is_open():
        for process in server.roots:
            for descriptor in Path(f"/proc/{process}/fd").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if "/members/" in os.readlink(descriptor):
                        return True
        return False
    while is_open():
        time.sleep(0.1)
    time.sleep(0.2)  # and gives memory back


def opening(server, rounds, prepare=lambda: None):
    """Milliseconds from LOGIN to SELECT's OK, medians; sessions connect beforehand."""
    times, exists = [], None
    for _ in range(rounds):
        closed(server)
        prepare()
        session = Session.connected(server)
        started = time.monotonic()
        session.login(server, 1)
        exists, _ = session.select()
        times.append((time.monotonic() - started) * 1000)
        session.leave()
    return exists, statistics.median(times)


def drop_caches():
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3")


def octets_below(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--away", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--million", type=int, default=1_000_000)
    parser.add_argument("--sessions", type=int, default=5)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port-base", type=int, default=23000)
    options = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("only root can empty the kernel's caches")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Mailpod(folder, options.port_base, 1)
        try:
            measure(server, options)
        finally:
            server.stop()


def measure(server, options):
    path = server.folder / "pod/mailpod.toml"
    path.write_text(re.sub(r"(?m)^linger_seconds = \d+", f"linger_seconds = {LINGER}", path.read_text()))
    subprocess.run([MAILPOD, "--pod", server.folder / "pod", "reload"], check=True, stdout=subprocess.DEVNULL)

    server.allow(1, 1 + 2 * max(options.million, options.messages) * options.size // 2**20)
    print(f"{options.away} messages for a member who is away: {fill(server, options.away, options.size):.0f}/s", flush=True)
    session = Session.connected(server)
    started = time.monotonic()
    session.login(server, 1)
    logged_in = (time.monotonic() - started) * 1000
    exists, selected = session.select()
    slowest = 0
    while exists is None or exists < options.away:
        asked = time.monotonic()
        exists = session.noop() or exists
        slowest = max(slowest, (time.monotonic() - asked) * 1000)
        time.sleep(0.02)
    print(f"  LOGIN {logged_in:.0f} ms, SELECT {selected:.0f} ms; all are there after {time.monotonic() - started:.1f} s; "
          f"slowest NOOP meanwhile {slowest:.0f} ms", flush=True)
    session.leave()

    print(f"to {options.messages}: {fill(server, options.messages - options.away, options.size):.0f}/s", flush=True)
    member = max((server.folder / "pod/members").iterdir(), key=octets_below)
    settle(server, options.messages)
    report(server, options, f"{options.messages} messages")
    sealed, journal = octets_below(member / "Maildir"), octets_below(member / "log")
    session = Session(server, 1)
    session.select()
    mail = options.messages * session.size_of_first()
    session.leave()
    each = (sealed + journal - mail) / options.messages
    print(f"  on disk: {sealed + journal:,} octets for {mail:,} of mail: {each:.0f} octets a message more; journal {journal:,}", flush=True)

    session = Session(server, 1)
    session.select()
    total = options.messages
    started = time.monotonic()
    while total < options.million:
        some = min(options.messages, options.million - total)
        session.command(b"COPY 1:%d INBOX" % some)
        total += some
    print(f"to {total} by COPY: {time.monotonic() - started:.1f} s", flush=True)
    session.leave()
    report(server, options, f"{total} messages")


def settle(server, expected):
    """Everything is merged."""
    session = Session(server, 1)
    exists, _ = session.select()
    while exists is None or exists < expected:
        time.sleep(0.1)
        exists = session.noop() or exists
    session.leave()


def report(server, options, title):
    closed(server)
    before = memory(server.roots)
    exists, warm = opening(server, options.rounds)
    _, cold = opening(server, options.rounds, drop_caches)
    print(f"{title}: {exists} there; LOGIN to SELECT's OK {warm:.1f} ms warm, {cold:.1f} ms cold", flush=True)
    sizes, sessions = [memory(server.roots)], []
    for _ in range(options.sessions):
        sessions.append(Session(server, 1))
        sessions[-1].select()
        sizes.append(memory(server.roots))
    first, others = sizes[1] - sizes[0], (sizes[-1] - sizes[1]) / max(1, options.sessions - 1)
    print(f"  memory: closed {before / 1e6:.1f} MB; first session {first / 1e6:.1f} MB more, each further one {others / 1e6:.2f} MB", flush=True)
    asked = time.monotonic()
    sessions[0].command(b"UID FETCH 1:* (UID FLAGS)")
    print(f"  UID FETCH 1:* (UID FLAGS): {(time.monotonic() - asked) * 1000:.0f} ms", flush=True)
    for session in sessions:
        session.leave()
    closed(server)
    print(f"  memory: closed again {memory(server.roots) / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
