#!/usr/bin/env python3
"""Durable SMTP deliveries per second and server CPU per message, Mailpod beside Postfix + Dovecot in one run.

    tests/bench/delivery.py [--messages 2000] [--connections 1 10 50] [--sizes 4096 102400] [--rounds 3] [--peers DIR] [--examined]

The load is Postfix's own `smtp-source`, one process a connection, each to one of ten members. The rounds are interleaved, so that a noisy
machine is noisy for all. With --examined Mailpod finds out where each message comes from (SPF, DMARC, reverse name, a list of
addresses), by a DNS of the test's, as it does for mail from outside; Postfix does none of it. CPU is what the servers' processes used (user and system), the load generator's not counted.
"""
import argparse
import pathlib
import subprocess
import sys

from servers import HOST, Work, add_options, servers

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
import names  # noqa: E402


def text_record(text):
    return [bytes([len(text)]) + text.encode()]


def names_of_the_load():
    """What DNS has of smtp-source's sender; remembered, as it would be."""
    known = names.Names(ttl=3600)
    known.records["example.org", names.TXT] = text_record("v=spf1 ip4:127.0.0.0/8 include:more.example.org -all")
    known.records["more.example.org", names.TXT] = text_record("v=spf1 ip4:192.0.2.0/24 -all")
    known.records["_dmarc.example.org", names.TXT] = text_record("v=DMARC1; p=reject")
    known.records["1.0.0.127.list.test", names.A] = [bytes([127, 255, 255, 255])]  # counts for nothing
    return known


def deliver(server, messages, connections, size, before):
    each = max(1, messages // connections)
    load = [subprocess.Popen(["smtp-source", "-s", "1", "-d", "-m", str(each), "-l", str(size), "-f", "sender@example.org",
                              "-t", f"u{1 + n % 10}@{server.domain}", f"{HOST}:{server.smtp_port}"])
            for n in range(connections)]
    if any(process.wait() for process in load):
        raise SystemExit(f"{server.name}: smtp-source failed")
    server.wait_until_stored(before + each * connections)
    return each * connections


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000, help="a round, of 4 KiB; larger ones are fewer")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--sizes", type=int, nargs="+", default=[4096, 102400])
    parser.add_argument("--examined", action="store_true", help="Mailpod examines what comes")
    add_options(parser)
    options = parser.parse_args()

    with servers(options) as started:
        stored = 0
        if options.examined:
            started[0].examine(names_of_the_load())
        for size in options.sizes:
            for connections in options.connections:
                messages = max(100, options.messages * 4096 // max(size, 4096) * (4 if size > 4096 else 1))
                if connections == 1:
                    messages = max(100, messages // 4)
                work = Work("messages")
                for _ in range(options.rounds):
                    for server in started:
                        work.measure(server, lambda: deliver(server, messages, connections, size, stored))
                    stored += max(1, messages // connections) * connections
                work.report(f"delivery, {connections} connections, {size} octets, {messages} messages a round")


if __name__ == "__main__":
    main()
