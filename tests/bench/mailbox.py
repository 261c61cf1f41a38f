#!/usr/bin/env python3
"""What mail programs do all day, per second and with its server CPU, Mailpod beside Dovecot in one run.

    tests/bench/mailbox.py [--small 10000] [--large 100000] [--seconds 5] [--rounds 3] [--peers DIR]

SELECT of both mailboxes, fresh (a connection's first) and again; FETCH FLAGS of the large one; ENVELOPE of 2,000 messages, the first time and
again; STORE by four connections; MOVE there and back; and twenty members at once, each reading, flagging, searching, appending and
moving as it comes. The mailboxes are filled by APPEND and COPY, so a server may keep equal messages once. All on the TLS port.
"""
import argparse
import random
import threading
import time

from imap import Client, message
from servers import Work, add_options, servers

ENVELOPES = 2000
CLIENTS = 20
WORKING_SET = 200  # messages of each of the twenty


def fill(client, mailbox, count, originals):
    """`count` messages, all but `originals` of them copies."""
    client.command(b"CREATE " + mailbox)
    octets = message(2048)
    for _ in range(originals):
        client.command(b"APPEND " + mailbox, octets)
    client.command(b"SELECT " + mailbox)
    there = originals
    while there < count:
        more = min(there, count - there)
        client.command(b"COPY 1:%d %s" % (more, mailbox))
        there += more


def for_a_while(seconds, piece):
    """How many pieces were done."""
    end, pieces = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        pieces += piece(pieces)
    return pieces


def at_once(clients, work):
    """The sum of what `work(client, number)` answers, each on a thread of its own."""
    done = [0] * len(clients)

    def run(number):
        done[number] = work(clients[number], number)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def select_fresh(server, mailbox, seconds):
    """Only the SELECT counts: what logging in costs is another figure."""
    spent = count = 0
    while spent < seconds / 5 and count < 20:
        fresh = Client(server, 1)
        begun = time.monotonic()
        fresh.command(b"SELECT " + mailbox)
        spent += time.monotonic() - begun
        count += 1
        fresh.socket.close()
    return count, spent


def select_again(client, mailbox, seconds):
    return for_a_while(seconds / 5, lambda _: client.command(b"SELECT " + mailbox) or 1)


def flags(client, mailbox, count):
    client.command(b"SELECT " + mailbox)
    client.command(b"FETCH 1:* FLAGS")
    return count


def envelopes(client, mailbox, first, count):
    client.command(b"SELECT " + mailbox)
    client.command(b"FETCH %d:%d ENVELOPE" % (first, first + count - 1))
    return count


def store(client, seconds):
    return for_a_while(seconds, lambda n: client.command(
        b"STORE %d %sFLAGS.SILENT (\\Flagged)" % (1 + n // 2 % WORKING_SET, b"-" if n % 2 else b"+")) or 1)


def move(client, seconds):
    """There and back, so that the mailbox stays as it is."""
    def piece(n):
        here, there = (b"day", b"other") if n // 50 % 2 == 0 else (b"other", b"day")
        if n % 50 == 0:
            client.command(b"SELECT " + here)
        client.command(b"MOVE 1 " + there)
        return 1
    return for_a_while(seconds, piece)


def mixed(client, number, seconds):
    choose = random.Random(number)
    octets = message(4096)
    client.command(b"SELECT day")

    def piece(_):
        what, one = choose.random(), 1 + choose.randrange(WORKING_SET)
        if what < 0.35:
            client.command(b"FETCH %d (FLAGS BODY.PEEK[])" % one)
        elif what < 0.55:
            client.command(b"FETCH %d:%d (UID FLAGS ENVELOPE)" % (max(1, one - 20), one))
        elif what < 0.75:
            client.command(b"STORE %d %sFLAGS (\\Seen)" % (one, choose.choice([b"+", b"-"])))
        elif what < 0.85:
            client.command(b"SEARCH UNSEEN")
        elif what < 0.90:
            client.command(b"APPEND other", octets)
        elif what < 0.95:
            client.command(b"COPY %d other" % one)
        else:
            client.command(b"STATUS other (MESSAGES UNSEEN)")
        return 1
    return for_a_while(seconds, piece)


class Spent(Work):
    """As Work, where only a part of the time is what is measured."""

    def measure(self, server, run):
        count, spent = run()
        self.figures.setdefault(server.name, []).append((count / spent, 0))


def compare(started, rounds, unit, title, run, work=Work):
    """`run(server)` is a piece of work, done by each server in turn."""
    figures = work(unit)
    for _ in range(rounds):
        for server in started:
            figures.measure(server, lambda: run(server))
    figures.report(title)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5, help="of each piece of work without an end of its own")
    add_options(parser)
    options = parser.parse_args()
    seconds, rounds = options.seconds, options.rounds
    few = min(ENVELOPES, options.large // 2)

    with servers(options, CLIENTS) as started:
        first = {server.name: Client(server, 1) for server in started}
        for server in started:
            fill(first[server.name], b"small", options.small, 100)
            fill(first[server.name], b"large", options.large, 1000)
            for number in range(CLIENTS):
                client = Client(server, 1 + number)
                fill(client, b"day", WORKING_SET, 20)
                client.command(b"CREATE other")
                client.socket.close()
        for mailbox, count in ((b"small", options.small), (b"large", options.large)):
            compare(started, rounds, "SELECTs", f"SELECT of {count} messages, fresh",
                    lambda server: select_fresh(server, mailbox, seconds), Spent)
            compare(started, rounds, "SELECTs", f"SELECT of {count} messages, again",
                    lambda server: select_again(first[server.name], mailbox, seconds))
        compare(started, rounds, "messages", f"FETCH FLAGS of {options.large}",
                lambda server: flags(first[server.name], b"large", options.large))
        compare(started, 1, "messages", f"ENVELOPE of {few}, the first time",
                lambda server: envelopes(first[server.name], b"large", 1 + options.large // 2, few))
        compare(started, rounds, "messages", f"ENVELOPE of {few}, again",
                lambda server: envelopes(first[server.name], b"large", 1 + options.large // 2, few))
        four = {server.name: [Client(server, 1 + number) for number in range(4)] for server in started}
        for clients in four.values():
            for client in clients:
                client.command(b"SELECT day")
        compare(started, rounds, "STOREs", "STORE by four connections",
                lambda server: at_once(four[server.name], lambda client, _: store(client, seconds)))
        compare(started, rounds, "MOVEs", "MOVE by one connection",
                lambda server: move(four[server.name][0], seconds))
        twenty = {server.name: [Client(server, 1 + number) for number in range(CLIENTS)] for server in started}
        compare(started, rounds, "commands", f"Mixed work of {CLIENTS} members",
                lambda server: at_once(twenty[server.name], lambda client, number: mixed(client, number, seconds)))


if __name__ == "__main__":
    main()
